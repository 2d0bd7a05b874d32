#include "analytics/calendar.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

#include "tests/unit/analytics/local_time.hpp"

namespace tickcast::tests {
namespace {

using analytics::calendar;
using protocol::parse_day;

constexpr const char* new_york = "America/New_York";
constexpr const char* chicago = "America/Chicago";
constexpr const char* shanghai = "Asia/Shanghai";
constexpr std::int64_t minute = 60'000'000'000;
constexpr std::int64_t hour = 60 * minute;

calendar of(const char* hours, const char* zone, std::initializer_list<const char*> holidays = {},
            std::initializer_list<const char*> corrections = {}) {
  auto read = protocol::parse_trading_hours(hours).value();
  for (const auto* each : holidays) EXPECT_TRUE(protocol::add_holiday(read, each));
  for (const auto* each : corrections) EXPECT_TRUE(protocol::add_correction(read, each));
  return calendar::make(read, zone).value();
}

TEST(calendar, knows_the_session_that_trades_and_the_next) {
  const auto nyse = of("0930-1600", new_york);
  const auto open = nyse.session_at_or_after(at("2024-11-27 12:00", new_york));
  EXPECT_EQ(open.begin_ns, at("2024-11-27 09:30", new_york));
  EXPECT_EQ(open.end_ns, at("2024-11-27 16:00", new_york));
  EXPECT_TRUE(nyse.is_open(at("2024-11-27 09:30", new_york)));
  EXPECT_FALSE(nyse.is_open(at("2024-11-27 16:00", new_york)));
  const auto monday = nyse.session_at_or_after(at("2024-11-29 16:00", new_york));
  EXPECT_EQ(monday.begin_ns, at("2024-12-02 09:30", new_york));
}

TEST(calendar, leaves_no_time_without_a_session) {
  const auto nyse = of("0930-1600", new_york);
  const auto friday = *parse_day("20241129");
  const auto monday = *parse_day("20241202");
  EXPECT_EQ(nyse.trading_day(at("2024-11-29 08:00", new_york)), friday) << "pre-market";
  EXPECT_EQ(nyse.trading_day(at("2024-11-29 16:00:03", new_york)), friday) << "closing auction";
  EXPECT_EQ(nyse.trading_day(at("2024-11-29 23:59:59", new_york)), friday);
  EXPECT_EQ(nyse.trading_day(at("2024-11-30 00:00", new_york)), monday) << "over the weekend";
  EXPECT_EQ(nyse.trading_day(at("2024-12-02 09:29", new_york)), monday);
}

TEST(calendar, halves_a_break_between_its_sessions) {
  const auto sse = of("0930-1130,1300-1500", shanghai);
  const auto morning = sse.session_of(at("2024-11-29 12:14", shanghai));
  EXPECT_EQ(morning.end_ns, at("2024-11-29 11:30", shanghai));
  EXPECT_EQ(morning.until_ns, at("2024-11-29 12:15", shanghai));
  EXPECT_EQ(sse.session_of(at("2024-11-29 12:15", shanghai)).begin_ns, at("2024-11-29 13:00", shanghai));
}

TEST(calendar, gives_a_night_to_the_day_it_ends_on) {
  const auto globex = of("1700-1600", chicago);
  const auto monday = *parse_day("20241125");
  EXPECT_EQ(globex.trading_day(at("2024-11-24 17:00", chicago)), monday) << "Sunday evening";
  EXPECT_EQ(globex.trading_day(at("2024-11-25 15:59", chicago)), monday);
  EXPECT_EQ(globex.trading_day(at("2024-11-25 17:00", chicago)), monday + 1);
  const auto day = globex.day_of(at("2024-11-25 03:00", chicago));
  EXPECT_EQ(day.begin_ns, at("2024-11-24 17:00", chicago));
  EXPECT_EQ(day.end_ns, at("2024-11-25 16:00", chicago));
}

TEST(calendar, gives_a_friday_night_to_monday) {
  const auto shfe = of("2100F3-0230F2,0900-1500:2|2100-0230,0900-1500", shanghai);
  const auto monday = *parse_day("20241125");
  EXPECT_EQ(shfe.trading_day(at("2024-11-22 21:00", shanghai)), monday);
  EXPECT_EQ(shfe.trading_day(at("2024-11-23 02:29", shanghai)), monday);
  EXPECT_EQ(shfe.trading_day(at("2024-11-22 14:00", shanghai)), monday - 3);
  const auto day = shfe.day_of(at("2024-11-25 10:00", shanghai));
  EXPECT_EQ(day.begin_ns, at("2024-11-22 21:00", shanghai));
  EXPECT_EQ(day.end_ns, at("2024-11-25 15:00", shanghai));
}

TEST(calendar, leaves_holidays_out_and_shortens_half_days) {
  const auto nyse = of("0930-1600", new_york, {"20241128"}, {"0930-1300:20241129"});
  const auto thanksgiving = at("2024-11-28 12:00", new_york);
  EXPECT_FALSE(nyse.is_open(thanksgiving));
  EXPECT_EQ(nyse.trading_day(thanksgiving), *parse_day("20241129"));
  const auto half = nyse.session_at_or_after(thanksgiving);
  EXPECT_EQ(half.begin_ns, at("2024-11-29 09:30", new_york));
  EXPECT_EQ(half.end_ns, at("2024-11-29 13:00", new_york));
}

TEST(calendar, gathers_weeks_and_months_of_trading_days) {
  const auto nyse = of("0930-1600", new_york, {"20240101", "20240527"});
  const auto week = nyse.week_of(at("2024-05-30 12:00", new_york));
  EXPECT_EQ(week.begin_ns, at("2024-05-28 09:30", new_york)) << "Monday was a holiday";
  EXPECT_EQ(week.end_ns, at("2024-05-31 16:00", new_york));
  const auto month = nyse.month_of(at("2024-01-01 12:00", new_york));
  EXPECT_EQ(month.begin_ns, at("2024-01-02 09:30", new_york));
  EXPECT_EQ(month.end_ns, at("2024-01-31 16:00", new_york));
  EXPECT_EQ(month.day, *parse_day("20240102"));
}

TEST(calendar, keeps_the_exchanges_clock_over_summer_time) {
  const auto nyse = of("0930-1600", new_york);
  const auto winter = nyse.session_of(at("2024-03-08 12:00", new_york));
  const auto summer = nyse.session_of(at("2024-03-11 12:00", new_york));
  EXPECT_EQ(summer.begin_ns - winter.begin_ns, 72 * hour - hour);
  const auto globex = of("1700-1600", chicago);
  const auto spring = globex.session_of(at("2024-03-11 01:00", chicago));
  EXPECT_EQ(spring.end_ns - spring.begin_ns, 23 * hour) << "the hour is lost before Sunday's open";
  const auto round = of("24x7", new_york);
  const auto lost = round.session_of(at("2024-03-10 12:00", new_york));
  EXPECT_EQ(lost.end_ns - lost.begin_ns, 23 * hour);
  const auto gained = round.session_of(at("2024-11-03 12:00", new_york));
  EXPECT_EQ(gained.end_ns - gained.begin_ns, 25 * hour);
}

TEST(calendar, of_a_night_over_the_change_of_the_clock_is_an_hour_shorter_or_longer) {
  const auto nights = of("1700-1600:1234567", chicago);
  const auto spring = nights.session_of(at("2024-03-10 01:00", chicago));
  EXPECT_EQ(spring.end_ns - spring.begin_ns, 22 * hour);
  const auto autumn = nights.session_of(at("2024-11-03 00:30", chicago));
  EXPECT_EQ(autumn.end_ns - autumn.begin_ns, 24 * hour);
}

TEST(calendar, sessions_cover_every_instant_once) {
  for (const auto& each : {of("0930-1130,1300-1500", shanghai, {"20241001"}), of("1700-1600", chicago),
                           of("24x7", new_york), of("0900-1400:2|0900-1630|1000-1100:7", "Europe/Berlin")}) {
    auto session = each.session_of(at("2024-02-20 12:00"));
    for (int i = 0; i < 600; ++i) {
      ASSERT_LE(session.from_ns, session.begin_ns);
      ASSERT_LT(session.begin_ns, session.end_ns);
      ASSERT_LE(session.end_ns, session.until_ns);
      ASSERT_EQ(each.session_of(session.until_ns - 1), session);
      ASSERT_EQ(each.session_of(session.from_ns), session);
      const auto next = each.session_of(session.until_ns);
      ASSERT_EQ(next.from_ns, session.until_ns);
      session = next;
    }
  }
}

TEST(calendar, round_the_clock_in_utc_is_days_since_1970) {
  const calendar plain;
  EXPECT_TRUE(plain.plain());
  EXPECT_TRUE(of("24x7", "UTC").plain());
  EXPECT_FALSE(of("24x7", "UTC", {"20241225"}).plain());
  const auto day = plain.day_of(at("2024-11-29 13:00"));
  EXPECT_EQ(day.begin_ns, at("2024-11-29 00:00"));
  EXPECT_EQ(day.end_ns, at("2024-11-30 00:00"));
  EXPECT_EQ(plain.week_of(at("2024-12-01 23:00")).begin_ns, at("2024-11-25 00:00")) << "Monday";
  EXPECT_EQ(plain.month_of(at("2024-02-29 23:00")).end_ns, at("2024-03-01 00:00"));
  EXPECT_EQ(plain.trading_day(-1), -1);
}

TEST(calendar, that_never_opens_again_still_answers) {
  protocol::trading_hours none;
  none.always = false;
  const auto closed = calendar::make(none, "UTC").value();
  EXPECT_FALSE(closed.is_open(0));
  EXPECT_TRUE(closed.session_of(0).has(0));
  EXPECT_TRUE(closed.day_of(0).has(0));
}

TEST(calendar, needs_a_zone_that_exists) {
  const auto made = calendar::make({}, "Mars/Olympus");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().find("Mars/Olympus"), std::string::npos);
  EXPECT_TRUE(analytics::is_time_zone("Asia/Shanghai"));
  EXPECT_FALSE(analytics::is_time_zone(""));
}

}  // namespace
}  // namespace tickcast::tests
