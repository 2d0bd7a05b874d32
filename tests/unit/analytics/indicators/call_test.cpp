#include "analytics/indicators/call.hpp"

#include <gtest/gtest.h>

namespace tickcast::tests {
namespace {

using analytics::indicators::parse_call;
using analytics::indicators::split_calls;
using names = std::vector<std::string>;

std::string refusal(std::string_view text) {
  const auto read = parse_call(text);
  return read ? "" : read.error().message;
}

TEST(indicator_call, fills_in_what_is_left_out) {
  EXPECT_EQ(parse_call("sma").value().canonical, "sma(30)");
  EXPECT_EQ(parse_call("macd(5)").value().canonical, "macd(5,26,9)");
  EXPECT_EQ(parse_call("macd()").value().canonical, "macd(12,26,9)");
}

TEST(indicator_call, answers_in_the_callers_own_spelling) {
  EXPECT_EQ(parse_call("macd").value().outputs(), (names{"macd.macd", "macd.signal", "macd.hist"}));
  EXPECT_EQ(parse_call("macd(012,26)").value().outputs()[2], "macd(012,26).hist");
  EXPECT_EQ(parse_call("sma()").value().outputs(), (names{"sma()"}));
}

TEST(indicator_call, knows_how_many_bars_come_first) {
  EXPECT_EQ(parse_call("sma(30)").value().look_back(), 29);
  EXPECT_EQ(parse_call("macd").value().look_back(), 33);
}

TEST(indicator_call, that_is_wrong_is_told_what_is_allowed) {
  EXPECT_EQ(refusal("sma(0)"),
            "sma(0): period of sma(period) must be a whole number from 1 to 100000, not '0'");
  EXPECT_EQ(refusal("sma(2.5)"),
            "sma(2.5): period of sma(period) must be a whole number from 1 to 100000, not '2.5'");
  EXPECT_EQ(refusal("sma(5,6)"), "sma(5,6): too many parameters, write sma(period)");
  EXPECT_EQ(refusal("SMA(5)"), "SMA: names of indicators are lower case: sma");
  EXPECT_EQ(refusal("nothing"), "there is no indicator nothing");
  EXPECT_NE(refusal("mac(3)").find("macd"), std::string::npos);
}

TEST(indicator_call, that_is_no_call_is_refused) {
  for (const auto* text : {"",
                           "(",
                           "()",
                           ")",
                           "sma(",
                           "sma)",
                           "sma(5",
                           "sma(5))",
                           "sma((5)",
                           "sma(5)x",
                           "sma(,)",
                           "sma(5,)",
                           "sma (5)",
                           "sma(5 )",
                           "sma(é)",
                           "sma(5e0)",
                           "sma(+5)",
                           "sma(-5)",
                           "sma(99999999999999999999)",
                           "sma(nan)"})
    EXPECT_FALSE(parse_call(text)) << text;
  EXPECT_FALSE(parse_call("sma(" + std::string(200, '0') + "5)"));
}

TEST(indicator_calls, are_split_outside_of_parentheses) {
  using parts = std::vector<std::string_view>;
  EXPECT_EQ(split_calls("sma(30),macd(12,26,9),obv"), (parts{"sma(30)", "macd(12,26,9)", "obv"}));
  EXPECT_EQ(split_calls("sma"), (parts{"sma"}));
  EXPECT_EQ(split_calls("sma,,ema"), (parts{"sma", "", "ema"}));
  EXPECT_TRUE(split_calls("").empty());
}

}  // namespace
}  // namespace tickcast::tests
