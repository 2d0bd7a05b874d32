#include "net/api/time_text.hpp"

#include <gtest/gtest.h>

namespace tickcast::net::api {
namespace {

TEST(time_text_test, whole_numbers_are_microseconds) {
  EXPECT_EQ(parse_time("0"), 0);
  EXPECT_EQ(parse_time("1723075200123456"), 1723075200123456000);
  EXPECT_EQ(parse_time("-1000000"), -1000000000);
}

TEST(time_text_test, iso_8601_with_and_without_time_fraction_and_offset) {
  EXPECT_EQ(parse_time("2024-08-08"), 1723075200000000000);
  EXPECT_EQ(parse_time("2024-08-08T00:00:00Z"), 1723075200000000000);
  EXPECT_EQ(parse_time("2024-08-08T00:00:00"), 1723075200000000000) << "UTC where nothing else is said";
  EXPECT_EQ(parse_time("2024-08-08T09:30:00.123456789Z"), 1723109400123456789);
  EXPECT_EQ(parse_time("2024-08-08T09:30:00-04:00"), 1723123800000000000);
  EXPECT_EQ(parse_time("2024-08-08T09:30:00+08:00"), 1723080600000000000);
  EXPECT_EQ(parse_time("1962-01-02"), -252374400000000000) << "before 1970 too";
}

TEST(time_text_test, an_offset_whose_plus_the_url_has_lost_is_still_read) {
  EXPECT_EQ(parse_time("2024-08-08T09:30:00 08:00"), parse_time("2024-08-08T09:30:00+08:00"));
}

TEST(time_text_test, what_is_no_time_or_does_not_fit_is_refused) {
  for (const auto* bad : {"", "yesterday", "2024", "2024-13-01", "2024-02-30", "2024-08-08T25:00:00Z",
                          "2024-08-08T00:00:00Zx", "12.5", "0x10", "9999-01-01", "0001-01-01",
                          "99999999999999999999", "9300000000000000000", "2024-08-08T00:00:00+8"})
    EXPECT_EQ(parse_time(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace tickcast::net::api
