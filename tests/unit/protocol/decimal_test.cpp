#include "protocol/decimal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

namespace tickcast::protocol {
namespace {

std::string again(std::string_view text) {
  const expected<decimal> read = decimal::parse(text);
  return read ? read->to_string() : std::string(to_string(read.error().code));
}

TEST(decimal, keeps_what_was_written_in_lowest_form) {
  EXPECT_EQ(again("0.1"), "0.1");
  EXPECT_EQ(again("0.10"), "0.1");
  EXPECT_EQ(again("5.800000000000"), "5.8");
  EXPECT_EQ(again("61234.50"), "61234.5");
  EXPECT_EQ(again("100"), "100");
  EXPECT_EQ(again("-0.25"), "-0.25");
  EXPECT_EQ(again("007.5"), "7.5");
  EXPECT_EQ(again("0.000000000000000001"), "0.000000000000000001");
  EXPECT_EQ(again("1." + std::string(500, '0')), "1");
  EXPECT_EQ(again("0." + std::string(500, '0')), "0");
}

TEST(decimal, reads_exponents) {
  EXPECT_EQ(again("1e-8"), "0.00000001");
  EXPECT_EQ(again("1.5E+3"), "1500");
  EXPECT_EQ(again("25e-1"), "2.5");
  EXPECT_EQ(again("100e-2"), "1");
  EXPECT_EQ(again("0e999999999999"), "0");
  EXPECT_EQ(again("1000000000000000000000e-6"), "1000000000000000");
}

TEST(decimal, has_one_zero) {
  for (const char* text : {"0", "-0", "0.000", "-0.0", "0e5"}) {
    const expected<decimal> read = decimal::parse(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, decimal()) << text;
    EXPECT_EQ(read->scale(), 0) << text;
    EXPECT_EQ(read->to_string(), "0") << text;
  }
  EXPECT_EQ(decimal::from_parts(0, 7), decimal());
}

TEST(decimal, takes_every_number_of_63_bits_and_no_larger_one) {
  EXPECT_EQ(again("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(again("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(again("0.9223372036854775807"), "number_overflow");
  EXPECT_EQ(again("9.223372036854775807"), "9.223372036854775807");
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "10000000000000000000",
                           "99999999999999999999", "1e19", "1e-19", "1e99999999999999", "1e-99999999999999",
                           "0.12345678901234567891", "1.0000000000000000000001"}) {
    EXPECT_EQ(again(text), "number_overflow") << text;
  }
}

TEST(decimal, refuses_what_is_no_number) {
  for (const char* text : {"", "-", "+1", ".5", "1.", "1.e5", "1e", "1e+", "--1", "1.2.3", "1,5", " 1", "1 ",
                           "0x10", "nan", "inf", "1e5.0", "\xEF\xBC\x91"}) {
    EXPECT_EQ(again(text), "bad_field") << '\'' << text << '\'';
  }
  EXPECT_EQ(again(std::string_view("1\0", 2)), "bad_field");
}

TEST(decimal, leaves_its_target_alone_when_it_refuses) {
  decimal value = decimal::from_integer(7);
  EXPECT_EQ(decimal::read("7x", value), errc::bad_field);
  EXPECT_EQ(decimal::read("1e40", value), errc::number_overflow);
  EXPECT_EQ(value, decimal::from_integer(7));
}

TEST(decimal, takes_the_shortest_form_of_a_double) {
  EXPECT_EQ(decimal::from_double(0.1)->to_string(), "0.1");
  EXPECT_EQ(decimal::from_double(61234.5)->to_string(), "61234.5");
  EXPECT_EQ(decimal::from_double(-0.0)->to_string(), "0");
  EXPECT_EQ(decimal::from_double(1e-8)->to_string(), "0.00000001");
  EXPECT_EQ(decimal::from_double(1e18)->to_string(), "1000000000000000000");
  EXPECT_EQ(decimal::from_float(0.1F)->to_string(), "0.1");
  EXPECT_EQ(decimal::from_double(std::nan("")).error().code, errc::bad_field);
  EXPECT_EQ(decimal::from_double(std::numeric_limits<double>::infinity()).error().code, errc::bad_field);
  EXPECT_EQ(decimal::from_double(1e300).error().code, errc::number_overflow);
  EXPECT_EQ(decimal::from_double(5e-324).error().code, errc::number_overflow);
}

TEST(decimal, ten_times_a_tenth_is_one) {
  decimal_sum sum;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(sum.add(*decimal::from_double(0.1)));
  EXPECT_EQ(*sum.value(), decimal::from_integer(1));
}

TEST(decimal, orders_across_scales) {
  const auto d = [](const char* text) { return *decimal::parse(text); };
  EXPECT_LT(d("0.9"), d("1"));
  EXPECT_LT(d("-1"), d("-0.9"));
  EXPECT_GT(d("9223372036854775807"), d("0.000000000000000001"));
  EXPECT_LT(d("-9223372036854775808"), d("9.223372036854775807"));
  EXPECT_EQ(d("1.50") <=> d("1.5"), std::strong_ordering::equal);
}

TEST(decimal, gives_the_nearest_double) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    const decimal value = decimal::from_parts(static_cast<std::int64_t>(random()) >> (random() % 60),
                                              static_cast<int>(random() % 19));
    EXPECT_EQ(value.to_double(), std::strtod(value.to_string().c_str(), nullptr)) << value.to_string();
  }
}

TEST(decimal, has_an_exact_double_only_if_its_shortest_form_is_the_number) {
  EXPECT_EQ(decimal::parse("61234.5")->exact_double(), 61234.5);
  EXPECT_EQ(decimal::parse("0.1")->exact_double(), 0.1);
  EXPECT_EQ(decimal::parse("0.123456789012345678")->exact_double(), std::nullopt);
  EXPECT_EQ(decimal::from_integer((std::int64_t{1} << 53) + 1).exact_double(), std::nullopt);
  std::mt19937_64 random(8);
  for (int i = 0; i < 20000; ++i) {
    const decimal value = decimal::from_parts(static_cast<std::int64_t>(random()) >> (random() % 60),
                                              static_cast<int>(random() % 19));
    const std::optional<double> exact = value.exact_double();
    if (exact) {
      EXPECT_EQ(*decimal::from_double(*exact), value) << value.to_string();
    } else {
      EXPECT_GE(std::llabs(value.mantissa()), 1'000'000'000'000'000) << value.to_string();
    }
  }
}

TEST(decimal, reads_back_whatever_it_writes) {
  std::mt19937_64 random(9);
  for (int i = 0; i < 50000; ++i) {
    const decimal value = decimal::from_parts(static_cast<std::int64_t>(random()) >> (random() % 64),
                                              static_cast<int>(random() % 19));
    const std::string text = value.to_string();
    ASSERT_LE(text.size(), decimal::max_chars);
    const expected<decimal> back = decimal::parse(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(*back, value) << text;
    EXPECT_TRUE(value.scale() == 0 || value.mantissa() % 10 != 0) << text;
  }
}

TEST(decimal, writes_the_longest_number_within_max_chars) {
  const decimal value = decimal::from_parts(std::numeric_limits<std::int64_t>::min() + 1, decimal::max_scale);
  EXPECT_EQ(value.to_string(), "-9.223372036854775807");
  EXPECT_EQ(decimal::from_parts(-1, decimal::max_scale).to_string(), "-0.000000000000000001");
}

}  // namespace
}  // namespace tickcast::protocol
