#include "analytics/session_hours.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace tickcast::analytics {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

/// "2024-03-10 14:30" in UTC, as nanoseconds.
std::int64_t utc(const char* text) {
  std::tm parts{};
  EXPECT_NE(::strptime(text, "%Y-%m-%d %H:%M", &parts), nullptr) << text;
  return static_cast<std::int64_t>(::timegm(&parts)) * second_ns;
}

session_hours hours(std::string_view text) {
  auto parsed = session_hours::parse(text);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error());
  return parsed.value_or(session_hours{});
}

void expect_stretch(std::string_view text, const char* at, bool open, const char* since, const char* until) {
  const auto got = hours(text).at(utc(at));
  EXPECT_EQ(got.open, open) << text << " at " << at;
  EXPECT_EQ((got.since_ns - utc(since)) / second_ns, 0) << text << " at " << at;
  EXPECT_EQ((got.until_ns - utc(until)) / second_ns, 0) << text << " at " << at;
}

TEST(session_hours, without_hours_a_market_is_open_round_the_clock) {
  for (const auto* text : {"", "24x7"}) {
    EXPECT_TRUE(hours(text).always());
    EXPECT_TRUE(hours(text).is_open(utc("2024-12-25 03:00")));
    EXPECT_EQ(hours(text).at(0).until_ns, session_hours::always_ns);
  }
}

TEST(session_hours, are_those_of_the_local_clock_from_monday_to_friday) {
  const auto* new_york = "0930-1600 America/New_York";
  expect_stretch(new_york, "2024-01-10 14:30", true, "2024-01-10 14:30", "2024-01-10 21:00");
  expect_stretch(new_york, "2024-01-10 20:59", true, "2024-01-10 14:30", "2024-01-10 21:00");
  expect_stretch(new_york, "2024-01-10 21:00", false, "2024-01-10 21:00", "2024-01-11 14:30");
  expect_stretch(new_york, "2024-01-13 15:00", false, "2024-01-12 21:00", "2024-01-15 14:30");
}

TEST(session_hours, follow_the_change_to_summer_time) {
  // 2024-03-10: New York goes from UTC-5 to UTC-4, a weekend's night before Monday's opening.
  const auto* new_york = "0930-1600 America/New_York";
  expect_stretch(new_york, "2024-03-10 12:00", false, "2024-03-08 21:00", "2024-03-11 13:30");
  expect_stretch(new_york, "2024-03-11 13:30", true, "2024-03-11 13:30", "2024-03-11 20:00");
}

TEST(session_hours, follow_the_change_back_to_winter_time) {
  // 2024-11-03: from UTC-4 to UTC-5.
  const auto* new_york = "0930-1600 America/New_York";
  expect_stretch(new_york, "2024-11-02 12:00", false, "2024-11-01 20:00", "2024-11-04 14:30");
  expect_stretch(new_york, "2024-11-04 14:29", false, "2024-11-01 20:00", "2024-11-04 14:30");
}

TEST(session_hours, a_session_over_a_change_of_the_clock_is_an_hour_shorter_or_longer) {
  const auto* every_night = "Sun-Sat 2200-0600 Europe/Berlin";
  expect_stretch(every_night, "2024-03-31 00:30", true, "2024-03-30 21:00", "2024-03-31 04:00");
  expect_stretch(every_night, "2024-10-27 00:30", true, "2024-10-26 20:00", "2024-10-27 05:00");
}

TEST(session_hours, an_hour_that_does_not_exist_begins_when_the_clock_has_jumped) {
  // 2024-03-31 in Berlin: 02:00 is followed by 03:00.
  expect_stretch("Sun-Sat 0230-0400 Europe/Berlin", "2024-03-31 01:30", true, "2024-03-31 01:00",
                 "2024-03-31 02:00");
}

TEST(session_hours, an_hour_that_comes_twice_is_open_both_times) {
  // 2024-10-27 in Berlin: 02:00 to 03:00 comes twice.
  expect_stretch("Sun-Sat 0215-0245 Europe/Berlin", "2024-10-27 01:30", true, "2024-10-27 00:15",
                 "2024-10-27 01:45");
}

TEST(session_hours, have_a_break_at_noon) {
  const auto* shanghai = "0930-1130,1300-1500 Asia/Shanghai";
  expect_stretch(shanghai, "2024-01-10 03:00", true, "2024-01-10 01:30", "2024-01-10 03:30");
  expect_stretch(shanghai, "2024-01-10 04:00", false, "2024-01-10 03:30", "2024-01-10 05:00");
  expect_stretch(shanghai, "2024-01-10 06:59", true, "2024-01-10 05:00", "2024-01-10 07:00");
}

TEST(session_hours, over_midnight_stand_when_both_days_are_listed) {
  const auto* chicago = "Sun-Fri 1700-1600 America/Chicago";
  EXPECT_FALSE(hours(chicago).is_open(utc("2024-01-14 22:59"))) << "Sunday, before 17:00";
  expect_stretch(chicago, "2024-01-14 23:00", true, "2024-01-14 23:00", "2024-01-15 22:00");
  expect_stretch(chicago, "2024-01-15 22:30", false, "2024-01-15 22:00", "2024-01-15 23:00");
  expect_stretch(chicago, "2024-01-19 22:00", false, "2024-01-19 22:00", "2024-01-21 23:00");
  EXPECT_FALSE(hours("2100-0230 Asia/Shanghai").is_open(utc("2024-01-12 14:00"))) << "Friday night";
  EXPECT_TRUE(hours("Mon-Sat 2100-0230 Asia/Shanghai").is_open(utc("2024-01-12 14:00")));
}

TEST(session_hours, that_touch_are_one_stretch) {
  expect_stretch("FX", "2024-01-17 12:00", true, "2024-01-14 22:00", "2024-01-19 22:00");
  expect_stretch("0900-1200,1200-1300 UTC", "2024-01-10 12:30", true, "2024-01-10 09:00", "2024-01-10 13:00");
}

TEST(session_hours, may_end_at_midnight_and_name_single_days) {
  expect_stretch("Mon,Wed 2000-2400 UTC", "2024-01-10 23:59", true, "2024-01-10 20:00", "2024-01-11 00:00");
  expect_stretch("Mon,Wed 2000-0000 UTC", "2024-01-10 23:59", true, "2024-01-10 20:00", "2024-01-11 00:00");
  EXPECT_FALSE(hours("Mon,Wed 2000-2400 UTC").is_open(utc("2024-01-09 21:00")));
  EXPECT_TRUE(hours("Sat-Mon 1000-1100 UTC").is_open(utc("2024-01-07 10:30"))) << "Sunday";
}

TEST(session_hours, names_stand_for_hours_that_can_be_read) {
  for (const auto& [name, text] : session_hours::known()) {
    EXPECT_TRUE(session_hours::parse(text)) << text;
    const auto at = utc("2024-01-10 12:00");
    EXPECT_EQ(hours(name).at(at).until_ns, hours(text).at(at).until_ns) << name;
  }
}

TEST(session_hours, say_what_is_wrong_with_them) {
  const auto fault = [](std::string_view text) {
    const auto parsed = session_hours::parse(text);
    return parsed ? std::string("taken") : parsed.error();
  };
  EXPECT_NE(fault("XNOWHERE").find("neither a known name"), std::string::npos) << fault("XNOWHERE");
  EXPECT_NE(fault("0930-1600 America/Springfield").find("no time zone"), std::string::npos);
  for (const auto* text : {"930-1600 UTC", "0930 UTC", "0930-2500 UTC", "0960-1000 UTC", "2400-0100 UTC",
                           "0930-1600, UTC", "0930-1000-1100 UTC", "Mon-Fri  0930-1600 UTC"})
    EXPECT_NE(fault(text), "taken") << text;
  EXPECT_NE(fault("Moonday 0930-1600 UTC").find("names no days"), std::string::npos);
  EXPECT_NE(fault("Mon-Tue-Wed 0930-1600 UTC").find("names no days"), std::string::npos);
}

}  // namespace
}  // namespace tickcast::analytics
