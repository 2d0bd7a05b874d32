#include "analytics/instruments.hpp"

#include <gtest/gtest.h>

namespace tickcast::tests {
namespace {

using analytics::instruments;

protocol::instrument listed(const char* symbol, const char* hours, const char* zone) {
  protocol::instrument result;
  result.symbol = symbol;
  result.zone = zone;
  result.hours = protocol::parse_trading_hours(hours).value();
  return result;
}

TEST(instruments, are_found_by_name_before_pattern_and_else_trade_round_the_clock) {
  const auto all = instruments::make({listed("*.SH", "0930-1130,1300-1500", "Asia/Shanghai"),
                                      listed("6*", "0900-1000", "Asia/Tokyo"),
                                      listed("600519.SH", "0930-1500", "Asia/Shanghai")})
                       .value();
  EXPECT_EQ(all.find("600519.SH").what.hours.by_weekday[1].size(), 1U);
  const auto by_pattern = all.find("600000.SH");
  EXPECT_EQ(by_pattern.what.symbol, "600000.SH");
  EXPECT_EQ(by_pattern.what.hours.by_weekday[1].size(), 2U) << "the first pattern that matches";
  EXPECT_EQ(by_pattern.hours, all.find("600001.SH").hours) << "one calendar for the whole market";
  const auto unknown = all.find("BTCUSDT");
  EXPECT_EQ(unknown.what.symbol, "BTCUSDT");
  EXPECT_TRUE(unknown.hours->plain());
  EXPECT_TRUE(instruments().find("X").hours->plain());
}

TEST(instruments, in_a_zone_that_does_not_exist_are_refused_by_name) {
  const auto made = instruments::make({listed("X", "0930-1600", "Nowhere/Land")});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().find("instrument X: "), 0U) << made.error();
}

}  // namespace
}  // namespace tickcast::tests
