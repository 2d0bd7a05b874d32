#include "protocol/trading_hours.hpp"

#include <gtest/gtest.h>

namespace tickcast::protocol {
namespace {

constexpr int h = 60;
constexpr int d = 24 * h;
constexpr std::size_t sunday = 0, monday = 1, friday = 5, saturday = 6;
using sessions = std::vector<session_minutes>;

TEST(trading_hours, of_a_day_session_stand_from_monday_to_friday) {
  const auto read = parse_trading_hours("0930-1600").value();
  EXPECT_FALSE(read.always);
  for (std::size_t day = monday; day <= friday; ++day)
    EXPECT_EQ(read.by_weekday[day], (sessions{{9 * h + 30, 16 * h}}));
  EXPECT_TRUE(read.by_weekday[sunday].empty());
  EXPECT_TRUE(read.by_weekday[saturday].empty());
}

TEST(trading_hours, have_breaks_and_nights) {
  EXPECT_EQ(parse_trading_hours("1300-1500,0930-1130")->by_weekday[monday],
            (sessions{{9 * h + 30, 11 * h + 30}, {13 * h, 15 * h}}));
  EXPECT_EQ(parse_trading_hours("1700-1600")->by_weekday[monday], (sessions{{17 * h - d, 16 * h}}));
  EXPECT_EQ(parse_trading_hours("1700-1700")->by_weekday[monday], (sessions{{17 * h - d, 17 * h}}));
  EXPECT_EQ(parse_trading_hours("0000-0000")->by_weekday[monday], (sessions{{0, d}}));
  EXPECT_EQ(parse_trading_hours("0000-2400")->by_weekday[monday], (sessions{{0, d}}));
  EXPECT_EQ(parse_trading_hours("1900F3-1800:2|1900-1800")->by_weekday[monday],
            (sessions{{19 * h - 3 * d, 18 * h}}));
  EXPECT_EQ(parse_trading_hours("2100F3-0230F2,0900-1500:2|2100-0230,0900-1500")->by_weekday[monday],
            (sessions{{21 * h - 3 * d, 2 * h + 30 - 2 * d}, {9 * h, 15 * h}}));
}

TEST(trading_hours, differ_by_weekday) {
  const auto read = parse_trading_hours("0900-1400:2|0900-1630|1000-1200:17").value();
  EXPECT_EQ(read.by_weekday[monday], (sessions{{9 * h, 14 * h}}));
  EXPECT_EQ(read.by_weekday[friday], (sessions{{9 * h, 16 * h + 30}}));
  EXPECT_EQ(read.by_weekday[sunday], (sessions{{10 * h, 12 * h}}));
  EXPECT_EQ(read.by_weekday[saturday], (sessions{{10 * h, 12 * h}}));
}

TEST(trading_hours, differ_on_holidays_and_half_days) {
  auto read = parse_trading_hours("0930-1600").value();
  ASSERT_TRUE(add_holiday(read, "20241128"));
  ASSERT_TRUE(add_correction(read, "0930-1300:20241129,20241224"));
  ASSERT_TRUE(add_correction(read, "closed:20241225"));
  EXPECT_TRUE(read.of(*parse_day("20241128")).empty());
  EXPECT_EQ(read.of(*parse_day("20241129")), (sessions{{9 * h + 30, 13 * h}}));
  EXPECT_EQ(read.of(*parse_day("20241224")), (sessions{{9 * h + 30, 13 * h}}));
  EXPECT_TRUE(read.of(*parse_day("20241225")).empty());
  EXPECT_EQ(read.of(*parse_day("20241127")), (sessions{{9 * h + 30, 16 * h}}));
  EXPECT_TRUE(read.of(*parse_day("20241130")).empty()) << "a Saturday";
}

TEST(trading_hours, round_the_clock_are_all_of_every_day) {
  for (const char* text : {"", "24x7"}) {
    const auto read = parse_trading_hours(text).value();
    EXPECT_TRUE(read.always);
    EXPECT_EQ(read.of(4), (sessions{{0, d}}));
  }
}

TEST(trading_hours, that_make_no_sense_are_refused_with_a_sentence) {
  for (const char* text :
       {"0930", "0930-", "0930-1660", "2500-2600", "0930-1600,1500-1700", "0930-1600:", "0930-1600:8",
        "0930-1600:22", "0930-1600|1000-1100", "0930-1600:2|0930-1600:2", "1700F9-1600", "2400-0100",
        "0900-1800,1700-0800", "1600F2-1700:23", "x", "0930-1600 Europe/Berlin"}) {
    const auto read = parse_trading_hours(text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().find('"'), std::string::npos) << read.error();
  }
  trading_hours hours;
  for (const char* text : {"1000-1400", "1000-1400:", "1000-1400:20241301", "1000:20241129", "closed:x"})
    EXPECT_FALSE(add_correction(hours, text)) << text;
  for (const char* text : {"", "2024-11-29", "20240230", "20230229", "19691231", "20241100"})
    EXPECT_FALSE(add_holiday(hours, text)) << text;
  EXPECT_TRUE(hours.days_that_differ.empty());
}

TEST(parse_day, counts_from_1970) {
  EXPECT_EQ(parse_day("19700101"), 0);
  EXPECT_EQ(parse_day("19700102"), 1);
  EXPECT_EQ(parse_day("20240229"), 19782);
  EXPECT_EQ(parse_day("20241129"), 20056);
}

}  // namespace
}  // namespace tickcast::protocol
