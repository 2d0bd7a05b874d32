#include "tools/units.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tickcast::tools {
namespace {

using nlohmann::json;

TEST(units, what_is_not_known_is_a_dash) {
  for (const auto show :
       {as_text, as_count, as_rate, as_bytes, as_duration, as_micros, as_share, as_time, as_yes})
    EXPECT_EQ(show(json()), "-");
  EXPECT_EQ(as_text(""), "-");
}

TEST(units, what_has_another_type_is_shown_as_it_is) {
  for (const auto show : {as_count, as_rate, as_bytes, as_duration, as_micros, as_share, as_time, as_yes})
    EXPECT_EQ(show("many"), "many");
  EXPECT_EQ(as_text(json::array({1, 2})), "[1,2]");
}

TEST(units, counts_have_their_thousands_apart) {
  EXPECT_EQ(as_count(0), "0");
  EXPECT_EQ(as_count(999), "999");
  EXPECT_EQ(as_count(1000), "1,000");
  EXPECT_EQ(as_count(1234567), "1,234,567");
  EXPECT_EQ(as_count(-1234), "-1,234");
  EXPECT_EQ(as_count(-123), "-123");
}

TEST(units, rates_and_bytes_have_two_to_four_digits) {
  EXPECT_EQ(as_rate(0), "0");
  EXPECT_EQ(as_rate(0.25), "0.2");
  EXPECT_EQ(as_rate(99.94), "99.9");
  EXPECT_EQ(as_rate(812.4), "812");
  EXPECT_EQ(as_rate(999.4), "999");
  EXPECT_EQ(as_rate(999.6), "1.0k");
  EXPECT_EQ(as_rate(12'345), "12.3k");
  EXPECT_EQ(as_rate(4'560'000), "4.6M");
  EXPECT_EQ(as_bytes(999), "999 B");
  EXPECT_EQ(as_bytes(1500), "1.5 kB");
  EXPECT_EQ(as_bytes(2'000'000'000'000'000.0), "2000 TB");
}

TEST(units, durations_have_the_two_units_that_matter) {
  EXPECT_EQ(as_duration(0), "0");
  EXPECT_EQ(as_duration(999), "999 ms");
  EXPECT_EQ(as_duration(1500), "1.5 s");
  EXPECT_EQ(as_duration(192'000), "3m 12s");
  EXPECT_EQ(as_duration(7'500'000), "2h 05m");
  EXPECT_EQ(as_duration(273'600'000), "3d 4h");
  EXPECT_EQ(as_micros(8.25), "8.2 µs");
  EXPECT_EQ(as_micros(340), "340 µs");
  EXPECT_EQ(as_micros(1500), "1.5 ms");
  EXPECT_EQ(as_micros(2e6), "2.0 s");
  EXPECT_EQ(as_share(0.1254), "12.5%");
}

TEST(units, moments_are_utc) {
  EXPECT_EQ(as_time(1'723'075'200'123'456), "2024-08-08 00:00:00Z");
  EXPECT_EQ(as_log_time(1'723'075'200'123'456), "2024-08-08 00:00:00.123");
}

TEST(units, text_for_a_terminal_has_no_control_bytes_and_is_cut_by_code_points) {
  EXPECT_EQ(printable("a\x1b[2J\nb\x7f"), "a?[2J?b?");
  EXPECT_EQ(cut("αβγδ", 2), "αβ");
  EXPECT_EQ(cut("ab", 5), "ab");
  EXPECT_EQ(cut("ab", 0), "");
}

}  // namespace
}  // namespace tickcast::tools
