#include "protocol/feed_message.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "protocol/feed_text.hpp"
#include "tests/unit/protocol/wire_samples.hpp"

namespace tickcast::protocol {
namespace {

using json = nlohmann::ordered_json;

json trade_json() {
  return json{{"type", "trade"},    {"symbol", "BTCUSDT"}, {"time", 1723075200123456789},
              {"price", "61234.5"}, {"size", "0.00413"},   {"side", "buy"},
              {"id", 3941}};
}
json quote_json() {
  return json{{"type", "quote"},  {"symbol", "BTCUSDT"}, {"time", 1723075200123456789},
              {"bid", "61234.5"}, {"bid_size", "1"},     {"ask", "61234.6"},
              {"ask_size", "2.5"}};
}
json bar_json() {
  return json{{"type", "bar"}, {"symbol", "A"}, {"interval", "1m"}, {"time", 60000000000}, {"open", "1"},
              {"high", "3"},   {"low", "0.5"},  {"close", "2"},     {"volume", "10"}};
}

/// Every message means the same in both encodings.
class feed_message : public testing::TestWithParam<encoding> {
protected:
  recording_sink decode(const json& body) const {
    recording_sink sink;
    decode_feed(as_wire(body, GetParam()), feed_format::automatic, sink);
    return sink;
  }
  std::optional<errc> refusal(const json& body) const {
    const recording_sink sink = decode(body);
    EXPECT_EQ(sink.items.size(), 1U) << body;
    return sink.refused();
  }
  /// The refusal of `body` with one field changed.
  std::optional<errc> refusal_with(json body, const char* field, const json& value) const {
    body[field] = value;
    return refusal(body);
  }
  std::optional<errc> refusal_without(json body, const char* field) const {
    body.erase(field);
    return refusal(body);
  }
};
INSTANTIATE_TEST_SUITE_P(encodings, feed_message, testing::Values(encoding::json, encoding::msgpack),
                         [](const auto& tested) { return encoding_name(tested.param); });

TEST_P(feed_message, trade_is_taken_with_every_field) {
  json body = trade_json();
  body["feed_seq"] = 17;
  const recording_sink sink = decode(body);
  const auto* seen = sink.get<recording_sink::trade_seen>();
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->symbol, "BTCUSDT");
  EXPECT_EQ(seen->value.time_ns, 1723075200123456789);
  EXPECT_EQ(seen->value.price.to_string(), "61234.5");
  EXPECT_EQ(seen->value.size.to_string(), "0.00413");
  EXPECT_EQ(seen->value.aggressor, side::buy);
  EXPECT_EQ(seen->value.id.is, trade_id::kind::number);
  EXPECT_EQ(seen->value.id.number, 3941U);
  EXPECT_EQ(sink.seqs.front(), 17U);
}

TEST_P(feed_message, trade_needs_neither_side_nor_id) {
  json body = trade_json();
  body.erase("side");
  body["id"] = nullptr;
  const recording_sink sink = decode(body);
  const auto* seen = sink.get<recording_sink::trade_seen>();
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->value.aggressor, side::none);
  EXPECT_EQ(seen->value.id, trade_id{});
  EXPECT_EQ(sink.seqs.front(), std::nullopt);
}

TEST_P(feed_message, trade_id_may_be_text) {
  json body = trade_json();
  body["id"] = "a-77/ä";
  body["side"] = "sell";
  const recording_sink sink = decode(body);
  const auto* seen = sink.get<recording_sink::trade_seen>();
  ASSERT_NE(seen, nullptr);
  ASSERT_EQ(seen->value.id.is, trade_id::kind::text);
  EXPECT_EQ(*seen->value.id.text, "a-77/ä");
  EXPECT_EQ(seen->value.aggressor, side::sell);
}

TEST_P(feed_message, numbers_are_kept_exactly_however_they_come) {
  for (const json& price : {json("0.1"), json(0.1), json("0.10"), json("1e-1")}) {
    json body = trade_json();
    body["price"] = price;
    const recording_sink sink = decode(body);
    ASSERT_NE(sink.get<recording_sink::trade_seen>(), nullptr) << price;
    EXPECT_EQ(sink.get<recording_sink::trade_seen>()->value.price, *decimal::parse("0.1")) << price;
  }
  for (const json& price : {json(-5), json("-5"), json(-5.0)}) {
    json body = trade_json();
    body["price"] = price;
    const recording_sink sink = decode(body);
    ASSERT_NE(sink.get<recording_sink::trade_seen>(), nullptr) << price;
    EXPECT_EQ(sink.get<recording_sink::trade_seen>()->value.price, decimal::from_integer(-5)) << price;
  }
}

TEST_P(feed_message, trade_without_a_needed_field_is_refused) {
  for (const char* field : {"type", "symbol", "time", "price", "size"}) {
    EXPECT_EQ(refusal_without(trade_json(), field), errc::missing_field) << field;
    EXPECT_EQ(refusal_with(trade_json(), field, nullptr), errc::missing_field) << field;
  }
}

TEST_P(feed_message, trade_with_a_bad_field_is_refused) {
  const std::vector<std::pair<const char*, json>> cases{{"type", 1},
                                                        {"symbol", ""},
                                                        {"symbol", 7},
                                                        {"symbol", "A B"},
                                                        {"symbol", std::string(101, 'A')},
                                                        {"time", 1.5},
                                                        {"time", "2024-08-08T00:00:00Z"},
                                                        {"time", 18446744073709551615U},
                                                        {"time", json::array()},
                                                        {"price", "abc"},
                                                        {"price", ""},
                                                        {"price", true},
                                                        {"price", json::object()},
                                                        {"size", "-1"},
                                                        {"size", -1},
                                                        {"side", "b"},
                                                        {"side", 1},
                                                        {"id", -1},
                                                        {"id", 1.5},
                                                        {"id", ""},
                                                        {"id", std::string(129, 'x')},
                                                        {"id", json::array({1})},
                                                        {"feed_seq", -1},
                                                        {"feed_seq", "1"},
                                                        {"feed_seq", 1.5}};
  for (const auto& [field, value] : cases) {
    EXPECT_EQ(refusal_with(trade_json(), field, value), errc::bad_field) << field << ' ' << value;
  }
}

TEST_P(feed_message, numbers_that_do_not_fit_are_refused_as_such) {
  EXPECT_EQ(refusal_with(trade_json(), "price", "12345678901234567890123"), errc::number_overflow);
  EXPECT_EQ(refusal_with(trade_json(), "price", 18446744073709551615U), errc::number_overflow);
  EXPECT_EQ(refusal_with(trade_json(), "size", 1e300), errc::number_overflow);
}

TEST_P(feed_message, refusal_keeps_the_feed_seq) {
  json body = trade_json();
  body.erase("price");
  body["feed_seq"] = 5;
  const recording_sink sink = decode(body);
  EXPECT_EQ(sink.refused(), errc::missing_field);
  EXPECT_EQ(sink.seqs.front(), 5U);
}

TEST_P(feed_message, quote_is_taken_with_every_field) {
  const recording_sink sink = decode(quote_json());
  const auto* seen = sink.get<recording_sink::quote_seen>();
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->symbol, "BTCUSDT");
  EXPECT_EQ(seen->value.bid.to_string(), "61234.5");
  EXPECT_EQ(seen->value.bid_size.to_string(), "1");
  EXPECT_EQ(seen->value.ask.to_string(), "61234.6");
  EXPECT_EQ(seen->value.ask_size.to_string(), "2.5");
}

TEST_P(feed_message, quote_may_have_one_side_only) {
  json body = quote_json();
  body.erase("bid");
  body.erase("bid_size");
  recording_sink sink = decode(body);
  ASSERT_NE(sink.get<recording_sink::quote_seen>(), nullptr);
  EXPECT_TRUE(sink.get<recording_sink::quote_seen>()->value.bid.is_zero());
  EXPECT_TRUE(sink.get<recording_sink::quote_seen>()->value.bid_size.is_zero());
  body = quote_json();
  body["ask"] = nullptr;
  body["ask_size"] = nullptr;
  sink = decode(body);
  ASSERT_NE(sink.get<recording_sink::quote_seen>(), nullptr);
  EXPECT_TRUE(sink.get<recording_sink::quote_seen>()->value.ask.is_zero());
}

TEST_P(feed_message, quote_may_have_prices_without_sizes) {
  json body = quote_json();
  body.erase("bid_size");
  body.erase("ask_size");
  const recording_sink sink = decode(body);
  ASSERT_NE(sink.get<recording_sink::quote_seen>(), nullptr);
  EXPECT_EQ(sink.get<recording_sink::quote_seen>()->value.bid.to_string(), "61234.5");
  EXPECT_TRUE(sink.get<recording_sink::quote_seen>()->value.bid_size.is_zero());
}

TEST_P(feed_message, quote_with_a_size_and_no_price_is_refused) {
  EXPECT_EQ(refusal_without(quote_json(), "bid"), errc::missing_field);
  json body = quote_json();
  for (const char* field : {"bid", "bid_size", "ask", "ask_size"}) body.erase(field);
  EXPECT_EQ(refusal(body), errc::missing_field);
  EXPECT_EQ(refusal_with(quote_json(), "ask_size", -1), errc::bad_field);
}

TEST_P(feed_message, cancel_names_the_trade_it_takes_back) {
  const recording_sink sink = decode(
      json{{"type", "trade_cancel"}, {"symbol", "BTCUSDT"}, {"time", 1723075200123456789}, {"id", 3941}});
  const auto* seen = sink.get<recording_sink::amendment_seen>();
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->symbol, "BTCUSDT");
  EXPECT_TRUE(seen->value.cancels);
  EXPECT_EQ(seen->value.id.number, 3941U);
  EXPECT_EQ(seen->value.time_ns, 1723075200123456789);
}

TEST_P(feed_message, correction_says_what_stands_instead) {
  const json body{{"type", "trade_correct"}, {"symbol", "A"}, {"time", 5}, {"id", "x-1"},
                  {"price", "61.5"},         {"size", "0.25"}};
  const recording_sink sink = decode(body);
  const auto* seen = sink.get<recording_sink::amendment_seen>();
  ASSERT_NE(seen, nullptr);
  EXPECT_FALSE(seen->value.cancels);
  EXPECT_EQ(*seen->value.id.text, "x-1");
  EXPECT_EQ(seen->value.price.to_string(), "61.5");
  EXPECT_EQ(seen->value.size.to_string(), "0.25");
  for (const char* field : {"symbol", "time", "id", "price", "size"})
    EXPECT_EQ(refusal_without(body, field), errc::missing_field) << field;
  EXPECT_EQ(refusal_with(body, "size", -1), errc::bad_field);
}

TEST_P(feed_message, bar_is_taken_with_every_field) {
  json body = bar_json();
  body["closed"] = true;
  body["trades"] = 4;
  body["value"] = "20.5";
  body["rev"] = 2;
  const recording_sink sink = decode(body);
  const auto* seen = sink.get<recording_sink::bar_seen>();
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->interval, "1m");
  EXPECT_EQ(seen->value.high.to_string(), "3");
  EXPECT_EQ(seen->value.low.to_string(), "0.5");
  EXPECT_EQ(seen->value.trades, 4U);
  EXPECT_TRUE(seen->value.closed);
  EXPECT_EQ(seen->value.value.to_string(), "20.5");
  EXPECT_EQ(seen->value.rev, 2U);
  EXPECT_FALSE(decode(bar_json()).get<recording_sink::bar_seen>()->value.closed);
}

TEST_P(feed_message, bad_bars_are_refused) {
  for (const char* field : {"symbol", "interval", "time", "open", "high", "low", "close", "volume"}) {
    EXPECT_EQ(refusal_without(bar_json(), field), errc::missing_field) << field;
  }
  EXPECT_EQ(refusal_with(bar_json(), "interval", "2m"), errc::bad_field);
  EXPECT_EQ(refusal_with(bar_json(), "interval", 60), errc::bad_field);
  EXPECT_EQ(refusal_with(bar_json(), "volume", -1), errc::bad_field);
  EXPECT_EQ(refusal_with(bar_json(), "closed", 1), errc::bad_field);
  EXPECT_EQ(refusal_with(bar_json(), "trades", -1), errc::bad_field);
  EXPECT_EQ(refusal_with(bar_json(), "value", "x"), errc::bad_field);
  EXPECT_EQ(refusal_with(bar_json(), "rev", -1), errc::bad_field);
  EXPECT_EQ(refusal_with(bar_json(), "rev", 4294967296), errc::bad_field);
  EXPECT_EQ(refusal_with(bar_json(), "high", "0.1"), errc::bad_field);
}

TEST_P(feed_message, event_takes_any_json) {
  const json data = json::parse(
      R"({"load":0.25,"cores":[1,-2,[],{}],"text":"ä\"\n","none":null,"on":true,"topic":"x","data":1})");
  for (const json& one :
       {data, json(5), json("text"), json(nullptr), json::array({1, 2}), json(false), json(-0.5)}) {
    const recording_sink sink = decode(json{{"type", "event"}, {"data", one}, {"topic", "monitor.cpu"}});
    const auto* seen = sink.get<recording_sink::event_seen>();
    ASSERT_NE(seen, nullptr) << one;
    EXPECT_EQ(seen->topic, "monitor.cpu");
    EXPECT_EQ(seen->data, one.dump());
  }
}

TEST_P(feed_message, bad_events_are_refused) {
  const json event{{"type", "event"}, {"topic", "monitor.cpu"}, {"data", 1}};
  EXPECT_EQ(refusal_without(event, "topic"), errc::missing_field);
  EXPECT_EQ(refusal_without(event, "data"), errc::missing_field);
  EXPECT_EQ(refusal_with(event, "topic", "monitor"), errc::bad_topic);
  EXPECT_EQ(refusal_with(event, "topic", 5), errc::bad_field);
  EXPECT_EQ(refusal_with(event, "topic", "monitor." + std::string(200, 'x')), errc::too_large);
  for (const char* topic :
       {"trade.A", "bar.1m.A", "feed.sim", "chart.1", "indicator.1m.rsi.A", "book.A", "quote.A"}) {
    EXPECT_EQ(refusal_with(event, "topic", topic), errc::reserved_topic) << topic;
  }
}

TEST_P(feed_message, types_are_known_unknown_or_not_taken_yet) {
  for (const char* type : {"book_snapshot", "book_delta"}) {
    EXPECT_EQ(refusal_with(trade_json(), "type", type), errc::unsupported) << type;
  }
  for (const char* type : {"", "Trade", "publish", "refresh", "trades"}) {
    EXPECT_EQ(refusal_with(trade_json(), "type", type), errc::unknown_type) << type;
  }
}

TEST_P(feed_message, unknown_fields_are_left_out_and_told) {
  json body = trade_json();
  body["venue"] = json::parse(R"({"price":[1,{"size":2}],"x":null})");
  body["pric"] = 1;
  body["symbo"] = "X";
  body["data"] = json::array({json::object({{"type", "quote"}})});
  const recording_sink sink = decode(body);
  ASSERT_NE(sink.get<recording_sink::trade_seen>(), nullptr);
  EXPECT_EQ(sink.get<recording_sink::trade_seen>()->value.price.to_string(), "61234.5");
  EXPECT_EQ(sink.unknown_fields, 3U) << "data is a field, though not a trade's";
  EXPECT_EQ(decode(json::array({body, trade_json()})).unknown_fields, 3U);
}

TEST_P(feed_message, array_is_taken_element_by_element) {
  json bad = trade_json();
  bad["price"] = "x";
  const recording_sink sink = decode(
      json::array({trade_json(), bad, 7, json::array({trade_json()}), quote_json(), json::object(), "text"}));
  ASSERT_EQ(sink.items.size(), 7U);
  EXPECT_NE(sink.get<recording_sink::trade_seen>(0), nullptr);
  EXPECT_EQ(sink.refused(1), errc::bad_field);
  EXPECT_EQ(sink.refused(2), errc::not_a_map);
  EXPECT_EQ(sink.refused(3), errc::not_a_map);
  EXPECT_NE(sink.get<recording_sink::quote_seen>(4), nullptr);
  EXPECT_EQ(sink.refused(5), errc::missing_field);
  EXPECT_EQ(sink.refused(6), errc::not_a_map);
}

TEST_P(feed_message, fields_of_one_element_do_not_leak_into_the_next) {
  json second = trade_json();
  second.erase("side");
  second.erase("id");
  json third{{"type", "event"}, {"topic", "a.b"}};
  const recording_sink sink = decode(
      json::array({trade_json(), second, json{{"type", "event"}, {"topic", "a.b"}, {"data", 1}}, third}));
  ASSERT_EQ(sink.items.size(), 4U);
  EXPECT_EQ(sink.get<recording_sink::trade_seen>(1)->value.aggressor, side::none);
  EXPECT_EQ(sink.get<recording_sink::trade_seen>(1)->value.id, trade_id{});
  EXPECT_EQ(sink.refused(3), errc::missing_field);
}

TEST_P(feed_message, array_may_be_empty) {
  EXPECT_TRUE(decode(json::array()).items.empty());
}

TEST_P(feed_message, body_that_is_neither_map_nor_array_is_refused) {
  for (const json& body : {json("text"), json(nullptr), json(true), json(-1.5)}) {
    recording_sink sink;
    decode_feed(as_wire(body, GetParam()),
                GetParam() == encoding::json ? feed_format::json : feed_format::msgpack, sink);
    EXPECT_EQ(sink.refused(), errc::not_a_map) << body;
  }
}

TEST_P(feed_message, encoders_and_decoder_agree) {
  trade first;
  first.time_ns = -1;
  first.price = *decimal::parse("-0.000000000000000001");
  first.size = decimal::from_integer(std::numeric_limits<std::int64_t>::max());
  first.aggressor = side::sell;
  first.id.is = trade_id::kind::text;
  first.id.text = std::make_shared<const std::string>("q\"\n");
  trade second;
  second.id.is = trade_id::kind::number;
  second.id.number = std::numeric_limits<std::uint64_t>::max();
  for (const trade& value : {first, second, trade{}}) {
    recording_sink sink;
    decode_feed(encode_feed_trade(GetParam(), "X:Y", value, 9), feed_format::automatic, sink);
    ASSERT_NE(sink.get<recording_sink::trade_seen>(), nullptr);
    EXPECT_EQ(sink.get<recording_sink::trade_seen>()->value, value);
    EXPECT_EQ(sink.get<recording_sink::trade_seen>()->symbol, "X:Y");
    EXPECT_EQ(sink.seqs.front(), 9U);
  }
  const quote both{5, *decimal::parse("1.5"), *decimal::parse("2"), *decimal::parse("1.6"),
                   *decimal::parse("3")};
  for (const quote& value : {both, quote{}}) {
    recording_sink sink;
    decode_feed(encode_feed_quote(GetParam(), "A", value), feed_format::automatic, sink);
    ASSERT_NE(sink.get<recording_sink::quote_seen>(), nullptr);
    EXPECT_EQ(sink.get<recording_sink::quote_seen>()->value, value);
    EXPECT_EQ(sink.seqs.front(), std::nullopt);
  }
  const bar full{-60,
                 *decimal::parse("1"),
                 *decimal::parse("4.5"),
                 *decimal::parse("0.25"),
                 *decimal::parse("2"),
                 *decimal::parse("7.125"),
                 std::numeric_limits<std::uint64_t>::max(),
                 true,
                 *decimal::parse("14.0625"),
                 3};
  for (const bar& value : {full, bar{}}) {
    recording_sink sink;
    decode_feed(encode_feed_bar(GetParam(), "A", "1m@bid", value), feed_format::automatic, sink);
    ASSERT_NE(sink.get<recording_sink::bar_seen>(), nullptr);
    EXPECT_EQ(sink.get<recording_sink::bar_seen>()->value, value);
  }
}

TEST(feed_text, makes_an_array_or_lines_that_read_back) {
  feed_text lines('\n');
  lines.on_quote("A", quote{1, {}, {}, {}, {}}, {});
  lines.on_event("monitor.x", "1", {});
  EXPECT_EQ(lines.text().find('\n'), lines.text().size() - 1) << "an event is no row";
  feed_text array(',');
  EXPECT_EQ(array.take_array(), "[]");
  array.on_trade("A", trade{}, {});
  array.on_bar("A", "1m", bar{}, {});
  recording_sink sink;
  decode_feed(array.take_array(), feed_format::json, sink);
  EXPECT_EQ(sink.items.size(), 2U);
  EXPECT_EQ(array.take_array(), "[]") << "they are gone from here";
}

}  // namespace
}  // namespace tickcast::protocol
