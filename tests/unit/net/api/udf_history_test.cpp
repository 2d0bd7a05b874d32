#include <set>

#include "api_world.hpp"
#include "net/udf/trading_day.hpp"

namespace tickcast::tests {
namespace {

/// Each trap of the protocol has a test of its own.
class udf_history_test : public api_world {
protected:
  udf_history_test() { keep_bars("A", "1m", 60, 10, 20); }  // t = 600 … 1140
  json ask(const std::string& query) { return data("/udf/history?symbol=A&resolution=1&" + query); }
  static json minutes(std::int64_t first, std::int64_t end) {
    auto result = json::array();
    for (auto k = first; k < end; ++k) result.push_back(k * 60);
    return result;
  }
};

TEST_F(udf_history_test, answers_columns_of_numbers_in_seconds) {
  const auto got = ask("from=600&to=720");
  EXPECT_EQ(got, json({{"s", "ok"},
                       {"t", {600, 660}},
                       {"o", {10, 11}},
                       {"h", {10.5, 11.5}},
                       {"l", {10, 11}},
                       {"c", {10.5, 11.5}},
                       {"v", {1, 1}}}));
}

TEST_F(udf_history_test, to_is_exclusive_and_from_inclusive) {
  EXPECT_EQ(ask("from=660&to=780")["t"], minutes(11, 13));
  EXPECT_EQ(ask("from=661&to=781")["t"], minutes(12, 14));
}

TEST_F(udf_history_test, countback_outranks_from) {
  EXPECT_EQ(ask("from=1080&to=1140&countback=4")["t"], minutes(15, 19)) << "more than from … to holds";
  EXPECT_EQ(ask("from=0&to=1140&countback=2")["t"], minutes(17, 19)) << "less than from … to holds";
  EXPECT_EQ(ask("to=1140&countback=2")["t"], minutes(17, 19)) << "without from";
}

TEST_F(udf_history_test, countback_beyond_the_beginning_gives_what_there_is) {
  EXPECT_EQ(ask("from=600&to=780&countback=500")["t"], minutes(10, 13));
}

TEST_F(udf_history_test, countback_reaches_over_a_hole) {
  auto& bars = past.all_bars[{"1m", "A"}];
  bars.erase(bars.begin() + 3, bars.begin() + 7);  // a holiday: 13 … 16
  EXPECT_EQ(ask("from=960&to=1080&countback=3")["t"], json({11 * 60, 12 * 60, 17 * 60}));
}

TEST_F(udf_history_test, an_empty_range_names_the_nearest_earlier_bar_in_seconds) {
  EXPECT_EQ(ask("from=5000&to=6000"), json({{"s", "no_data"}, {"nextTime", 1140}}));
}

TEST_F(udf_history_test, at_the_very_start_there_is_plain_no_data) {
  EXPECT_EQ(ask("from=0&to=600"), json({{"s", "no_data"}}));
  EXPECT_EQ(ask("from=0&to=600&countback=300"), json({{"s", "no_data"}}));
}

TEST_F(udf_history_test, errors_come_with_200) {
  for (const auto& [query, part] : std::vector<std::pair<std::string, std::string>>{
           {"symbol=NOBODY&resolution=1&from=0&to=1", "unknown_symbol"},
           {"resolution=1&from=0&to=1", "unknown_symbol"},
           {"symbol=A&resolution=7&from=0&to=1", "resolution"},
           {"symbol=A&resolution=1&from=0", "to is missing"},
           {"symbol=A&resolution=1&to=5", "from is missing"},
           {"symbol=A&resolution=1&from=x&to=5", "from is missing"}}) {
    const auto got = get("/udf/history?" + query);
    EXPECT_EQ(got.status(), 200u) << query;
    EXPECT_EQ(got.data()["s"], "error");
    EXPECT_NE(got.data()["errmsg"].get<std::string>().find(part), std::string::npos) << got.body();
  }
  past.broken = true;
  const auto got = get("/udf/history?symbol=A&resolution=1&from=0&to=5");
  EXPECT_EQ(got.status(), 200u);
  EXPECT_EQ(got.data()["errmsg"], "the disk is gone");
}

TEST_F(udf_history_test, times_ascend_and_are_unique) {
  const auto t = ask("from=0&to=100000")["t"].get<std::vector<std::int64_t>>();
  EXPECT_TRUE(std::is_sorted(t.begin(), t.end()));
  EXPECT_EQ(std::set<std::int64_t>(t.begin(), t.end()).size(), t.size());
}

TEST_F(udf_history_test, the_forming_bar_is_the_last) {
  auto& from = feed("f");
  trade(from, "A", 1200, "7");
  trade(from, "A", 1201, "8");
  const auto got = ask("from=1140&to=2000");
  EXPECT_EQ(got["t"], json({1140, 1200}));
  EXPECT_EQ(got["c"], json({19.5, 8}));
}

TEST_F(udf_history_test, a_symbol_may_be_asked_for_behind_its_exchange) {
  instruments.entries.push_back({.symbol = "A", .exchange = "NYSE"});
  EXPECT_EQ(data("/udf/history?symbol=NYSE:A&resolution=1&from=600&to=660")["s"], "ok");
  EXPECT_EQ(data("/udf/history?symbol=LSE:A&resolution=1&from=600&to=660")["s"], "error")
      << "listed elsewhere";
}

TEST_F(udf_history_test, parameters_it_does_not_know_are_let_pass) {
  EXPECT_EQ(ask("from=600&to=660&currencyCode=USD&firstDataRequest=true")["s"], "ok");
}

class udf_daily_test : public api_world {
protected:
  static constexpr std::int64_t day = 86400;
  /// A daily bar that begins at this second.
  void keep_daily(std::int64_t second, const std::string& interval = "1d") {
    protocol::bar bar;
    bar.time_ns = second * 1'000'000'000;
    bar.close = protocol::decimal::from_integer(second);
    bar.closed = true;
    past.all_bars[{interval, "F"}].push_back(bar);
  }
  void trades_in(const std::string& zone, const std::string& session) {
    const auto hours = protocol::parse_trading_hours(session).value();
    instruments.entries = {
        {.symbol = "F",
         .time_zone = zone,
         .session = session,
         .calendar = std::make_shared<analytics::calendar>(analytics::calendar::make(hours, zone).value())}};
  }
  json ask(const std::string& query) { return data("/udf/history?symbol=F&resolution=1D&" + query); }
};

TEST_F(udf_daily_test, a_daily_bar_is_stamped_00_00_utc_of_its_trading_day) {
  trades_in("America/New_York", "0930-1600");
  keep_daily(1704465000);  // 2024-01-05 14:30 UTC, a winter's opening
  keep_daily(1720186200);  // 2024-07-05 13:30 UTC, a summer's
  EXPECT_EQ(ask("from=0&to=2000000000")["t"], json({1704412800, 1720137600}));
}

TEST_F(udf_daily_test, a_session_over_midnight_belongs_to_the_day_it_ends_on) {
  trades_in("America/Chicago", "1700-1700");
  keep_daily(1704668400);  // Sunday 2024-01-07 23:00 UTC = 17:00 in Chicago
  EXPECT_EQ(ask("from=0&to=2000000000")["t"], json({1704672000})) << "Monday, 2024-01-08";
}

TEST_F(udf_daily_test, the_day_the_clocks_change_has_its_own_stamp_too) {
  trades_in("America/New_York", "1800-1700");
  keep_daily(1709852400);  // Thursday 2024-03-07 23:00 UTC = 18:00 EST
  keep_daily(1710108000);  // Sunday 2024-03-10 22:00 UTC = 18:00 EDT, the clocks having changed that morning
  EXPECT_EQ(ask("from=0&to=2000000000")["t"], json({1709856000, 1710115200})) << "Friday and Monday";
}

TEST_F(udf_daily_test, ranges_are_meant_by_the_stamps) {
  trades_in("America/Chicago", "1700-1700:1234567");
  for (std::int64_t k = 0; k < 10; ++k) keep_daily(1704668400 + k * day);
  const std::int64_t monday = 1704672000;
  const auto between =
      ask("from=" + std::to_string(monday + day) + "&to=" + std::to_string(monday + 3 * day));
  EXPECT_EQ(between["t"], json({monday + day, monday + 2 * day}));
  const auto counted = ask("to=" + std::to_string(monday + 3 * day) + "&countback=2");
  EXPECT_EQ(counted["t"], json({monday + day, monday + 2 * day}));
  EXPECT_EQ(ask("from=0&to=" + std::to_string(monday)), json({{"s", "no_data"}}));
  EXPECT_EQ(ask("from=" + std::to_string(monday + 20 * day) + "&to=" + std::to_string(monday + 21 * day)),
            json({{"s", "no_data"}, {"nextTime", monday + 9 * day}}));
}

TEST_F(udf_daily_test, weeks_and_months_are_stamped_by_their_first_day_too) {
  trades_in("America/New_York", "0930-1600");
  keep_daily(1704205800, "1mo");  // 2024-01-02 14:30 UTC: the year's first trading day
  const auto got = data("/udf/history?symbol=F&resolution=1M&from=0&to=2000000000");
  EXPECT_EQ(got["t"], json({1704153600}));
  EXPECT_EQ(data("/udf/history?symbol=F&resolution=M&from=0&to=2000000000")["t"], got["t"]);
}

TEST(trading_day_test, without_a_calendar_it_is_the_utc_day) {
  EXPECT_EQ(net::udf::trading_day_s({}, 86400LL * 1'000'000'000 + 5), 86400);
  EXPECT_EQ(net::udf::trading_day_s({}, -1), -86400);
}

}  // namespace
}  // namespace tickcast::tests
