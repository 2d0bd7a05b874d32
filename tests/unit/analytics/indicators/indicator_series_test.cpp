#include "analytics/indicators/indicator_series.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "tests/unit/analytics/indicators/seeded_series.hpp"

namespace tickcast::tests {
namespace {

using analytics::indicators::bar_input;
using analytics::indicators::catalogue;
using analytics::indicators::indicator;
using analytics::indicators::indicator_series;
using analytics::indicators::parse_call;
using bits = std::vector<std::uint64_t>;

bits bits_of(std::span<const double> values) {
  bits result;
  for (const double value : values) result.push_back(std::bit_cast<std::uint64_t>(value));
  return result;
}

TEST(indicator_series, that_was_corrected_is_that_of_a_series_which_was_right_from_the_beginning) {
  auto bars = seeded_series("walk", 300);
  const auto others = seeded_series("gaps", 300, 5);
  for (const auto& function : catalogue()) {
    SCOPED_TRACE(function.name);
    const auto call = parse_call(function.name).value();
    indicator_series series{call};
    for (std::size_t i = 0; i < 200; ++i) series.update(bars[i]);
    auto right = bars;
    for (const std::size_t ago : {0U, 63U, 17U}) {
      right[199 - ago] = others[ago];
      const auto revised = series.revise(ago, others[ago]);
      indicator fresh{call};
      bits expected;
      for (std::size_t i = 0; i < 200; ++i) {
        const auto values = bits_of(fresh.update(right[i]));
        if (i >= 199 - ago) expected.insert(expected.end(), values.begin(), values.end());
      }
      ASSERT_EQ(bits_of(revised), expected) << ago;
      ASSERT_EQ(bits_of(series.peek(bars[250])), bits_of(fresh.peek(bars[250]))) << ago;
    }
  }
}

TEST(indicator_series, whose_last_bars_were_rewritten_is_that_of_a_series_which_had_these_bars) {
  const auto bars = seeded_series("walk", 300);
  const auto others = seeded_series("gaps", 300, 5);
  struct change {
    std::size_t last, by;
  };
  for (const auto& function : catalogue()) {
    SCOPED_TRACE(function.name);
    const auto call = parse_call(function.name).value();
    indicator_series series{call};
    std::vector<bar_input> right(bars.begin(), bars.begin() + 150);
    for (const auto& each : right) series.update(each);
    for (const auto [last, by] : {change{1, 2}, {64, 64}, {0, 3}, {10, 90}, {5, 5}}) {
      right.erase(right.end() - static_cast<std::ptrdiff_t>(last), right.end());
      right.insert(right.end(), others.begin(), others.begin() + static_cast<std::ptrdiff_t>(by));
      const auto rewritten = series.rewrite(last, std::span(others).first(by));
      indicator fresh{call};
      bits expected;
      for (std::size_t i = 0; i < right.size(); ++i) {
        const auto values = bits_of(fresh.update(right[i]));
        if (i >= right.size() - by) expected.insert(expected.end(), values.begin(), values.end());
      }
      ASSERT_EQ(bits_of(rewritten), expected) << last << " by " << by;
      ASSERT_EQ(bits_of(series.peek(bars[250])), bits_of(fresh.peek(bars[250]))) << last << " by " << by;
    }
  }
}

TEST(indicator_series, rewrites_no_more_than_it_keeps_and_nothing_that_is_not_finite) {
  const auto bars = seeded_series("walk", 20);
  indicator_series series{parse_call("sma(3)").value(), 8};
  for (const auto& bar : bars) series.update(bar);
  auto broken = bars[0];
  broken.high = NAN;
  const auto before = bits_of(series.peek(bars[5]));
  EXPECT_TRUE(series.rewrite(9, std::span(bars).first(9)).empty());
  EXPECT_TRUE(series.rewrite(1, std::span(&broken, 1)).empty());
  EXPECT_EQ(bits_of(series.peek(bars[5])), before);
}

TEST(indicator_series, keeps_no_more_bars_than_it_was_told) {
  const auto bars = seeded_series("walk", 20);
  indicator_series series{parse_call("sma(3)").value(), 8};
  EXPECT_TRUE(series.revise(0, bars[0]).empty());
  for (const auto& bar : bars) series.update(bar);
  EXPECT_EQ(series.revisable(), 8U);
  EXPECT_EQ(series.revise(7, bars[0]).size(), 8U);
  EXPECT_TRUE(series.revise(8, bars[0]).empty());
}

TEST(indicator_series, is_not_changed_by_a_bar_that_is_not_finite) {
  const auto bars = seeded_series("walk", 20);
  indicator_series series{parse_call("ema(3)").value()};
  for (const auto& bar : bars) series.update(bar);
  const auto before = series.save();
  auto broken = bars[0];
  broken.close = NAN;
  EXPECT_TRUE(series.update(broken).empty());
  EXPECT_TRUE(series.revise(3, broken).empty());
  EXPECT_EQ(series.save(), before);
}

TEST(indicator_series, goes_on_from_saved_bytes_and_can_still_be_corrected) {
  const auto bars = seeded_series("walk", 220);
  const auto call = parse_call("bbands").value();
  for (const std::size_t cut : {0U, 5U, 200U}) {
    indicator_series series{call, 16};
    for (std::size_t i = 0; i < cut; ++i) series.update(bars[i]);
    auto loaded = indicator_series::load(call, series.save()).value();
    for (std::size_t i = cut; i < 210; ++i)
      ASSERT_EQ(bits_of(series.update(bars[i])), bits_of(loaded.update(bars[i])));
    ASSERT_EQ(bits_of(series.revise(12, bars[215])), bits_of(loaded.revise(12, bars[215])));
  }
}

TEST(indicator_series, takes_no_bytes_with_a_fault_or_of_an_indicator) {
  const auto call = parse_call("sma(3)").value();
  indicator_series series{call, 4};
  for (const auto& bar : seeded_series("walk", 9)) series.update(bar);
  const auto saved = series.save();
  for (std::size_t i = 0; i < saved.size(); ++i) {
    auto damaged = saved;
    damaged[i] ^= std::byte{0x10};
    EXPECT_FALSE(indicator_series::load(call, damaged)) << i;
    EXPECT_FALSE(indicator_series::load(call, std::span{saved}.first(i))) << i;
  }
  EXPECT_FALSE(indicator_series::load(parse_call("sma(4)").value(), saved));
  EXPECT_FALSE(indicator_series::load(call, indicator{call}.save()));
}

}  // namespace
}  // namespace tickcast::tests
