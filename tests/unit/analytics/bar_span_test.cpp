#include "analytics/bar_span.hpp"

#include <gtest/gtest.h>

#include "tests/unit/analytics/local_time.hpp"

namespace tickcast::tests {
namespace {

using analytics::bar_span;
using analytics::calendar;

constexpr const char* new_york = "America/New_York";
constexpr const char* shanghai = "Asia/Shanghai";

bar_span span(const char* interval, const calendar& of, std::int64_t time_ns) {
  analytics::session_cursor sessions(of);
  return analytics::span_of(protocol::parse_interval(interval).value(), time_ns, sessions);
}
calendar of(const char* hours, const char* zone) {
  return calendar::make(protocol::parse_trading_hours(hours).value(), zone).value();
}

TEST(bar_span, round_the_clock_is_a_multiple_of_the_interval_since_1970) {
  const calendar plain;
  EXPECT_EQ(span("4h", plain, at("2024-11-29 13:00")).time_ns, at("2024-11-29 12:00"));
  EXPECT_EQ(span("1m", plain, at("2024-11-29 13:00:59")).end_ns, at("2024-11-29 13:01"));
  EXPECT_EQ(span("1s", plain, -1).time_ns, -1'000'000'000);
  EXPECT_EQ(span("1d", plain, at("2024-11-29 13:00")).time_ns, at("2024-11-29 00:00"));
  EXPECT_EQ(span("1w", plain, at("2024-11-29 13:00")).time_ns, at("2024-11-25 00:00"));
  EXPECT_EQ(span("1mo", plain, at("2024-11-29 13:00")).time_ns, at("2024-11-01 00:00"));
}

TEST(bar_span, begins_at_the_open_and_ends_with_the_session) {
  const auto nyse = of("0930-1600", new_york);
  EXPECT_EQ(span("30m", nyse, at("2024-11-27 09:31", new_york)).time_ns, at("2024-11-27 09:30", new_york));
  const auto first = span("4h", nyse, at("2024-11-27 12:00", new_york));
  EXPECT_EQ(first.time_ns, at("2024-11-27 09:30", new_york));
  EXPECT_EQ(first.end_ns, at("2024-11-27 13:30", new_york));
  const auto last = span("4h", nyse, at("2024-11-27 15:00", new_york));
  EXPECT_EQ(last.time_ns, at("2024-11-27 13:30", new_york));
  EXPECT_EQ(last.end_ns, at("2024-11-27 16:00", new_york)) << "cut short by the close";
  const auto hour = span("1h", nyse, at("2024-11-27 15:45", new_york));
  EXPECT_EQ(hour.time_ns, at("2024-11-27 15:30", new_york));
  EXPECT_EQ(hour.end_ns, at("2024-11-27 16:00", new_york));
}

TEST(bar_span, never_runs_over_a_break) {
  const auto sse = of("0930-1130,1300-1500", shanghai);
  const auto morning = span("4h", sse, at("2024-11-29 10:00", shanghai));
  EXPECT_EQ(morning.end_ns, at("2024-11-29 11:30", shanghai));
  EXPECT_EQ(span("4h", sse, at("2024-11-29 14:00", shanghai)).time_ns, at("2024-11-29 13:00", shanghai));
}

TEST(bar_span, takes_what_trades_before_the_open_and_behind_the_close) {
  const auto nyse = of("0930-1600", new_york);
  const auto open = span("1m", nyse, at("2024-11-27 08:00", new_york));
  EXPECT_EQ(open.time_ns, at("2024-11-27 09:30", new_york));
  EXPECT_EQ(open, span("1m", nyse, at("2024-11-27 09:30:59", new_york)));
  const auto close = span("1m", nyse, at("2024-11-27 16:00:03", new_york));
  EXPECT_EQ(close.time_ns, at("2024-11-27 15:59", new_york));
  EXPECT_EQ(close, span("1m", nyse, at("2024-11-27 15:59:01", new_york)));
  const auto inside = span("1m", nyse, at("2024-11-27 12:00", new_york));
  EXPECT_EQ(inside.from_ns, inside.time_ns);
  EXPECT_EQ(inside.until_ns, inside.end_ns);
}

TEST(bar_span, of_days_weeks_and_months_goes_by_trading_days) {
  const auto globex = of("1700-1600", "America/Chicago");
  const auto day = span("1d", globex, at("2024-11-25 03:00", "America/Chicago"));
  EXPECT_EQ(day.time_ns, at("2024-11-24 17:00", "America/Chicago"));
  EXPECT_EQ(day.end_ns, at("2024-11-25 16:00", "America/Chicago"));
  const auto week = span("1w", globex, at("2024-11-27 03:00", "America/Chicago"));
  EXPECT_EQ(week.time_ns, at("2024-11-24 17:00", "America/Chicago"));
  EXPECT_EQ(week.end_ns, at("2024-11-29 16:00", "America/Chicago"));
  const auto month = span("1mo", globex, at("2024-12-02 03:00", "America/Chicago"));
  EXPECT_EQ(month.time_ns, at("2024-12-01 17:00", "America/Chicago"));
}

TEST(bar_span, of_a_day_that_loses_an_hour_is_cut_short) {
  const auto round = of("24x7", new_york);
  const auto last = span("4h", round, at("2024-03-10 23:00", new_york));
  EXPECT_EQ(last.end_ns, at("2024-03-11 00:00", new_york));
  EXPECT_EQ(last.end_ns - last.time_ns, std::int64_t{3} * 3'600'000'000'000);
}

}  // namespace
}  // namespace tickcast::tests
