#include "protocol/market.hpp"

#include <gtest/gtest.h>

#include <random>

namespace tickcast::protocol {
namespace {

decimal d(const char* text) {
  return *decimal::parse(text);
}

std::string vwap_of(const char* value, const char* volume) {
  bar of;
  of.value = d(value);
  of.volume = d(volume);
  const auto found = vwap(of);
  return found ? found->to_string() : "none";
}

TEST(vwap, is_value_by_volume_to_twelve_significant_digits) {
  EXPECT_EQ(vwap_of("252.898485", "0.00413"), "61234.5");
  EXPECT_EQ(vwap_of("100", "3"), "33.3333333333");
  EXPECT_EQ(vwap_of("200", "3"), "66.6666666667");
  EXPECT_EQ(vwap_of("0.000001", "3"), "0.000000333333333333");
  EXPECT_EQ(vwap_of("-200", "3"), "-66.6666666667");
  EXPECT_EQ(vwap_of("2000000000000000", "3"), "666666666667000");
}

TEST(vwap, rounds_a_half_to_the_even_digit) {
  EXPECT_EQ(vwap_of("1.000000000005", "1"), "1");
  EXPECT_EQ(vwap_of("1.000000000015", "1"), "1.00000000002");
  EXPECT_EQ(vwap_of("1.000000000025", "1"), "1.00000000002");
  EXPECT_EQ(vwap_of("999999999999.5", "1"), "1000000000000");
}

TEST(vwap, has_at_most_eighteen_places) {
  EXPECT_EQ(vwap_of("0.000000000000000001", "1"), "0.000000000000000001");
  EXPECT_EQ(vwap_of("0.000000000000000001", "3"), "0");
  EXPECT_EQ(vwap_of("0.00000000000001", "3"), "0.000000000000003333");
}

TEST(vwap, goes_to_the_ends_of_what_a_decimal_holds) {
  EXPECT_EQ(vwap_of("9223372036854775807", "1"), "9223372036850000000");
  EXPECT_EQ(vwap_of("9223372036854775807", "0.000000000000000001"), "none");
  EXPECT_EQ(vwap_of("1", "9223372036854775807"), "0");
  EXPECT_EQ(vwap_of("0.000000000000000001", "0.000000000000000001"), "1");
}

TEST(vwap, is_none_without_value_or_volume) {
  EXPECT_EQ(vwap_of("0", "1"), "none");
  EXPECT_EQ(vwap_of("1", "0"), "none");
}

TEST(vwap, is_as_near_as_twelve_digits_allow) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 10'000; ++i) {
    bar of;
    of.value = decimal::from_parts(static_cast<std::int64_t>(random() >> (1 + random() % 60)) + 1,
                                   static_cast<int>(random() % 10));
    of.volume = decimal::from_parts(static_cast<std::int64_t>(random() >> (1 + random() % 60)) + 1,
                                    static_cast<int>(random() % 10));
    const auto found = vwap(of);
    if (!found) continue;
    const double exact = of.value.to_double() / of.volume.to_double();
    EXPECT_NEAR(found->to_double(), exact, exact * 5.1e-12 + 5.1e-19);
  }
}

}  // namespace
}  // namespace tickcast::protocol
