#include "protocol/egress_message.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "protocol/indicator_message.hpp"
#include "tests/unit/protocol/wire_samples.hpp"

namespace tickcast::protocol {
namespace {

using json = nlohmann::ordered_json;

json read(const std::string& body) {
  return read_payload(body, encoding::msgpack);
}
decimal d(const char* text) {
  return *decimal::parse(text);
}
trade sample_trade() {
  trade value{1723075200123456789, d("61234.5"), d("0.004"), side::buy, {}};
  value.id.is = trade_id::kind::number;
  value.id.number = 3941;
  return value;
}
const egress_position at{"trade.BTC", "k3", 42};
const snapshot_head head{"trade.BTC", "k3", 41, {"sim", feed_state::live, true}};

TEST(egress_message, of_a_trade_says_where_it_stands_and_its_time_to_the_nanosecond) {
  EXPECT_EQ(read(encode_egress_update(at, sample_trade())),
            json::parse(R"({"type":"update","topic":"trade.BTC","epoch":"k3","seq":42,"data":
              {"time":1723075200123456789,"price":61234.5,"size":0.004,"side":"buy","id":3941}})"));
}

TEST(egress_message, of_quotes_bars_and_events_has_the_fields_of_the_client_protocol) {
  const quote best{1723075200123456789, d("1.5"), d("1"), d("2.5"), d("2")};
  EXPECT_EQ(read(encode_egress_update(at, best))["data"],
            json::parse(R"({"time":1723075200123456789,"bid":1.5,"bid_size":1,"ask":2.5,"ask_size":2})"));
  const bar minute{1723075200000000000, d("1.5"), d("3"), d("0.5"), d("2"), d("10.25"), 4, true, d("20.5")};
  EXPECT_EQ(
      read(encode_egress_update(at, minute))["data"],
      json::parse(
          R"({"time":1723075200000000000,"open":1.5,"high":3,"low":0.5,"close":2,"volume":10.25,"value":20.5,"vwap":2,"trades":4,"closed":true,"rev":0})"));
  EXPECT_EQ(read(encode_egress_event(at, R"({"load":[0.5,null]})"))["data"],
            json::parse(R"({"load":[0.5,null]})"));
}

TEST(egress_message, of_an_indicator_has_its_values_by_name_at_a_time_to_the_nanosecond) {
  const std::vector<std::string> names{"aroon(3).down", "aroon(3).up"};
  const indicator_point point{1723075200000000001, true, {0.5, NAN}};
  const auto data = json::parse(
      R"({"time":1723075200000000001,"closed":true,"values":{"aroon(3).down":0.5,"aroon(3).up":null}})");
  EXPECT_EQ(read(encode_egress_indicator(at, names, point))["data"], data);
  EXPECT_EQ(json::parse(indicator_json(names, point)), data);
  EXPECT_EQ(read(encode_egress_indicator_snapshot(head, names, std::vector(1, point)))["data"]["points"],
            json::array({data}));
}

TEST(egress_message, of_a_snapshot_has_the_value_and_the_feed) {
  const std::vector<trade> trades{sample_trade()};
  const auto made = read(encode_egress_snapshot(head, trades, {}));
  EXPECT_EQ(made["type"], "snapshot");
  EXPECT_EQ(made["epoch"], "k3");
  EXPECT_EQ(made["seq"], 41);
  EXPECT_EQ(made["data"]["trades"][0]["time"], 1723075200123456789);
  EXPECT_FALSE(made["data"].contains("day"));
  EXPECT_EQ(made["data"]["feed"], json::parse(R"({"name":"sim","state":"live","simulated":true})"));
  EXPECT_EQ(read(encode_egress_snapshot(head, std::optional<quote>()))["data"].size(), 1U);
  EXPECT_EQ(read(encode_egress_snapshot(head, std::vector<bar>(2)))["data"]["bars"].size(), 2U);
  EXPECT_EQ(read(encode_egress_event_snapshot(head, R"({"x":1})"))["data"]["last"],
            json::parse(R"({"x":1})"));
  EXPECT_FALSE(read(encode_egress_event_snapshot(head, ""))["data"].contains("last"));
}

}  // namespace
}  // namespace tickcast::protocol
