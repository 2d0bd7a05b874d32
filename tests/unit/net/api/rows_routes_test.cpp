#include <cmath>

#include "api_world.hpp"
#include "net/api/known_indicators.hpp"

namespace tickcast::tests {
namespace {

class trades_route_test : public api_world {
protected:
  trades_route_test() : from(feed("f")) {}
  static std::vector<int> ids(const json& answer) {
    std::vector<int> result;
    for (const auto& each : answer["trades"]) result.push_back(each["id"]);
    return result;
  }
  actors::feed_port& from;
};

TEST_F(trades_route_test, joins_stored_trades_to_those_just_made) {
  for (std::int64_t second = 1; second <= 3; ++second)
    past.all_trades["A"].push_back(make_trade(second, "10", "1", static_cast<std::uint64_t>(second)));
  trade(from, "A", 3, "10", "1", 3);
  trade(from, "A", 4, "11.5", "2", 4);
  const auto got = data("/api/v1/trades?symbol=A");
  EXPECT_EQ(ids(got), (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(got["trades"][3],
            json({{"time", 4'000'000}, {"price", 11.5}, {"size", 2}, {"side", "buy"}, {"id", 4}}));
  EXPECT_EQ(got["seq"], 2);
}

TEST_F(trades_route_test, pages_by_time) {
  for (std::int64_t second = 1; second <= 5; ++second)
    past.all_trades["A"].push_back(make_trade(second, "10", "1", static_cast<std::uint64_t>(second)));
  const auto newest = data("/api/v1/trades?symbol=A&limit=2");
  EXPECT_EQ(ids(newest), (std::vector<int>{4, 5}));
  const auto before = data("/api/v1/trades?symbol=A&limit=2&to=" + newest["previous"].dump());
  EXPECT_EQ(ids(before), (std::vector<int>{2, 3}));
  EXPECT_EQ(before["next"], 4'000'000);
  const auto forward = data("/api/v1/trades?symbol=A&limit=2&from=1970-01-01T00:00:02Z");
  EXPECT_EQ(ids(forward), (std::vector<int>{2, 3}));
  EXPECT_EQ(forward["next"], 4'000'000);
}

TEST_F(trades_route_test, an_unknown_symbol_is_404) {
  EXPECT_EQ(get("/api/v1/trades?symbol=NOBODY").status(), 404u);
}

TEST(known_indicators_test, computes_calls_with_a_column_for_each_output) {
  std::vector<protocol::bar> bars;
  for (int k = 0; k < 40; ++k) {
    auto& bar = bars.emplace_back();
    bar.time_ns = k * 60'000'000'000;
    bar.open = bar.high = bar.low = bar.close = protocol::decimal::from_integer(k);
    bar.volume = protocol::decimal::from_integer(1);
  }
  const net::api::known_indicators known;
  const auto columns = known.compute("sma(3),macd(12,26,9)", bars, {}).value();
  std::vector<std::string> names;
  for (const auto& each : columns) names.push_back(each.name);
  EXPECT_EQ(names[0], "sma(3)");
  EXPECT_EQ(names[1], "macd(12,26,9).macd");
  EXPECT_TRUE(std::isnan(columns[0].values[1]));
  EXPECT_EQ(columns[0].values[2], 1.0);
  EXPECT_EQ(columns[0].values.size(), 40u);
  EXPECT_NE(known.compute("smaa(3)", bars, {}).error().message.find("smaa"), std::string::npos);
  EXPECT_FALSE(known.compute("", bars, {}));
}

class instruments_route_test : public api_world {
protected:
  std::vector<std::string> symbols(const std::string& query) {
    std::vector<std::string> result;
    const auto told = data("/api/v1/instruments" + query);
    for (const auto& each : told["instruments"]) result.push_back(each["symbol"]);
    return result;
  }
};

TEST_F(instruments_route_test, symbols_that_were_met_or_stored_are_round_the_clock_in_utc) {
  trade(feed("f"), "LIVE", 1, "1");
  keep_bars("OLD", "1d", 86400, 0, 1);
  EXPECT_EQ(symbols(""), (std::vector<std::string>{"LIVE", "OLD"}));
  EXPECT_EQ(data("/api/v1/instruments/OLD"), json({{"symbol", "OLD"},
                                                   {"description", "OLD"},
                                                   {"type", "undefined"},
                                                   {"exchange", ""},
                                                   {"time_zone", "Etc/UTC"},
                                                   {"session", "24x7"},
                                                   {"holidays", ""},
                                                   {"corrections", ""},
                                                   {"price_digits", nullptr},
                                                   {"size_digits", nullptr},
                                                   {"tick", nullptr}}));
  EXPECT_EQ(get("/api/v1/instruments/NOBODY").status(), 404u);
  EXPECT_EQ(get("/api/v1/instruments/").status(), 400u);
}

TEST_F(instruments_route_test, a_list_is_filtered_and_comes_in_pages) {
  instruments.entries.resize(3);
  instruments.entries[0] = {.symbol = "AA", .description = "Alcoa", .type = "stock", .exchange = "NYSE"};
  instruments.entries[1] = {.symbol = "BA", .description = "Boeing", .type = "stock", .exchange = "NYSE"};
  instruments.entries[2] = {.symbol = "BTCUSDT", .type = "crypto", .exchange = "BINANCE"};
  EXPECT_EQ(symbols("?filter=boe"), std::vector<std::string>{"BA"});
  EXPECT_EQ(symbols("?filter=B"), (std::vector<std::string>{"BA", "BTCUSDT"}));
  EXPECT_EQ(symbols("?type=stock&filter=A"), (std::vector<std::string>{"AA", "BA"}));
  EXPECT_EQ(symbols("?exchange=BINANCE"), std::vector<std::string>{"BTCUSDT"});
  const auto first = data("/api/v1/instruments?limit=2");
  EXPECT_EQ(first["next"], "BA");
  EXPECT_EQ(symbols("?limit=2&after=BA"), std::vector<std::string>{"BTCUSDT"});
  EXPECT_EQ(data("/api/v1/instruments?limit=2&after=BA")["next"], nullptr);
}

}  // namespace
}  // namespace tickcast::tests
