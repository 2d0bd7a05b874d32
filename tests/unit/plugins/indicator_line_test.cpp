#include "plugins/runner/indicator_line.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "analytics/anchored_bars.hpp"
#include "analytics/indicators/batch.hpp"

namespace tickcast::plugins {
namespace {

using analytics::indicators::bar_input;
using analytics::indicators::call;

constexpr std::int64_t minute_ns = 60'000'000'000;
constexpr std::int64_t day_minutes = 24 * 60;

/// Round the clock, UTC: bars of the tests begin there.
std::shared_ptr<const analytics::calendar> always() {
  return std::make_shared<const analytics::calendar>();
}

std::vector<call> calls() {
  std::vector<call> result;
  for (const auto* each : {"sma(5)", "rsi(14)", "macd(12,26,9)", "vwap()"})
    result.push_back(analytics::indicators::parse_call(each).value());
  return result;
}

std::vector<protocol::bar> some_bars(int count) {
  std::mt19937 random(7);
  std::vector<protocol::bar> result;
  for (int i = 0; i < count; ++i) {
    const auto close = static_cast<std::int64_t>(10'000 + random() % 500);
    const auto cents = [](std::int64_t value) { return protocol::decimal::from_parts(value, 2); };
    protocol::bar bar{i * minute_ns,     cents(close - 5),
                      cents(close + 20), cents(close - 30),
                      cents(close),      cents(static_cast<std::int64_t>(random() % 100'000))};
    bar.closed = true;
    result.push_back(bar);
  }
  return result;
}

/// What all of it at once gives for the last bar.
std::vector<double> at_once(const std::vector<protocol::bar>& bars, const call& of) {
  std::vector<bar_input> inputs;
  for (const auto& each : bars)
    inputs.push_back({each.open.to_double(), each.high.to_double(), each.low.to_double(),
                      each.close.to_double(), each.volume.to_double(),
                      inputs.empty() || each.time_ns % (day_minutes * minute_ns) == 0});
  std::vector<double> result;
  for (const auto& column : analytics::indicators::compute(of, inputs)) result.push_back(column.back());
  return result;
}

void expect_same_bits(std::span<const double> got, const std::vector<double>& wanted, const call& of) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_EQ(std::memcmp(&got[i], &wanted[i], sizeof(double)), 0)
        << of.spelled << ": " << got[i] << " is not " << wanted[i];
}

void expect_as_at_once(const indicator_line& line, const std::vector<protocol::bar>& bars) {
  const auto all = calls();
  for (std::size_t i = 0; i < all.size(); ++i)
    expect_same_bits(line.closed(i), at_once(bars, all[i]), all[i]);
}

indicator_line line_of(const std::vector<protocol::bar>& bars,
                       const std::shared_ptr<const analytics::calendar>& hours = always()) {
  indicator_line result(calls(), hours);
  for (const auto& each : bars) EXPECT_TRUE(result.take(each));
  return result;
}

TEST(an_indicator_line, gives_the_bits_of_the_whole_series_at_once) {
  const auto bars = some_bars(2 * static_cast<int>(day_minutes));
  expect_as_at_once(line_of(bars), bars);
}

TEST(an_indicator_line, is_after_a_revision_as_if_the_bar_had_been_so_from_the_beginning) {
  auto bars = some_bars(2000);
  auto line = line_of(bars);
  for (const std::size_t ago : {1U, 2U, 500U}) {
    auto& changed = bars[bars.size() - ago];
    changed.close = protocol::decimal::from_parts(12'345, 2);
    changed.rev = 1;
    ASSERT_TRUE(line.take(changed));
    expect_as_at_once(line, bars);
  }
}

TEST(an_indicator_line, puts_a_bar_that_came_late_between_the_others) {
  auto bars = some_bars(2000);
  const auto late = bars.begin() + 1900;
  auto without = bars;
  without.erase(without.begin() + 1900);
  auto line = line_of(without);
  ASSERT_TRUE(line.take(*late));
  expect_as_at_once(line, bars);
}

TEST(an_indicator_line, refuses_what_is_older_than_all_it_can_revise_and_stays) {
  auto bars = some_bars(2000);
  auto line = line_of(bars);
  auto old = bars[100];
  old.close = protocol::decimal::from_parts(1, 0);
  EXPECT_FALSE(line.take(old));
  expect_as_at_once(line, bars);
}

TEST(an_indicator_line, shows_the_forming_bar_and_keeps_the_closed_value) {
  auto bars = some_bars(100);
  auto forming = bars.back();
  bars.pop_back();
  auto line = line_of(bars);
  forming.closed = false;
  ASSERT_TRUE(line.take(forming));
  const auto all = calls();
  expect_as_at_once(line, bars);
  bars.push_back(forming);
  for (std::size_t i = 0; i < all.size(); ++i) expect_same_bits(line.now(i), at_once(bars, all[i]), all[i]);
  EXPECT_EQ(line.now_ns(), 99 * minute_ns);
  EXPECT_EQ(line.last_closed_ns(), 98 * minute_ns);
  forming.closed = true;
  ASSERT_TRUE(line.take(forming));
  expect_as_at_once(line, bars);
}

TEST(an_indicator_line, does_not_form_again_what_is_closed) {
  const auto bars = some_bars(50);
  auto line = line_of(bars);
  auto again = bars.back();
  again.closed = false;
  again.close = {};
  ASSERT_TRUE(line.take(again));
  EXPECT_EQ(line.now_ns(), line.last_closed_ns());
  expect_as_at_once(line, bars);
}

TEST(an_indicator_line, begins_days_as_the_symbol_trades) {
  // From 17:00 in Chicago to 16:00: midnight, there and in UTC, lies within a day.
  const auto night = std::make_shared<const analytics::calendar>(
      analytics::calendar::make(protocol::parse_trading_hours("1700-1600").value(), "America/Chicago")
          .value());
  const auto bars = some_bars(3 * static_cast<int>(day_minutes));
  analytics::anchored_bars anchored(*night);
  std::vector<bar_input> inputs;
  for (const auto& each : bars) inputs.push_back(anchored.next(each));
  const auto all = calls();
  const auto line = line_of(bars, night);
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::vector<double> wanted;
    for (const auto& column : analytics::indicators::compute(all[i], inputs)) wanted.push_back(column.back());
    expect_same_bits(line.closed(i), wanted, all[i]);
  }
  EXPECT_NE(line.closed(3)[0], line_of(bars).closed(3)[0]);
}

}  // namespace
}  // namespace tickcast::plugins
