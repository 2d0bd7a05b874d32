#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <map>

#include "analytics/indicators/batch.hpp"
#include "tests/unit/analytics/indicators/seeded_series.hpp"

// What happens where formulas have no answer of their own; docs/indicators.md promises it.

namespace tickcast::tests {
namespace {

using analytics::indicators::bar_input;
using analytics::indicators::catalogue;
using analytics::indicators::compute;
using analytics::indicators::pane;
using analytics::indicators::parse_call;
using columns = std::vector<std::vector<double>>;

columns of(std::string_view text, std::span<const bar_input> bars) {
  return compute(parse_call(text).value(), bars);
}

double last(std::string_view text, std::span<const bar_input> bars, std::size_t output = 0) {
  return of(text, bars)[output].back();
}

TEST(indicators_of_a_flat_market, drawn_over_the_price_are_the_price) {
  const auto bars = seeded_series("flat", 300);
  for (const auto& function : catalogue()) {
    if (function.drawn_in != pane::price || function.name == "mama") continue;
    for (const auto& column : of(function.name, bars))
      if (column.back() != 1) {
        EXPECT_DOUBLE_EQ(column.back(), bars[0].close) << function.name;
      }
  }
  EXPECT_NEAR(last("mama", bars), bars[0].close, 1e-9);
}

TEST(indicators_of_a_flat_market, are_exactly_the_price_where_they_are_averages_of_closes) {
  const auto bars = seeded_series("flat", 300);
  for (const auto* name : {"sma", "ema", "wma", "dema", "tema", "trima", "kama", "t3", "hma", "rma", "vwma",
                           "bbands", "donchian", "midpoint", "linearreg", "tsf"})
    for (const auto& column : of(name, bars)) EXPECT_EQ(column.back(), bars[0].close) << name;
}

TEST(indicators_of_a_flat_market, are_exactly_zero_where_they_measure_differences) {
  const auto bars = seeded_series("flat", 300);
  for (const auto* name : {"macd",
                           "macdext",
                           "macdfix",
                           "apo",
                           "ppo",
                           "pvo",
                           "ao",
                           "mom",
                           "roc",
                           "rocp",
                           "trix",
                           "stddev",
                           "var",
                           "avgdev",
                           "trange",
                           "atr",
                           "natr",
                           "linearreg_slope",
                           "linearreg_angle",
                           "plus_dm",
                           "minus_dm",
                           "plus_di",
                           "minus_di",
                           "dx",
                           "adx",
                           "adxr",
                           "cci",
                           "bop",
                           "beta",
                           "correl",
                           "ad",
                           "adosc",
                           "cmf"})
    for (const auto& column : of(name, bars)) {
      EXPECT_EQ(column.back(), 0) << name;
      EXPECT_FALSE(std::signbit(column.back())) << name;
    }
}

TEST(indicators_of_a_flat_market, that_have_a_scale_of_their_own_stay_where_the_page_says) {
  const auto bars = seeded_series("flat", 300);
  const std::map<std::string, double> expected{
      {"rsi", 0},    {"cmo", 0},       {"mfi", 0},   {"stoch", 0}, {"stochf", 0},
      {"ultosc", 0}, {"stochrsi", 0},  {"willr", 0}, {"imi", 50},  {"aroonosc", 0},
      {"rocr", 1},   {"rocr100", 100}, {"obv", 7}};
  for (const auto& [name, value] : expected)
    for (const auto& column : of(name, bars)) {
      EXPECT_EQ(column.back(), value) << name;
      EXPECT_FALSE(std::signbit(column.back())) << name;
    }
  EXPECT_EQ(last("aroon", bars, 0), 100);
  EXPECT_EQ(last("aroon", bars, 1), 100);
}

/// How an output grows when all prices are multiplied: as their power.
int degree(std::string_view name, pane drawn) {
  static const std::map<std::string_view, int> own{
      {"macd", 1},   {"macdext", 1}, {"macdfix", 1},   {"apo", 1},
      {"ao", 1},     {"mom", 1},     {"trange", 1},    {"atr", 1},
      {"stddev", 1}, {"avgdev", 1},  {"plus_dm", 1},   {"minus_dm", 1},
      {"sum", 1},    {"var", 2},     {"ht_phasor", 1}, {"linearreg_slope", 1}};
  if (drawn == pane::price) return 1;
  const auto found = own.find(name);
  return found == own.end() ? 0 : found->second;
}

TEST(indicators_of_low_prices, have_the_same_bits_as_of_high_ones_but_for_the_scale) {
  const auto bars = seeded_series("walk", 600);
  const auto cheap = seeded_series("cheap", 600);
  ASSERT_EQ(cheap[0].close, bars[0].close * 0x1p-33);
  for (const auto& function : catalogue()) {
    if (function.name == "linearreg_angle") continue;
    const auto expected = of(function.name, bars);
    const auto ours = of(function.name, cheap);
    for (std::size_t o = 0; o < ours.size(); ++o) {
      const bool trend = function.outputs[o].name == "trend";
      const int power = trend ? 0 : degree(function.name, function.drawn_in);
      for (std::size_t i = 0; i < cheap.size(); ++i)
        if (!std::isnan(expected[o][i])) {
          ASSERT_EQ(ours[o][i], std::ldexp(expected[o][i], -33 * power)) << function.name << " of bar " << i;
        }
    }
  }
}

TEST(indicators_without_volume, stay_where_the_page_says) {
  const auto bars = seeded_series("silent", 100);
  for (const auto* name : {"obv", "ad", "adosc", "mfi", "cmf", "pvo"}) EXPECT_EQ(last(name, bars), 0) << name;
  EXPECT_DOUBLE_EQ(last("vwma(10)", bars), last("sma(10)", bars));
  EXPECT_EQ(last("vwap", bars), last("typprice", bars));
}

TEST(vwap, begins_anew_with_each_anchor) {
  auto bars = seeded_series("walk", 60);
  bars[40].anchor = true;
  const auto whole = of("vwap", bars)[0];
  const auto session = of("vwap", std::span{bars}.subspan(40))[0];
  for (std::size_t i = 0; i < session.size(); ++i) EXPECT_EQ(whole[40 + i], session[i]);
  bars[40].anchor = false;
  EXPECT_NE(of("vwap", bars)[0][40], whole[40]);
}

TEST(vwap, takes_bars_before_the_first_trade_of_a_session_for_nothing) {
  auto bars = seeded_series("walk", 3);
  bars[0].volume = 0;
  EXPECT_DOUBLE_EQ(of("vwap", bars)[0][1], (bars[1].high + bars[1].low + bars[1].close) / 3);
}

TEST(extremes, are_those_of_a_plain_search) {
  const auto bars = seeded_series("gaps", 400);
  const auto channel = of("donchian(7)", bars);
  const auto cloud = of("ichimoku(3,7,11)", bars);
  const auto aroon = of("aroon(6)", bars);
  for (std::size_t i = 10; i < bars.size(); ++i) {
    double high = -HUGE_VAL, low = HUGE_VAL;
    std::size_t high_at = 0, low_at = 0;
    for (std::size_t j = i - 6; j <= i; ++j) {
      if (bars[j].high >= high) high = bars[j].high, high_at = j;
      if (bars[j].low <= low) low = bars[j].low, low_at = j;
    }
    ASSERT_EQ(channel[0][i], high) << i;
    ASSERT_EQ(channel[2][i], low) << i;
    ASSERT_EQ(cloud[1][i], (high + low) / 2) << i;
    ASSERT_DOUBLE_EQ(aroon[0][i], 100.0 * static_cast<double>(6 - (i - low_at)) / 6) << i;
    ASSERT_DOUBLE_EQ(aroon[1][i], 100.0 * static_cast<double>(6 - (i - high_at)) / 6) << i;
  }
}

TEST(ichimoku, is_drawn_shifted_by_its_base_period) {
  const auto call = parse_call("ichimoku(9,20)").value();
  EXPECT_EQ(call.shift(0), 0);
  EXPECT_EQ(call.shift(2), 20);
  EXPECT_EQ(call.shift(3), 20);
  EXPECT_EQ(call.shift(4), -20);
}

}  // namespace
}  // namespace tickcast::tests
