#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "analytics/bar_builder.hpp"
#include "tests/unit/analytics/bar_stream.hpp"

namespace tickcast::tests {
namespace {

constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int32_t lateness_ms = 1500;

/// Trades whose times run back by less than the lateness.
std::vector<protocol::trade> disordered(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  std::vector<protocol::trade> result;
  std::int64_t time_ms = 1'700'000'000'000;
  for (std::size_t i = 0; i < count; ++i) {
    time_ms += static_cast<std::int64_t>(random() % 200);
    const auto back = static_cast<std::int64_t>(random() % 4 == 0 ? random() % lateness_ms : 0);
    protocol::trade next;
    next.time_ns = (time_ms - back) * millisecond;
    next.price = protocol::decimal::from_parts(static_cast<std::int64_t>(6'000'000 + random() % 1000), 2);
    next.size = protocol::decimal::from_parts(static_cast<std::int64_t>(random() % 5000), 3);
    result.push_back(next);
  }
  return result;
}

std::map<std::int64_t, protocol::bar> without_revisions(std::map<std::int64_t, protocol::bar> bars) {
  for (auto& entry : bars) entry.second.rev = 0;
  return bars;
}

const auto intervals = testing::Values("1s", "5s", "1m", "1h", "1d", "7t", "20v", "100000q");
class bars_of : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(intervals, bars_of, intervals,
                         [](const auto& tested) { return "of_" + std::string(tested.param); });

TEST_P(bars_of, are_the_same_each_time_the_same_trades_come) {
  const auto trades = disordered(1, 5000);
  bar_stream live(GetParam(), lateness_ms), again(GetParam(), lateness_ms);
  for (const auto& each : trades) live.give(each);
  for (const auto& each : trades) again.give(each);
  EXPECT_EQ(live.bars, again.bars);
}

TEST_P(bars_of, do_not_depend_on_when_the_clock_closed_them) {
  const auto trades = disordered(2, 5000);
  std::mt19937_64 random(3);
  bar_stream punctual(GetParam(), lateness_ms), clocked(GetParam(), lateness_ms);
  for (const auto& each : trades) {
    punctual.give(each);
    clocked.give(each);
    clocked.close_by(each.time_ns + static_cast<std::int64_t>(random() % 5000) * millisecond);
  }
  const auto last = std::numeric_limits<std::int64_t>::max() - 1;
  punctual.close_by(last);
  clocked.close_by(last);
  EXPECT_EQ(without_revisions(punctual.bars), without_revisions(clocked.bars));
}

class time_bars_of : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(intervals, time_bars_of, testing::Values("1s", "5s", "1m", "1h", "1d", "1w", "1mo"),
                         [](const auto& tested) { return "of_" + std::string(tested.param); });

TEST_P(time_bars_of, are_those_of_the_trades_in_order_of_time) {
  for (std::uint64_t seed = 10; seed < 20; ++seed) {
    auto trades = disordered(seed, 2000);
    bar_stream live(GetParam(), lateness_ms), sorted(GetParam(), 0);
    for (const auto& each : trades) live.give(each);
    std::stable_sort(trades.begin(), trades.end(),
                     [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
    for (const auto& each : trades) sorted.give(each);
    EXPECT_EQ(without_revisions(live.bars), sorted.bars);
  }
}

TEST_P(time_bars_of, after_amendments_are_those_of_the_trades_that_stand) {
  for (std::uint64_t seed = 30; seed < 40; ++seed) {
    const auto trades = disordered(seed, 800);
    std::mt19937_64 random(seed);
    bar_stream live(GetParam(), lateness_ms);
    for (const auto& each : trades) {
      live.give(each);
      if (random() % 5 != 0) continue;
      const auto number = random() % live.tape.end();
      if (live.tape.at(number).cancelled) continue;
      if (random() % 2)
        ASSERT_TRUE(live.amend(number, true));
      else
        ASSERT_TRUE(live.amend(number, false, "60001.5", "0.75"));
    }
    bar_stream standing(GetParam(), lateness_ms);
    for (const auto& each : live.tape.last(1000)) standing.give(each);
    auto left = without_revisions(live.bars);
    std::erase_if(left, [](const auto& entry) { return entry.second.trades == 0; });
    // Amendments may take the newest trades away; then the bar before the one that is empty now stays closed.
    auto expected = without_revisions(standing.bars);
    for (auto& entry : left) entry.second.closed = true;
    for (auto& entry : expected) entry.second.closed = true;
    EXPECT_EQ(left, expected);
  }
}

TEST_P(bars_of, go_on_as_if_they_had_never_been_saved) {
  const auto trades = disordered(5, 600);
  std::mt19937_64 random(6);
  for (int round = 0; round < 20; ++round) {
    bar_stream whole(GetParam(), lateness_ms), cut(GetParam(), lateness_ms);
    const auto at = random() % trades.size();
    for (std::size_t i = 0; i < trades.size(); ++i) {
      if (i == at) {
        std::string bytes;
        protocol::byte_writer to(bytes);
        cut.builder.save(to);
        cut.builder = analytics::bar_builder(protocol::parse_interval(GetParam()).value(), lateness_ms);
        protocol::byte_reader from(bytes);
        cut.builder.load(from);
        ASSERT_TRUE(from.ok());
        ASSERT_TRUE(from.left().empty());
      }
      whole.give(trades[i]);
      cut.give(trades[i]);
    }
    EXPECT_EQ(whole.bars, cut.bars);
  }
}

}  // namespace
}  // namespace tickcast::tests
