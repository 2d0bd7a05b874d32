#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "protocol/decimal.hpp"

namespace tickcast::protocol {
namespace {

decimal d(const char* text) {
  return *decimal::parse(text);
}
const decimal largest = decimal::from_integer(std::numeric_limits<std::int64_t>::max());

TEST(decimal_sum, begins_at_zero) {
  EXPECT_EQ(*decimal_sum().value(), decimal());
}

TEST(decimal_sum, is_exact_in_any_order) {
  std::mt19937_64 random(3);
  std::vector<decimal> values;
  __extension__ __int128 expected_units = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto units = static_cast<std::int64_t>(random() % 2'000'000'000'000) - 1'000'000'000'000;
    values.push_back(decimal::from_parts(units, 8));
    expected_units += units;
  }
  for (int round = 0; round < 5; ++round) {
    std::shuffle(values.begin(), values.end(), random);
    decimal_sum sum;
    for (const decimal value : values) ASSERT_TRUE(sum.add(value));
    EXPECT_EQ(*sum.value(), decimal::from_parts(static_cast<std::int64_t>(expected_units), 8));
  }
}

TEST(decimal_sum, takes_products_of_full_width) {
  decimal_sum sum;
  ASSERT_TRUE(sum.add_product(d("61234.5"), d("0.00413")));
  EXPECT_EQ(sum.value()->to_string(), "252.898485");
  ASSERT_TRUE(sum.add_product(largest, d("0.000000000000000001")));
  EXPECT_EQ(sum.value().error().code, errc::number_overflow);
  ASSERT_TRUE(sum.add_product(d("-61234.5"), d("0.00413")));
  ASSERT_TRUE(sum.value());
  EXPECT_EQ(sum.value()->to_string(), "9.223372036854775807");
}

TEST(decimal_sum, holds_more_than_a_decimal_between_two_values) {
  decimal_sum sum;
  ASSERT_TRUE(sum.add_product(largest, largest));
  EXPECT_EQ(sum.value().error().code, errc::number_overflow);
  ASSERT_TRUE(sum.add_product(largest, decimal::from_integer(-std::numeric_limits<std::int64_t>::max())));
  ASSERT_TRUE(sum.add(d("1.5")));
  EXPECT_EQ(*sum.value(), d("1.5"));
}

TEST(decimal_sum, refuses_what_does_not_fit_and_keeps_what_it_had) {
  decimal_sum sum;
  ASSERT_TRUE(sum.add_product(largest, largest));
  ASSERT_TRUE(sum.add_product(largest, largest));
  EXPECT_FALSE(sum.add_product(largest, largest));
  EXPECT_FALSE(sum.add(d("0.000000000000000001")));
  const decimal minus = decimal::from_integer(-std::numeric_limits<std::int64_t>::max());
  ASSERT_TRUE(sum.add_product(largest, minus));
  ASSERT_TRUE(sum.add_product(largest, minus));
  EXPECT_EQ(*sum.value(), decimal());
}

TEST(decimal_sum, finds_room_again_when_small_parts_have_cancelled_out) {
  decimal_sum sum;
  ASSERT_TRUE(sum.add_product(d("0.000000000000000001"), d("0.000000000000000001")));
  ASSERT_TRUE(sum.add_product(d("-0.000000000000000001"), d("0.000000000000000001")));
  ASSERT_TRUE(sum.add(largest));
  EXPECT_EQ(*sum.value(), largest);
}

TEST(decimal_sum, cuts_what_lies_beyond_18_places) {
  decimal_sum sum;
  ASSERT_TRUE(sum.add_product(d("0.0000000019"), d("0.0000000001")));
  EXPECT_EQ(*sum.value(), decimal());
  decimal_sum negative;
  ASSERT_TRUE(negative.add_product(d("-1.0000000019"), d("1.0000000001")));
  EXPECT_EQ(negative.value()->to_string(), "-1.000000002");
}

TEST(decimal_sum, gives_back_what_was_put_in) {
  decimal_sum sum;
  ASSERT_TRUE(sum.add(d("1.25")));
  ASSERT_TRUE(sum.add_product(d("61234.5"), d("0.00413")));
  ASSERT_TRUE(sum.subtract_product(d("61234.5"), d("0.00413")));
  EXPECT_EQ(*sum.value(), d("1.25"));
  ASSERT_TRUE(sum.subtract(d("1.25")));
  EXPECT_TRUE(sum.is_zero());
}

TEST(decimal_sum, adds_products_of_all_widths_alike) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 2000; ++i) {
    decimal_sum forwards, backwards;
    std::vector<std::pair<decimal, decimal>> factors;
    for (int k = 0; k < 5; ++k)
      factors.emplace_back(decimal::from_parts(static_cast<std::int64_t>(random() >> (25 + random() % 35)),
                                               static_cast<int>(random() % 6)),
                           decimal::from_parts(static_cast<std::int64_t>(random() >> (25 + random() % 35)),
                                               static_cast<int>(random() % 6)));
    for (const auto& [a, b] : factors) ASSERT_TRUE(forwards.add_product(a, b));
    std::reverse(factors.begin(), factors.end());
    for (const auto& [a, b] : factors) ASSERT_TRUE(backwards.add_product(b, a));
    EXPECT_EQ(forwards.rounded(), backwards.rounded());
    for (const auto& [a, b] : factors) ASSERT_TRUE(forwards.subtract_product(a, b));
    EXPECT_TRUE(forwards.is_zero());
  }
}

TEST(decimal_sum, is_rounded_where_a_decimal_has_no_place_for_all_its_digits) {
  const auto rounded = [](const char* a, const char* b) {
    decimal_sum sum;
    EXPECT_TRUE(sum.add_product(d(a), d(b)));
    const auto result = sum.rounded();
    EXPECT_EQ(result.has_value(), sum.fits_rounded());
    return result ? result->to_string() : "none";
  };
  EXPECT_EQ(rounded("61234.5", "0.00413"), "252.898485");
  EXPECT_EQ(rounded("61234.12345678", "1234.12345679"), "75570468.11398695776");
  EXPECT_EQ(rounded("-61234.12345678", "1234.12345679"), "-75570468.11398695776");
  EXPECT_EQ(rounded("0.0000000001", "0.000000005"), "0");
  EXPECT_EQ(rounded("0.0000000001", "0.000000015"), "0.000000000000000002");
  EXPECT_EQ(rounded("9223372036854775807", "1"), "9223372036854775807");
  EXPECT_EQ(rounded("9223372036854775807", "10"), "none");
}

TEST(decimal_sum, goes_on_from_its_parts) {
  decimal_sum sum;
  ASSERT_TRUE(sum.add_product(largest, decimal::from_integer(-1'000'000)));
  ASSERT_TRUE(sum.add(d("0.25")));
  decimal_sum again = decimal_sum::from_parts(sum.to_parts());
  ASSERT_TRUE(again.add_product(largest, decimal::from_integer(1'000'000)));
  EXPECT_EQ(*again.value(), d("0.25"));
}

}  // namespace
}  // namespace tickcast::protocol
