#include "bench/load/payload.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tickcast::bench {
namespace {

std::string json_of(const shape& of, const update& what) {
  std::string text;
  append_json(text, of, topic_name(of, what.topic), event_body(of), what);
  return text;
}

TEST(payload, a_trade_is_what_the_engine_would_send) {
  const std::string text = json_of({}, {7, 42, 1234567890123, 1723075200123456789});
  const auto read = nlohmann::json::parse(text);
  EXPECT_EQ(read["type"], "update");
  EXPECT_EQ(read["topic"], "trade.SYMBOL-00007.BENCHMARK-TRADING-VENUE");
  EXPECT_EQ(read["seq"], 42);
  EXPECT_EQ(read["data"]["time"], 1723075200123456);
  EXPECT_EQ(read["data"]["price"], 61042.51);
  EXPECT_EQ(read["data"]["id"], 1234567890123);
  EXPECT_NEAR(static_cast<double>(text.size()), 180, 10);
}

TEST(payload, an_event_is_as_long_as_asked_for) {
  const std::string text = json_of({4096}, {0, 1, 1234567890123, 0});
  EXPECT_NEAR(static_cast<double>(text.size()), 4096, 20);
  EXPECT_EQ(nlohmann::json::parse(text)["data"]["id"], 1234567890123);
}

TEST(payload, seq_and_stamp_are_read_back_whatever_the_order_of_fields) {
  for (const char* text : {R"({"type":"update","topic":"trade.A","seq":42,"data":{"price":1.5,"id":99}})",
                           R"({"type":"update","topic":"trade.A","seq":42,"data":{"id":99,"side":"buy"}})"}) {
    const auto got = read_update(text);
    ASSERT_TRUE(got) << text;
    EXPECT_EQ(got->seq, 42U);
    EXPECT_EQ(got->stamp_ns, 99);
  }
}

TEST(payload, other_messages_are_no_updates) {
  EXPECT_FALSE(read_update(R"({"type":"reply","id":1,"data":{"topics":[{"seq":4}]}})"));
  EXPECT_FALSE(
      read_update(R"({"type":"snapshot","topic":"trade.A","seq":42,"data":{"trades":[{"id":99}]}})"));
  EXPECT_FALSE(read_update(R"({"type":"update","topic":"quote.A","seq":42,"data":{"bid":1}})"));
  EXPECT_FALSE(read_update(""));
}

TEST(payload, prices_keep_their_width) {
  for (std::uint64_t seq = 0; seq < 3000; ++seq) EXPECT_EQ(price_of(seq).view().size(), 8U);
  EXPECT_NE(price_of(1).view(), price_of(2).view());
}

}  // namespace
}  // namespace tickcast::bench
