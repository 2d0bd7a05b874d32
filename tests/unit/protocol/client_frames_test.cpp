#include <gtest/gtest.h>

#include <limits>

#include "protocol/client_message.hpp"
#include "protocol/indicator_message.hpp"
#include "tests/unit/protocol/wire_samples.hpp"

namespace tickcast::protocol {
namespace {

using json = nlohmann::ordered_json;

decimal d(const char* text) {
  return *decimal::parse(text);
}

trade sample_trade() {
  trade value;
  value.time_ns = 1723075200123456789;
  value.price = d("61234.5");
  value.size = d("0.004");
  value.aggressor = side::buy;
  value.id.is = trade_id::kind::number;
  value.id.number = 3941;
  return value;
}
quote sample_quote() {
  return {1723075200123456789, d("61234.5"), d("1"), d("61234.6"), d("2.5")};
}
bar sample_bar() {
  return {1723075200000000000, d("1.5"), d("3"), d("0.5"), d("2"), d("10.25"), 4, true, d("20.5"), 1};
}
snapshot_head sample_head() {
  return {"trade.BTCUSDT", "k3", 41, {"sim", feed_state::live, true}};
}

/// `frame` as text; the JSON one is checked byte for byte, the MessagePack one must say the same.
class client_frames : public testing::TestWithParam<encoding> {
protected:
  void expect(const frame_ptr& made, std::string_view golden) const {
    if (GetParam() == encoding::json) {
      EXPECT_EQ(made->payload(), golden);
    } else {
      EXPECT_EQ(read_payload(made->payload(), encoding::msgpack), json::parse(golden));
    }
    EXPECT_EQ(static_cast<unsigned char>(made->wire()[0]), GetParam() == encoding::json ? 0x81 : 0x82);
  }
};
INSTANTIATE_TEST_SUITE_P(encodings, client_frames, testing::Values(encoding::json, encoding::msgpack),
                         [](const auto& tested) { return encoding_name(tested.param); });

TEST_P(client_frames, update_of_a_trade) {
  expect(
      encode_update(GetParam(), "trade.BTCUSDT", 42, sample_trade()),
      R"({"type":"update","topic":"trade.BTCUSDT","seq":42,"data":{"time":1723075200123456,"price":61234.5,)"
      R"("size":0.004,"side":"buy","id":3941}})");
}

TEST_P(client_frames, update_leaves_side_and_id_out_when_there_are_none) {
  trade value = sample_trade();
  value.aggressor = side::none;
  value.id = {};
  expect(
      encode_update(GetParam(), "trade.A", 1, value),
      R"({"type":"update","topic":"trade.A","seq":1,"data":{"time":1723075200123456,"price":61234.5,"size":0.004}})");
  value.aggressor = side::sell;
  value.id.is = trade_id::kind::text;
  value.id.text = std::make_shared<const std::string>("a\"b");
  expect(
      encode_update(GetParam(), "trade.A", 1, value),
      R"({"type":"update","topic":"trade.A","seq":1,"data":{"time":1723075200123456,"price":61234.5,"size":0.004,)"
      R"("side":"sell","id":"a\"b"}})");
}

TEST_P(client_frames, update_of_a_trade_that_was_cancelled_or_corrected) {
  trade_amendment value{{trade_id::kind::number, 3941, nullptr}, 1723075200123456789, true, {}, {}};
  expect(encode_update(GetParam(), "trade.A", 5, value, {}),
         R"({"type":"update","topic":"trade.A","seq":5,"data":{"time":1723075200123456,"id":3941,)"
         R"("cancelled":true}})");
  value = {
      {trade_id::kind::text, 0, std::make_shared<const std::string>("x")}, 1000, false, d("2.5"), d("3")};
  day_totals day;
  day.open = day.high = day.low = d("2.5");
  day.volume = d("3");
  day.trades = 1;
  expect(encode_update(GetParam(), "trade.A", 5, value, day),
         R"({"type":"update","topic":"trade.A","seq":5,"data":{"time":1,"id":"x","price":2.5,"size":3,)"
         R"("corrected":true,"day":{"open":2.5,"high":2.5,"low":2.5,"volume":3,"trades":1}}})");
}

TEST_P(client_frames, update_of_a_quote) {
  expect(encode_update(GetParam(), "quote.BTCUSDT", 7, sample_quote()),
         R"({"type":"update","topic":"quote.BTCUSDT","seq":7,"data":{"time":1723075200123456,"bid":61234.5,)"
         R"("bid_size":1,"ask":61234.6,"ask_size":2.5}})");
}

TEST_P(client_frames, update_of_a_bar) {
  expect(
      encode_update(GetParam(), "bar.1m.BTCUSDT", 8, sample_bar()),
      R"({"type":"update","topic":"bar.1m.BTCUSDT","seq":8,"data":{"time":1723075200000000,"open":1.5,"high":3,)"
      R"("low":0.5,"close":2,"volume":10.25,"value":20.5,"vwap":2,"trades":4,"closed":true,"rev":1}})");
}

TEST_P(client_frames, values_of_an_indicator_are_whole_doubles_and_null_where_there_are_none) {
  const std::vector<std::string> names{"macd(3,5,2).macd", "macd(3,5,2).signal"};
  const indicator_point closed{1723075200000000000, true, {0.1 + 0.2, NAN}};
  const indicator_point forming{1723075260000000000, false, {-2.25, 1.5}};
  expect(encode_indicator_update(GetParam(), "indicator.1m.macd(3,5,2).A", 8, names, closed),
         R"({"type":"update","topic":"indicator.1m.macd(3,5,2).A","seq":8,"data":{"time":1723075200000000,)"
         R"("closed":true,"values":{"macd(3,5,2).macd":0.30000000000000004,"macd(3,5,2).signal":null}}})");
  const std::vector<indicator_point> points{closed, forming};
  expect(encode_indicator_snapshot(GetParam(), {"indicator.1m.macd(3,5,2).A", "k3", 8, {}}, names, points),
         R"({"type":"snapshot","topic":"indicator.1m.macd(3,5,2).A","epoch":"k3","seq":8,"data":{"points":[)"
         R"({"time":1723075200000000,"closed":true,"values":{"macd(3,5,2).macd":0.30000000000000004,)"
         R"("macd(3,5,2).signal":null}},{"time":1723075260000000,"closed":false,"values":{)"
         R"("macd(3,5,2).macd":-2.25,"macd(3,5,2).signal":1.5}}]}})");
}

TEST_P(client_frames, bar_whose_value_is_not_known_is_sent_without_it) {
  bar fed = sample_bar();
  fed.value = {};
  fed.rev = 0;
  expect(encode_update(GetParam(), "bar.1m.A", 8, fed),
         R"({"type":"update","topic":"bar.1m.A","seq":8,"data":{"time":1723075200000000,"open":1.5,"high":3,)"
         R"("low":0.5,"close":2,"volume":10.25,"trades":4,"closed":true,"rev":0}})");
  fed.volume = {};
  expect(encode_update(GetParam(), "bar.1m.A", 8, fed),
         R"({"type":"update","topic":"bar.1m.A","seq":8,"data":{"time":1723075200000000,"open":1.5,"high":3,)"
         R"("low":0.5,"close":2,"volume":0,"value":0,"trades":4,"closed":true,"rev":0}})");
}

TEST_P(client_frames, update_of_an_event) {
  expect(encode_event_update(GetParam(), "monitor.cpu", 9, R"({"load":0.25,"cores":[1,2]})"),
         R"({"type":"update","topic":"monitor.cpu","seq":9,"data":{"load":0.25,"cores":[1,2]}})");
}

TEST_P(client_frames, replies) {
  expect(encode_connect_reply(GetParam(), 1, {"c7", "42", {}, 0, 25000, "0.1.0"}),
         R"({"type":"reply","id":1,"data":{"client":"c7","user":"42","ping_ms":25000,"version":"0.1.0"}})");
  expect(encode_connect_reply(GetParam(), 1, {"c7", {}, {}, 0, 25000, "0.1.0"}),
         R"({"type":"reply","id":1,"data":{"client":"c7","ping_ms":25000,"version":"0.1.0"}})");
  expect(
      encode_connect_reply(GetParam(), 1,
                           {.client = "c7",
                            .user = "42",
                            .name = "Ada",
                            .expires_us = 1723075800000000,
                            .ping_ms = 25000,
                            .version = "0.1.0"}),
      R"({"type":"reply","id":1,"data":{"client":"c7","user":"42","name":"Ada","expires":1723075800000000,)"
      R"("ping_ms":25000,"version":"0.1.0"}})");
  expect(encode_refresh_reply(GetParam(), 9, 1723075800000000),
         R"({"type":"reply","id":9,"data":{"expires":1723075800000000}})");
  expect(encode_refresh_reply(GetParam(), 9, 0), R"({"type":"reply","id":9,"data":{}})");
  expect(encode_expiring(GetParam(), 1723075800000000),
         R"({"type":"expiring","data":{"expires":1723075800000000}})");
  const std::array<topic_position, 2> positions{{{"trade.BTCUSDT", "k3", 41}, {"monitor.cpu", "", 0}}};
  expect(encode_subscribe_reply(GetParam(), 2, positions),
         R"({"type":"reply","id":2,"data":{"topics":[{"topic":"trade.BTCUSDT","epoch":"k3","seq":41},)"
         R"({"topic":"monitor.cpu","epoch":"","seq":0}]}})");
  expect(encode_subscribe_reply(GetParam(), 2, {}), R"({"type":"reply","id":2,"data":{"topics":[]}})");
  expect(encode_reply(GetParam(), 9007199254740991), R"({"type":"reply","id":9007199254740991,"data":{}})");
}

TEST_P(client_frames, replies_with_history) {
  const std::string begin =
      R"({"type":"reply","id":5,"data":{"topic":"bar.1m.A","epoch":"k3","seq":41,"more":)";
  const history_head head{{"bar.1m.A", "k3", 41}, true};
  const std::vector<bar> bars{sample_bar()};
  expect(
      encode_history_reply(GetParam(), 5, head, std::span<const bar>(bars)),
      begin +
          R"(true,"bars":[{"time":1723075200000000,"open":1.5,"high":3,"low":0.5,"close":2,"volume":10.25,)"
          R"("value":20.5,"vwap":2,"trades":4,"closed":true,"rev":1}]}})");
  expect(encode_history_reply(GetParam(), 5, {{"bar.1m.A", "k3", 41}, false}, std::span<const bar>{}),
         begin + R"(false,"bars":[]}})");
  expect(encode_history_reply(GetParam(), 5, {{"trade.A", "", 0}, false}, std::span<const trade>{}),
         R"({"type":"reply","id":5,"data":{"topic":"trade.A","epoch":"","seq":0,"more":false,"trades":[]}})");
}

TEST_P(client_frames, errors) {
  expect(encode_error(GetParam(), 7, error_code::permission_denied, "not for you"),
         R"({"type":"error","id":7,"data":{"code":103,"message":"not for you","temporary":false}})");
  expect(encode_error(GetParam(), 0, error_code::too_many_requests, "slower"),
         R"({"type":"error","id":0,"data":{"code":111,"message":"slower","temporary":true}})");
}

TEST_P(client_frames, pings_and_gaps) {
  expect(encode_ping(GetParam()), R"({"type":"ping"})");
  expect(encode_gap(GetParam(), "trade.A", 43, 61, 19),
         R"({"type":"gap","topic":"trade.A","data":{"from":43,"to":61,"lost":19}})");
}

TEST_P(client_frames, snapshot_of_trades) {
  day_totals day;
  day.open = d("60000");
  day.high = d("62000.5");
  day.low = d("59000");
  day.volume = d("12.5");
  day.trades = 2;
  const std::vector<trade> trades{sample_trade(), sample_trade()};
  const std::string one = R"({"time":1723075200123456,"price":61234.5,"size":0.004,"side":"buy","id":3941})";
  const std::string head =
      R"({"type":"snapshot","topic":"trade.BTCUSDT","epoch":"k3","seq":41,"data":{"trades":[)";
  const std::string feed = R"("feed":{"name":"sim","state":"live","simulated":true}}})";
  expect(encode_trade_snapshot(GetParam(), sample_head(), trades, day),
         head + one + "," + one +
             R"(],"day":{"open":60000,"high":62000.5,"low":59000,"volume":12.5,"trades":2},)" + feed);
  day.has_previous_close = true;
  day.previous_close = d("59999.5");
  expect(encode_trade_snapshot(GetParam(), sample_head(), {}, day),
         head + R"(],"day":{"open":60000,"high":62000.5,"low":59000,"volume":12.5,"trades":2,)" +
             R"("previous_close":59999.5},)" + feed);
  expect(encode_trade_snapshot(GetParam(), sample_head(), {}, day_totals{}), head + "]," + feed);
}

TEST_P(client_frames, snapshot_of_a_topic_nobody_has_written_is_empty) {
  const snapshot_head head{"x.y", "", 0, {}};
  const std::string begin = R"({"type":"snapshot","topic":"x.y","epoch":"","seq":0,"data":)";
  expect(encode_trade_snapshot(GetParam(), head, {}, {}), begin + R"({"trades":[]}})");
  expect(encode_quote_snapshot(GetParam(), head, std::nullopt), begin + "{}}");
  expect(encode_bar_snapshot(GetParam(), head, {}), begin + R"({"bars":[]}})");
  expect(encode_event_snapshot(GetParam(), head, ""), begin + "{}}");
}

TEST_P(client_frames, snapshots_of_quotes_bars_and_events) {
  snapshot_head head = sample_head();
  head.feed = {"pull", feed_state::restarting, false};
  const std::string begin = R"({"type":"snapshot","topic":"trade.BTCUSDT","epoch":"k3","seq":41,"data":{)";
  const std::string feed = R"("feed":{"name":"pull","state":"restarting","simulated":false}}})";
  expect(
      encode_quote_snapshot(GetParam(), head, sample_quote()),
      begin + R"("time":1723075200123456,"bid":61234.5,"bid_size":1,"ask":61234.6,"ask_size":2.5,)" + feed);
  const std::string one =
      R"({"time":1723075200000000,"open":1.5,"high":3,"low":0.5,"close":2,"volume":10.25,)"
      R"("value":20.5,"vwap":2,"trades":4,"closed":true,"rev":1})";
  const std::vector<bar> bars{sample_bar(), sample_bar()};
  expect(encode_bar_snapshot(GetParam(), head, bars), begin + R"("bars":[)" + one + "," + one + "]," + feed);
  expect(encode_event_snapshot(GetParam(), head, R"({"a":[1]})"), begin + R"("last":{"a":[1]},)" + feed);
}

TEST_P(client_frames, a_snapshot_says_when_its_symbol_is_silent) {
  auto head = sample_head();
  head.feed.symbol_stale = true;
  expect(encode_event_snapshot(GetParam(), head, ""),
         R"({"type":"snapshot","topic":"trade.BTCUSDT","epoch":"k3","seq":41,"data":{"feed":{"name":"sim",)"
         R"("state":"live","simulated":true,"symbol_stale":true}}})");
}

TEST_P(client_frames, times_are_microseconds_rounded_down) {
  const auto time_of = [&](std::int64_t ns) {
    trade value;
    value.time_ns = ns;
    const json data = read_payload(encode_update(GetParam(), "trade.A", 1, value)->payload(), GetParam());
    return data["data"]["time"].get<std::int64_t>();
  };
  EXPECT_EQ(time_of(1999), 1);
  EXPECT_EQ(time_of(0), 0);
  EXPECT_EQ(time_of(-1), -1);
  EXPECT_EQ(time_of(-1000), -1);
  EXPECT_EQ(time_of(-1001), -2);
  EXPECT_EQ(time_of(std::numeric_limits<std::int64_t>::max()),
            std::numeric_limits<std::int64_t>::max() / 1000);
}

TEST_P(client_frames, hostile_text_leaves_as_valid_utf8) {
  const frame_ptr made = encode_error(GetParam(), 1, error_code::bad_request, "a\xFF\"\n\x01\xC3\xA4");
  const json read = read_payload(made->payload(), GetParam());
  EXPECT_EQ(read["data"]["message"], "a\xEF\xBF\xBD\"\n\x01\xC3\xA4");
}

TEST(client_frames_json, numbers_keep_all_their_digits) {
  quote value;
  value.bid = d("1.234567890123456789");
  value.ask = d("9223372036854775807");
  value.bid_size = d("0.000000000000000001");
  EXPECT_EQ(encode_update(encoding::json, "quote.A", 1, value)->payload(),
            R"({"type":"update","topic":"quote.A","seq":1,"data":{"time":0,"bid":1.234567890123456789,)"
            R"("bid_size":0.000000000000000001,"ask":9223372036854775807,"ask_size":0}})");
}

TEST(client_frames_msgpack, numbers_are_integers_floats_or_text_whichever_is_exact) {
  quote value;
  value.bid = d("1.234567890123456789");
  value.bid_size = d("9223372036854775807");
  value.ask = d("0.1");
  value.ask_size = d("-3");
  const json data = read_payload(encode_update(encoding::msgpack, "quote.A", 1, value)->payload(),
                                 encoding::msgpack)["data"];
  EXPECT_EQ(data["bid"], "1.234567890123456789");
  EXPECT_EQ(data["bid_size"].get<std::int64_t>(), 9223372036854775807);
  EXPECT_TRUE(data["ask"].is_number_float());
  EXPECT_EQ(data["ask"].get<double>(), 0.1);
  EXPECT_EQ(data["ask_size"].get<int>(), -3);
}

TEST(client_frames_json, long_frames_have_a_long_header) {
  const std::vector<bar> bars(1000, sample_bar());
  const frame_ptr made = encode_bar_snapshot(encoding::json, sample_head(), bars);
  ASSERT_GT(made->payload().size(), 65535U);
  EXPECT_EQ(made->wire_size(), made->payload().size() + frame::header_room);
  EXPECT_EQ(json::parse(made->payload())["data"]["bars"].size(), 1000U);
}

}  // namespace
}  // namespace tickcast::protocol
