#include "analytics/anchored_bars.hpp"

#include <gtest/gtest.h>

#include "tests/unit/analytics/local_time.hpp"

namespace tickcast::tests {
namespace {

using analytics::anchored_bars;
using analytics::calendar;

calendar hours_of(const char* hours, const char* zone) {
  return calendar::make(protocol::parse_trading_hours(hours).value(), zone).value();
}

/// Which of bars at these times are anchors.
std::vector<bool> anchors(const calendar& hours, const std::vector<std::int64_t>& times) {
  anchored_bars anchored(hours);
  std::vector<bool> result;
  for (const auto time : times) {
    protocol::bar bar;
    bar.time_ns = time;
    result.push_back(anchored.next(bar).anchor);
  }
  return result;
}

TEST(anchored_bars, begin_with_the_trading_day_and_not_with_the_day_of_utc) {
  const auto chicago = hours_of("1700-1600", "America/Chicago");
  EXPECT_EQ(
      anchors(chicago, {at("2024-08-06 17:00", "America/Chicago"), at("2024-08-06 18:30", "America/Chicago"),
                        at("2024-08-06 19:00", "America/Chicago"), at("2024-08-07 15:59", "America/Chicago"),
                        at("2024-08-07 17:00", "America/Chicago")}),
      (std::vector<bool>{true, false, false, false, true}))
      << "midnight UTC is 19:00 in Chicago, in the middle of a session";
}

TEST(anchored_bars, go_on_over_lunch) {
  const auto shanghai = hours_of("0930-1130,1300-1500", "Asia/Shanghai");
  EXPECT_EQ(
      anchors(shanghai, {at("2024-08-07 09:30", "Asia/Shanghai"), at("2024-08-07 11:29", "Asia/Shanghai"),
                         at("2024-08-07 13:00", "Asia/Shanghai"), at("2024-08-08 09:30", "Asia/Shanghai")}),
      (std::vector<bool>{true, false, false, true}));
}

TEST(anchored_bars, of_a_market_that_never_closes_begin_with_the_day_of_utc) {
  EXPECT_EQ(anchors({}, {at("2024-08-07 23:58"), at("2024-08-07 23:59"), at("2024-08-08 00:00")}),
            (std::vector<bool>{true, false, true}));
}

TEST(anchored_bars, can_be_looked_at_and_gone_behind) {
  const calendar hours;
  anchored_bars anchored(hours);
  protocol::bar bar;
  bar.time_ns = at("2024-08-08 00:01");
  bar.open = protocol::decimal::parse("1.1").value();
  EXPECT_TRUE(anchored.peek(bar).anchor);
  EXPECT_TRUE(anchored.peek(bar).anchor) << "looking takes nothing in";
  anchored.go_behind(at("2024-08-08 00:00"));
  EXPECT_FALSE(anchored.peek(bar).anchor);
  EXPECT_EQ(anchored.peek(bar).open, 1.1);
  anchored.go_behind(at("2024-08-07 23:00"));
  EXPECT_TRUE(anchored.peek(bar).anchor);
}

}  // namespace
}  // namespace tickcast::tests
