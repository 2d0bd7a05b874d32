#include <gtest/gtest.h>

#include <chrono>

#include "tickcast/test_kit.hpp"

namespace {

using namespace tickcast::plugins;
using namespace std::chrono_literals;

class imbalance : public testing::Test {
protected:
  /// What the signal says after one more beat of its timer.
  double after_a_beat() {
    kit.advance(1s);
    return kit.published("signal.ofi.X").back().value["ofi"];
  }
  test_kit kit{{{"symbol", "X"}, {"window_ms", "5000"}, {"every_ms", "1000"}}};
};

TEST_F(imbalance, counts_what_is_added_at_unchanged_prices) {
  kit.quote("X", "99", "10", "101", "10");
  kit.quote("X", "99", "15", "101", "10");
  EXPECT_EQ(after_a_beat(), 5);
  kit.quote("X", "99", "15", "101", "12");
  EXPECT_EQ(after_a_beat(), 3);
}

TEST_F(imbalance, counts_the_whole_size_of_a_better_price) {
  kit.quote("X", "99", "10", "101", "10");
  kit.quote("X", "99.5", "4", "101", "10");  // a better bid: 4 were added
  EXPECT_EQ(after_a_beat(), 4);
  kit.quote("X", "99", "10", "101", "10");  // it is gone: 4 were taken
  EXPECT_EQ(after_a_beat(), 0);
  kit.quote("X", "99", "10", "100.5", "7");  // a better ask
  EXPECT_EQ(after_a_beat(), -7);
}

TEST_F(imbalance, forgets_behind_its_window_and_is_silent_without_quotes) {
  kit.quote("X", "99", "10", "101", "10");
  kit.quote("X", "99", "15", "101", "10");
  EXPECT_EQ(after_a_beat(), 5);
  kit.advance(10s);
  EXPECT_EQ(kit.published().size(), 1U);
  kit.quote("X", "99", "16", "101", "10");
  EXPECT_EQ(after_a_beat(), 1);
}

}  // namespace
