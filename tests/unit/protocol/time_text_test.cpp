#include "protocol/time_text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace tickcast::protocol {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t day_ns = 86'400 * second_ns;
constexpr std::int64_t august_8_ns = 1'723'075'200 * second_ns;  // 2024-08-08

TEST(iso_time, reads_a_date_alone_as_its_first_moment) {
  EXPECT_EQ(parse_iso_time("2024-08-08"), august_8_ns);
  EXPECT_EQ(parse_iso_time("20240808"), august_8_ns);
  EXPECT_EQ(parse_iso_time("1970-01-01"), 0);
  EXPECT_EQ(parse_iso_time("1969-12-31"), -day_ns);
  EXPECT_EQ(parse_iso_time("1962-01-02"), -252'374'400 * second_ns);
}

TEST(iso_time, reads_times_of_day_in_every_shape) {
  const auto half_past_nine = august_8_ns + (9 * 3600 + 30 * 60) * second_ns;
  for (const auto* text : {"2024-08-08T09:30", "2024-08-08 09:30", "20240808 09:30", "2024-08-08T09:30:00",
                           "20240808T093000", "2024-08-08T09:30:00Z", "2024-08-08t09:30z", "20240808T0930Z"})
    EXPECT_EQ(parse_iso_time(text), half_past_nine) << text;
}

TEST(iso_time, takes_offsets_off) {
  const auto nine_utc = august_8_ns + 9 * 3600 * second_ns;
  for (const auto* text : {"2024-08-08T17:00:00+08:00", "2024-08-08T17:00+0800", "2024-08-08T17:00:00+08",
                           "2024-08-08T05:00:00-04:00", "2024-08-08T14:30:00.000+05:30"})
    EXPECT_EQ(parse_iso_time(text), nine_utc) << text;
  EXPECT_EQ(parse_iso_time("2024-08-08T01:00+02:00"), august_8_ns - 3600 * second_ns);
}

TEST(iso_time, keeps_fractions_to_the_nanosecond) {
  EXPECT_EQ(parse_iso_time("2024-08-08T00:00:00.5"), august_8_ns + 500'000'000);
  EXPECT_EQ(parse_iso_time("2024-08-08T00:00:00.123456789Z"), august_8_ns + 123'456'789);
  EXPECT_EQ(parse_iso_time("2024-08-08T00:00:00.1234567899Z"), august_8_ns + 123'456'789)
      << "the rest is cut";
  EXPECT_EQ(parse_iso_time("20240808T000000,25"), august_8_ns + 250'000'000);
}

TEST(iso_time, refuses_what_is_none) {
  for (const auto* text : {"",
                           "yesterday",
                           "2024",
                           "2024-08",
                           "2024-13-01",
                           "2024-02-30",
                           "2023-02-29",
                           "2024-08-08T",
                           "2024-08-08T9:30",
                           "2024-08-08T24:00",
                           "2024-08-08T09:60",
                           "2024-08-08T09:30:60",
                           "2024-08-08T09:30:00.",
                           "2024-08-08T09:30:00+",
                           "2024-08-08T09:30:00+24:00",
                           "2024-08-08T09:30:00+08:00x",
                           "2024-0808",
                           "20240808093000",
                           "1677-12-31",
                           "2262-01-01",
                           "1723075200000"})
    EXPECT_FALSE(parse_iso_time(text)) << text;
  EXPECT_TRUE(parse_iso_time("2024-02-29"));
  EXPECT_TRUE(parse_iso_time("1678-01-01"));
  EXPECT_TRUE(parse_iso_time("2261-12-31T23:59:59.999999999"));
}

TEST(iso_time, is_written_so_that_it_reads_back) {
  EXPECT_EQ(iso_time(august_8_ns + 123), "2024-08-08T00:00:00.000000123Z");
  for (const std::int64_t time_ns : {std::int64_t{0}, std::int64_t{-1}, august_8_ns + 1,
                                     -252'374'400 * second_ns, std::int64_t{-9'000'000'000'000'000'001}})
    EXPECT_EQ(parse_iso_time(iso_time(time_ns)), time_ns) << iso_time(time_ns);
}

TEST(query_time, is_microseconds_or_iso) {
  EXPECT_EQ(parse_query_time("1723075200000001"), august_8_ns + 1000);
  EXPECT_EQ(parse_query_time("-1"), -1000);
  EXPECT_EQ(parse_query_time("20240808"), 20'240'808'000) << "digits alone are microseconds";
  EXPECT_EQ(parse_query_time("2024-08-08"), august_8_ns);
  EXPECT_FALSE(parse_query_time(std::to_string(std::numeric_limits<std::int64_t>::max())));
  EXPECT_FALSE(parse_query_time("1.5"));
  EXPECT_FALSE(parse_query_time("2024"));
}

}  // namespace
}  // namespace tickcast::protocol
