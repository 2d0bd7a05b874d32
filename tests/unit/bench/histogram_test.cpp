#include "bench/load/histogram.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace tickcast::bench {
namespace {

TEST(histogram, quantiles_are_never_too_low_and_at_most_two_percent_too_high) {
  std::mt19937_64 engine{7};
  std::vector<std::int64_t> values;
  histogram counted;
  for (int i = 0; i < 20'000; ++i) {
    const auto value = static_cast<std::int64_t>(engine() >> (engine() % 50 + 13));
    values.push_back(value);
    counted.add(value);
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const std::int64_t exact = values[static_cast<std::size_t>(share * 20'000) - 1];
    EXPECT_GE(counted.quantile(share), exact) << share;
    EXPECT_LE(static_cast<double>(counted.quantile(share)), static_cast<double>(exact) * 1.02 + 1) << share;
  }
}

TEST(histogram, the_whole_is_the_greatest_value) {
  histogram counted;
  counted.add(1);
  counted.add(1'234'567'890);
  EXPECT_EQ(counted.quantile(1), 1'234'567'890);
  EXPECT_EQ(counted.max(), 1'234'567'890);
}

TEST(histogram, clocks_that_run_back_count_as_no_time) {
  histogram counted;
  counted.add(-5);
  EXPECT_EQ(counted.count(), 1U);
  EXPECT_EQ(counted.quantile(0.5), 0);
}

TEST(histogram, is_empty_after_clear) {
  histogram counted;
  counted.add(5000);
  counted.clear();
  EXPECT_EQ(counted.count(), 0U);
  EXPECT_EQ(counted.quantile(0.99), 0);
  EXPECT_EQ(counted.max(), 0);
}

}  // namespace
}  // namespace tickcast::bench
