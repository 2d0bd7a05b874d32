#include "protocol/topic.hpp"

#include <gtest/gtest.h>

namespace tickcast::protocol {
namespace {

std::optional<errc> refusal(std::string_view text) {
  const auto parsed = parse_topic(text);
  return parsed ? std::nullopt : std::optional(parsed.error().code);
}

TEST(topic, is_a_kind_and_a_symbol) {
  const auto parsed = parse_topic("quote.600519.SH");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->kind, topic_kind::quote);
  EXPECT_EQ(parsed->word, "quote");
  EXPECT_EQ(parsed->name, "600519.SH");
  EXPECT_EQ(parsed->whole, "quote.600519.SH");
  EXPECT_TRUE(parsed->has_symbol());
}

TEST(topic, of_a_bar_has_an_interval) {
  const auto parsed = parse_topic("bar.1m@bid.BRK.B");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->interval_text, "1m@bid");
  EXPECT_EQ(parsed->bar_interval, (interval{interval::unit::time, 60'000'000'000, interval::source::bid}));
  EXPECT_EQ(parsed->name, "BRK.B");
}

TEST(topic, of_an_indicator_has_an_interval_and_a_call) {
  const auto parsed = parse_topic("indicator.1m@mid.bbands(5,2.5,2).BRK.B");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->kind, topic_kind::indicator);
  EXPECT_EQ(parsed->interval_text, "1m@mid");
  EXPECT_EQ(parsed->call, "bbands(5,2.5,2)");
  EXPECT_EQ(parsed->name, "BRK.B");
  EXPECT_TRUE(parsed->has_symbol());
  EXPECT_EQ(parse_topic("indicator.1d.obv.A")->call, "obv");
  for (const char* text : {"indicator.1m.rsi(14)", "indicator.1m..A", "indicator.rsi.A",
                           "indicator.1m.rsi(14", "indicator.1m.rsi(1.A"})
    EXPECT_EQ(refusal(text), errc::bad_topic) << text;
}

TEST(topic, may_be_of_any_other_kind) {
  EXPECT_EQ(parse_topic("monitor.cpu.0")->kind, topic_kind::other);
  EXPECT_EQ(parse_topic("monitor.cpu.0")->word, "monitor");
  EXPECT_EQ(parse_topic("monitor.cpu.0")->name, "cpu.0");
  EXPECT_EQ(parse_topic("user.42")->kind, topic_kind::user);
  EXPECT_EQ(parse_topic("trade..DJI")->name, ".DJI");
  EXPECT_FALSE(parse_topic("monitor.cpu")->has_symbol());
}

TEST(topic, is_refused_when_a_part_is_missing) {
  for (const char* text :
       {"", ".", "trade", "trade.", ".BTCUSDT", "bar.1m", "bar.1m.", "bar..X", "bar.BTCUSDT"}) {
    EXPECT_EQ(refusal(text), errc::bad_topic) << text;
  }
}

TEST(topic, is_refused_for_other_bytes) {
  for (const char* text : {"trade.BTC USDT", "trade.BTC*", "trade.\xC3\xA4", "trade.A\"B", "trade.A\nB"}) {
    EXPECT_EQ(refusal(text), errc::bad_topic) << text;
  }
  EXPECT_EQ(refusal(std::string_view("trade.A\0B", 9)), errc::bad_topic);
  EXPECT_FALSE(refusal("monitor.a_b-c:d@e/f+g(h),i"));
}

TEST(topic, has_a_greatest_length) {
  EXPECT_FALSE(refusal("monitor." + std::string(120, 'x')));
  EXPECT_EQ(refusal("monitor." + std::string(121, 'x')), errc::too_large);
  EXPECT_FALSE(refusal("trade." + std::string(100, 'x')));
  EXPECT_EQ(refusal("trade." + std::string(101, 'x')), errc::too_large);
}

TEST(topic, of_the_longest_symbol_fits_with_the_longest_interval) {
  const std::string symbol(100, 'x');
  EXPECT_TRUE(is_valid_symbol(symbol));
  EXPECT_FALSE(is_valid_symbol(symbol + "x"));
  EXPECT_FALSE(is_valid_symbol(""));
  EXPECT_FALSE(is_valid_symbol("A B"));
  EXPECT_TRUE(parse_topic("bar.1000000000000q@mid." + symbol));
}

TEST(interval, is_one_of_the_named_or_counted_ones) {
  EXPECT_EQ(*parse_interval("1mo"), (interval{interval::unit::month, 1, interval::source::trades}));
  EXPECT_EQ(*parse_interval("100t"), (interval{interval::unit::ticks, 100, interval::source::trades}));
  EXPECT_EQ(*parse_interval("50v"), (interval{interval::unit::volume, 50, interval::source::trades}));
  EXPECT_EQ(*parse_interval("10000q@mid"), (interval{interval::unit::value, 10000, interval::source::mid}));
  for (const char* text : {"1s", "5s", "1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"}) {
    EXPECT_EQ(parse_interval(text)->by, interval::unit::time) << text;
  }
  for (const char* text : {"", "m", "2m", "1M", "t", "0t", "01t", "-1t", "+1t", "1.5v", "1t@", "1t@last",
                           "@bid", "1000000000001q", "99999999999999999999t", "1m@bid@ask"}) {
    EXPECT_FALSE(parse_interval(text)) << text;
  }
}

TEST(topic, kinds_of_the_engine_are_reserved) {
  for (const char* text :
       {"trade.A", "quote.A", "bar.1m.A", "book.A", "feed.a", "chart.a", "indicator.1m.sma(5).A"}) {
    EXPECT_TRUE(is_reserved(parse_topic(text)->kind)) << text;
  }
  EXPECT_FALSE(is_reserved(parse_topic("user.1")->kind));
  EXPECT_FALSE(is_reserved(parse_topic("signal.x")->kind));
}

}  // namespace
}  // namespace tickcast::protocol
