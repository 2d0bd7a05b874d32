#include "protocol/topic_pattern.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tickcast::protocol {
namespace {

bool glob(const char* pattern, std::string_view topic) {
  return topic_pattern{topic_pattern::kind::glob, pattern}.matches(topic);
}
bool prefix(const char* pattern, std::string_view topic) {
  return topic_pattern{topic_pattern::kind::prefix, pattern}.matches(topic);
}

TEST(topic_pattern, of_a_client_names_its_kind_and_keeps_to_a_topics_characters) {
  for (const auto* good : {"trade.*", "bar.1m.B?C", "indicator.*.sma(30).*", "monitor.a*"}) {
    ASSERT_TRUE(parse_pattern(good)) << good;
    EXPECT_EQ(parse_pattern(good)->text, good);
  }
  for (const auto* odd : {"*", "tr*de.A", "?.A*", ".*", "trade.A *", "trade.\xc3\xa4*"})
    EXPECT_FALSE(parse_pattern(odd)) << odd;
  EXPECT_FALSE(parse_pattern("trade." + std::string(123, '*')));
}

TEST(topic_pattern, without_a_star_means_one_topic) {
  EXPECT_TRUE(glob("trade.BTC", "trade.BTC"));
  EXPECT_FALSE(glob("trade.BTC", "trade.BTCUSDT"));
  EXPECT_FALSE(glob("trade.BTC", "trade.BT"));
  EXPECT_FALSE(glob("", "trade.BTC"));
}

TEST(topic_pattern, with_stars_spans_dots_and_nothing) {
  EXPECT_TRUE(glob("*", "trade.BTC"));
  EXPECT_TRUE(glob("trade.BTC*", "trade.BTC"));
  EXPECT_TRUE(glob("trade.BTC*", "trade.BTCUSDT"));
  EXPECT_TRUE(glob("bar.1m.*", "bar.1m.600519.SH"));
  EXPECT_TRUE(glob("*.SH", "bar.1m.600519.SH"));
  EXPECT_TRUE(glob("bar.*.BTC", "bar.1m.BTC"));
  EXPECT_FALSE(glob("bar.*.BTC", "bar.1m.BTCUSDT"));
  EXPECT_TRUE(glob("a*b*c", "aXbXbc"));
  EXPECT_FALSE(glob("a*b*c", "aXcXb"));
}

TEST(topic_pattern, takes_a_question_mark_for_one_character) {
  EXPECT_TRUE(glob("bar.?m.BTC", "bar.5m.BTC"));
  EXPECT_FALSE(glob("bar.?m.BTC", "bar.15m.BTC"));
}

TEST(topic_pattern, with_many_stars_ends_soon) {
  std::string stars;
  for (int i = 0; i < 60; ++i) stars += "*a";
  EXPECT_FALSE(glob((stars + "b").c_str(), std::string(128, 'a')));
}

TEST(topic_pattern, as_prefix_takes_every_byte_for_itself) {
  EXPECT_TRUE(prefix("", "trade.BTC"));
  EXPECT_TRUE(prefix("trade.BTC", "trade.BTCUSDT"));
  EXPECT_FALSE(prefix("trade.*", "trade.BTC"));
}

}  // namespace
}  // namespace tickcast::protocol
