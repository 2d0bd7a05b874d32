#include "api_world.hpp"

namespace tickcast::tests {
namespace {

class udf_routes_test : public api_world {
protected:
  udf_routes_test() : from(feed("f")) {}
  actors::feed_port& from;
};

TEST_F(udf_routes_test, the_configuration_has_search_or_groups_but_not_both) {
  const auto got = data("/udf/config");
  EXPECT_NE(got["supports_search"], got["supports_group_request"]);
  EXPECT_EQ(got["supports_time"], true);
  EXPECT_EQ(got["supported_resolutions"],
            json({"1S", "5S", "1", "5", "15", "30", "60", "240", "1D", "1W", "1M"}));
  EXPECT_EQ(got["exchanges"][0]["value"], "");
}

TEST_F(udf_routes_test, the_time_is_plain_text_in_seconds) {
  const auto got = get("/udf/time");
  EXPECT_EQ(got.content->content_type, "text/plain");
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  EXPECT_NEAR(std::stod(got.body()), std::chrono::duration<double>(now).count(), 5);
}

TEST_F(udf_routes_test, a_symbol_is_described_by_what_is_known_of_it) {
  trade(from, "A", 1, "10.125", "0.5");
  trade(from, "A", 2, "11");
  keep_bars("A", "1d", 86400, 0, 2);
  const auto got = data("/udf/symbols?symbol=A");
  EXPECT_EQ(got["name"], "A");
  EXPECT_EQ(got["ticker"], "A");
  EXPECT_EQ(got["session"], "24x7");
  EXPECT_EQ(got["timezone"], "Etc/UTC");
  EXPECT_EQ(got["minmov"], 1);
  EXPECT_EQ(got["pricescale"], 1000) << "three places, as its prices have";
  EXPECT_EQ(got["volume_precision"], 1);
  EXPECT_EQ(got["has_intraday"], true);
  EXPECT_EQ(got["has_daily"], true) << "stored";
  EXPECT_EQ(got["has_seconds"], true);
  EXPECT_EQ(got["seconds_multipliers"], json({"1"}));
  EXPECT_EQ(got["intraday_multipliers"], json({"1"}));
  EXPECT_EQ(got["has_weekly_and_monthly"], false);
  EXPECT_EQ(got["has_empty_bars"], false);
  EXPECT_EQ(got["supported_resolutions"], json({"1S", "1", "1D"}));
  EXPECT_EQ(got["data_status"], "streaming");
  EXPECT_FALSE(got.contains("session_holidays"));
}

TEST_F(udf_routes_test, reference_data_outranks_what_was_seen) {
  trade(from, "AA", 1, "10.125");
  instruments.entries = {{.symbol = "AA",
                          .description = "Alcoa",
                          .type = "stock",
                          .exchange = "NYSE",
                          .time_zone = "America/New_York",
                          .session = "0930-1600",
                          .holidays = "20181105,20181107",
                          .corrections = "1000-1400:20181114",
                          .price_digits = 2}};
  const auto got = data("/udf/symbols?symbol=NYSE:AA");
  EXPECT_EQ(got["name"], "AA");
  EXPECT_EQ(got["pricescale"], 100);
  EXPECT_EQ(got["type"], "stock");
  EXPECT_EQ(got["exchange"], "NYSE");
  EXPECT_EQ(got["listed_exchange"], "NYSE");
  EXPECT_EQ(got["session_holidays"], "20181105,20181107");
  EXPECT_EQ(got["corrections"], "1000-1400:20181114");
}

TEST_F(udf_routes_test, a_step_of_more_than_one_is_told_in_the_last_place) {
  instruments.entries = {{.symbol = "ES", .size_digits = 0, .tick = "0.25"_d}};
  const auto got = data("/udf/symbols?symbol=ES");
  EXPECT_EQ(got["pricescale"], 100);
  EXPECT_EQ(got["minmov"], 25);
}

TEST_F(udf_routes_test, an_unknown_symbol_is_an_error_with_200) {
  const auto got = get("/udf/symbols?symbol=NOBODY");
  EXPECT_EQ(got.status(), 200u);
  EXPECT_EQ(got.data(), json({{"s", "error"}, {"errmsg", "unknown_symbol"}}));
}

TEST_F(udf_routes_test, search_finds_the_nearest_first) {
  instruments.entries = {{.symbol = "AA", .description = "Alcoa", .type = "stock", .exchange = "NYSE"},
                         {.symbol = "AAPL", .description = "Apple", .type = "stock", .exchange = "NASDAQ"},
                         {.symbol = "BAA", .description = "Banro", .type = "stock", .exchange = "NYSE"},
                         {.symbol = "X", .description = "baaa", .type = "crypto"}};
  const auto got = data("/udf/search?query=aa&type=&exchange=&limit=10");
  ASSERT_EQ(got.size(), 4u);
  EXPECT_EQ(got[0], json({{"symbol", "AA"},
                          {"full_name", "NYSE:AA"},
                          {"description", "Alcoa"},
                          {"exchange", "NYSE"},
                          {"ticker", "AA"},
                          {"type", "stock"}}));
  EXPECT_EQ(got[1]["symbol"], "AAPL");
  EXPECT_EQ(got[2]["symbol"], "BAA");
  EXPECT_EQ(got[3]["symbol"], "X");
  EXPECT_EQ(data("/udf/search?query=AA&exchange=NYSE&limit=1").size(), 1u);
  EXPECT_EQ(data("/udf/search?query=&type=crypto&limit=10")[0]["symbol"], "X");
  EXPECT_EQ(data("/udf/search?query=nothing"), json::array());
}

TEST_F(udf_routes_test, a_group_is_a_table_and_an_unknown_one_404) {
  instruments.entries = {{.symbol = "AA", .description = "Alcoa", .exchange = "NYSE", .price_digits = 2},
                         {.symbol = "BA", .description = "Boeing", .exchange = "NYSE", .price_digits = 0},
                         {.symbol = "X", .exchange = "LSE"}};
  const auto got = data("/udf/symbol_info?group=NYSE");
  EXPECT_EQ(got["symbol"], json({"AA", "BA"}));
  EXPECT_EQ(got["description"], json({"Alcoa", "Boeing"}));
  EXPECT_EQ(got["pricescale"], json({100, 1}));
  EXPECT_EQ(got["exchange-listed"], "NYSE");
  EXPECT_EQ(get("/udf/symbol_info?group=MOON").status(), 404u);
}

TEST_F(udf_routes_test, quotes_name_each_symbol_as_it_was_asked_for) {
  constexpr std::int64_t day = 86400;
  trade(from, "A", 1, "100");
  trade(from, "A", day + 1, "110", "2");
  trade(from, "A", day + 2, "105", "1");
  protocol::quote best;
  best.bid = "104.5"_d;
  best.ask = "105.25"_d;
  best.bid_size = best.ask_size = "1"_d;
  from.on_quote("A", std::move(best), {});
  from.flush();
  settle();
  instruments.entries = {{.symbol = "A", .description = "Aah", .exchange = "NYSE"}};
  const auto got = data("/udf/quotes?symbols=NYSE:A,NOBODY");
  EXPECT_EQ(got["s"], "ok");
  ASSERT_EQ(got["d"].size(), 2u);
  EXPECT_EQ(got["d"][0], json({{"s", "ok"},
                               {"n", "NYSE:A"},
                               {"v",
                                {{"ch", 5},
                                 {"chp", 5},
                                 {"short_name", "A"},
                                 {"exchange", "NYSE"},
                                 {"description", "Aah"},
                                 {"lp", 105},
                                 {"ask", 105.25},
                                 {"bid", 104.5},
                                 {"spread", 0.75},
                                 {"open_price", 110},
                                 {"high_price", 110},
                                 {"low_price", 105},
                                 {"prev_close_price", 100},
                                 {"volume", 3}}}}));
  EXPECT_EQ(got["d"][1]["s"], "error");
  EXPECT_EQ(got["d"][1]["n"], "NOBODY");
  EXPECT_EQ(data("/udf/quotes?symbols=")["s"], "error");
}

TEST_F(udf_routes_test, marks_are_empty_in_the_form_that_charts_expect) {
  const auto marks = data("/udf/marks?symbol=A&from=0&to=1&resolution=1");
  for (const auto* key : {"id", "time", "color", "text", "label", "labelFontColor", "minSize"})
    EXPECT_EQ(marks[key], json::array()) << key;
  EXPECT_EQ(data("/udf/timescale_marks?symbol=A&from=0&to=1&resolution=1"), json::array());
}

}  // namespace
}  // namespace tickcast::tests
