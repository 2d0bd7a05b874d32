#include "protocol/field_mask.hpp"

#include <gtest/gtest.h>

#include <array>

#include "protocol/client_message.hpp"
#include "tests/unit/protocol/wire_samples.hpp"

namespace tickcast::protocol {
namespace {

using json = nlohmann::ordered_json;

class field_mask_test : public testing::TestWithParam<encoding> {
protected:
  static json read(std::string_view payload) {
    return GetParam() == encoding::json ? json::parse(payload) : json::from_msgpack(payload);
  }
  static json read(const frame_ptr& frame) { return read(frame->payload()); }
  static trade a_trade() {
    trade made;
    made.time_ns = 5'000'000;
    made.price = decimal::parse("0.123456789012345678").value();
    made.size = decimal::parse("2").value();
    return made;
  }
};
INSTANTIATE_TEST_SUITE_P(encodings, field_mask_test, testing::Values(encoding::json, encoding::msgpack),
                         [](const auto& tested) { return encoding_name(tested.param); });

TEST_P(field_mask_test, an_update_keeps_its_head_and_the_fields_that_are_shown) {
  const auto whole = encode_update(GetParam(), "trade.A", 7, a_trade());
  const auto masked = read(mask_update(GetParam(), *whole, field_mask({"price", "time", "no_such"})));
  auto expected = read(whole);
  expected["data"].erase("size");
  EXPECT_EQ(masked, expected);
}

TEST_P(field_mask_test, kept_numbers_keep_every_byte) {
  const auto whole = encode_update(GetParam(), "trade.A", 7, a_trade());
  const field_mask all({"time", "price", "size", "side", "id"});
  EXPECT_EQ(mask_update(GetParam(), *whole, all)->wire(), whole->wire());
}

TEST_P(field_mask_test, rows_of_a_snapshot_are_masked_and_the_day_goes_with_its_name) {
  snapshot_head head;
  head.topic = "trade.A";
  head.epoch = "e";
  head.seq = 3;
  head.feed.name = "sub";
  day_totals day;
  day.trades = 2;
  const std::array rows{a_trade(), a_trade()};
  const auto whole = encode_trade_snapshot(GetParam(), head, rows, day);
  const auto masked = read(mask_snapshot(GetParam(), *whole, field_mask({"price"})));
  ASSERT_EQ(masked["data"]["trades"].size(), 2U);
  EXPECT_EQ(masked["data"]["trades"][0].size(), 1U);
  EXPECT_EQ(masked["data"]["trades"][1]["price"], read(whole)["data"]["trades"][1]["price"]);
  EXPECT_FALSE(masked["data"].contains("day"));
  EXPECT_EQ(masked["data"]["feed"]["name"], "sub");
  EXPECT_TRUE(read(mask_snapshot(GetParam(), *whole, field_mask({"day"})))["data"].contains("day"));
}

TEST_P(field_mask_test, an_event_is_masked_by_its_own_fields_whatever_stands_in_them) {
  const std::string text = R"({"a":"x}\",\"b\":1","b":{"a":[1,{"c":"]"}]},"c":null,"\u0062":9,"":[]})";
  const auto whole = encode_event_update(GetParam(), "monitor.a", 1, text);
  const auto expected = read(whole)["data"];
  const auto first = read(mask_update(GetParam(), *whole, field_mask({"a"})))["data"];
  EXPECT_EQ(first, json({{"a", expected["a"]}}));
  EXPECT_EQ(read(mask_update(GetParam(), *whole, field_mask({"c"})))["data"].size(), 1U);
  EXPECT_EQ(read(mask_update(GetParam(), *whole, field_mask({"none"})))["data"], json::object());
}

TEST_P(field_mask_test, long_values_are_passed_over_whole) {
  json event{{"bytes", std::string(70'000, 'x')}, {"many", json::array()}, {"short", 1}};
  for (int i = 0; i < 70'000; ++i) event["many"].push_back(i);
  const auto whole = encode_event_update(GetParam(), "monitor.a", 1, event.dump());
  EXPECT_EQ(read(mask_update(GetParam(), *whole, field_mask({"short"})))["data"], json({{"short", 1}}));
}

TEST_P(field_mask_test, data_without_fields_becomes_null) {
  for (const auto* text : {"7", R"("secret")", R"([{"price":1}])", "null"}) {
    const auto whole = encode_event_update(GetParam(), "monitor.a", 1, text);
    EXPECT_TRUE(read(mask_update(GetParam(), *whole, field_mask({"price"})))["data"].is_null()) << text;
    snapshot_head head;
    head.topic = "monitor.a";
    const auto snapshot = encode_event_snapshot(GetParam(), head, text);
    EXPECT_TRUE(read(mask_snapshot(GetParam(), *snapshot, field_mask({"price"})))["data"]["last"].is_null());
  }
}

TEST_P(field_mask_test, a_history_reply_is_masked_row_by_row) {
  const std::array rows{a_trade()};
  const auto whole = encode_history_reply(GetParam(), 4, {{"trade.A", "e", 3}, true}, rows);
  const auto masked = read(mask_history(GetParam(), *whole, field_mask({"time"})));
  EXPECT_EQ(masked["id"], 4);
  EXPECT_EQ(masked["data"]["more"], true);
  EXPECT_EQ(masked["data"]["trades"], json::array({{{"time", 5000}}}));
  const std::array events{past_event{1, R"({"a":1,"b":2})"}};
  const auto past = encode_history_reply(GetParam(), 4, {{"monitor.a", "e", 1}, false}, events);
  EXPECT_EQ(read(mask_history(GetParam(), *past, field_mask({"b"})))["data"]["events"],
            json::array({{{"seq", 1}, {"data", {{"b", 2}}}}}));
}

TEST_P(field_mask_test, columns_that_are_not_shown_are_left_out_and_all_else_stays) {
  const json page{{"symbol", "A"}, {"open", {1, 2}}, {"close", {3, 4}}};
  const auto text = page.dump();
  const auto packed = json::to_msgpack(page);
  const std::string_view payload =
      GetParam() == encoding::json
          ? std::string_view(text)
          : std::string_view(reinterpret_cast<const char*>(packed.data()), packed.size());
  constexpr std::array<std::string_view, 2> columns{"open", "close"};
  const auto left = mask_columns(GetParam(), payload, columns, field_mask({"close"}));
  EXPECT_EQ(read(std::string_view(left).substr(frame::header_room)),
            json({{"symbol", "A"}, {"close", {3, 4}}}));
}

}  // namespace
}  // namespace tickcast::protocol
