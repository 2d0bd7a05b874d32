#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tickcast/test_kit.hpp"

namespace {

using namespace tickcast;
using namespace tickcast::plugins;
using namespace std::chrono_literals;

constexpr std::int64_t minute_ns = 60'000'000'000;
constexpr std::int64_t begin_ns = 1'723'075'200'000'000'000;

const parameters averages_of_two_and_four{
    {"symbol", "X"}, {"fast", "sma(2)"}, {"slow", "sma(4)"}, {"strength", "rsi(3)"}};

test_kit_options at_the_beginning() {
  test_kit_options result;
  result.begin_ns = begin_ns;
  return result;
}

/// One trade a minute.
void trade_at(test_kit& kit, const std::vector<int>& prices) {
  for (const auto price : prices) {
    kit.trade("X", std::to_string(price));
    kit.advance(1min);
  }
}

TEST(average_cross, signals_a_crossing_of_closed_bars_once) {
  test_kit kit(averages_of_two_and_four, at_the_beginning());
  trade_at(kit, {100, 99, 98, 97, 96, 95, 99, 100, 101});
  const auto signals = kit.published("signal.cross.X");
  ASSERT_EQ(signals.size(), 1U);
  EXPECT_EQ(signals[0].value["side"], "buy");
  EXPECT_EQ(signals[0].value["time"], begin_ns + 6 * minute_ns);
  EXPECT_EQ(signals[0].time_ns, begin_ns + 7 * minute_ns);  // when the bar is over, not before
  EXPECT_EQ(signals[0].value["fast"], (95.0 + 99.0) / 2);
  EXPECT_EQ(signals[0].value["slow"], (97.0 + 96.0 + 95.0 + 99.0) / 4);
}

TEST(average_cross, says_when_the_strength_speaks_against_it) {
  auto strict = averages_of_two_and_four.all();
  strict["overbought"] = "51";
  test_kit kit(parameters(strict), at_the_beginning());
  trade_at(kit, {100, 99, 98, 97, 96, 95, 99, 100, 101});
  ASSERT_EQ(kit.published().size(), 1U);
  EXPECT_EQ(kit.published()[0].value["taken"], false);
  EXPECT_EQ(kit.counter("signals_against"), 1U);
}

TEST(average_cross, begins_with_the_stored_bars) {
  auto options = at_the_beginning();
  kept_bars before{"X", "1m", {}};
  for (int i = 0; i < 6; ++i) {
    const auto price = protocol::decimal::from_parts(100 - i, 0);
    before.bars.push_back({begin_ns + (i - 6) * minute_ns, price, price, price, price, {}, 1, true});
  }
  options.kept_bars.push_back(before);
  test_kit kit(averages_of_two_and_four, options);
  trade_at(kit, {99});
  ASSERT_EQ(kit.published().size(), 1U);
  EXPECT_EQ(kit.published()[0].value["slow"], (97.0 + 96.0 + 95.0 + 99.0) / 4);
}

TEST(average_cross, refuses_what_is_no_call) {
  try {
    const test_kit kit({{"symbol", "X"}, {"fast", "smaa(5)"}}, at_the_beginning());
    FAIL() << "it was accepted";
  } catch (const std::runtime_error& failure) {
    EXPECT_NE(std::string(failure.what()).find("parameter fast is \"smaa(5)\""), std::string::npos)
        << failure.what();
  }
}

}  // namespace
