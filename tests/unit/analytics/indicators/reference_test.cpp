#include <gtest/gtest.h>

#include <cmath>

#include "analytics/indicators/batch.hpp"
#include "tests/unit/analytics/indicators/recorded_series.hpp"

// Functions that the older TA-Lib of the oracle lacks, against the published results of another library
// (github.com/DaveSkender/Stock.Indicators).

namespace tickcast::tests {
namespace {

using analytics::indicators::bar_input;
using analytics::indicators::compute;
using analytics::indicators::parse_call;

class indicator_reference : public testing::Test {
protected:
  void SetUp() override {
    const auto input = read_recorded("bars_1d/skender_default_1d.csv");
    reference_ = read_recorded("oracle/skender_default.reference.csv");
    if (!input || !reference_) GTEST_SKIP() << "the recorded reference does not lie beside the project";
    bars_ = bars_of(*input);
  }
  std::vector<std::vector<double>> ours(const char* call) const {
    return compute(parse_call(call).value(), bars_);
  }
  const std::vector<double>& theirs(const char* name) const { return reference_->columns.at(name); }

  std::optional<number_table> reference_;
  std::vector<bar_input> bars_;
};

TEST_F(indicator_reference, is_met_by_functions_that_are_defined_alike) {
  const std::pair<const char*, const char*> pairs[] = {{"HMA_14", "hma(14)"},
                                                       {"VWMA_14", "vwma(14)"},
                                                       {"SMMA_20", "rma(20)"},
                                                       {"CMF_20", "cmf(20)"},
                                                       {"SUPERTREND_10_3", "supertrend"},
                                                       {"VWAP_anchored_first", "vwap"},
                                                       {"SMA_20", "sma(20)"},
                                                       {"WMA_14", "wma(14)"},
                                                       {"STDDEV_14_population", "stddev(14)"},
                                                       {"SLOPE_14", "linearreg_slope(14)"}};
  for (const auto& [name, call] : pairs) {
    const auto values = ours(call)[0];
    const auto& expected = theirs(name);
    ASSERT_EQ(values.size(), expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(std::isnan(values[i]), std::isnan(expected[i])) << call << " of bar " << i;
      if (!std::isnan(values[i])) {
        ASSERT_NEAR(values[i], expected[i], 1e-9 * std::abs(expected[i])) << call << " of bar " << i;
      }
    }
  }
}

TEST_F(indicator_reference, has_keltner_channels_as_wide_around_another_middle) {
  const auto values = ours("kc(20,10,2)");
  for (std::size_t i = 19; i < bars_.size(); ++i) {
    const double width = theirs("KELTNER_20_2_10_upper")[i] - theirs("KELTNER_20_2_10_lower")[i];
    ASSERT_NEAR(values[0][i] - values[2][i], width, 1e-9 * width) << i;
  }
}

TEST_F(indicator_reference, has_donchian_channels_that_leave_the_present_bar_out) {
  const auto values = ours("donchian(20)");
  for (std::size_t i = 20; i < bars_.size(); ++i) {
    ASSERT_EQ(values[0][i - 1], theirs("DONCHIAN_20_upper")[i]) << i;
    ASSERT_EQ(values[2][i - 1], theirs("DONCHIAN_20_lower")[i]) << i;
  }
}

}  // namespace
}  // namespace tickcast::tests
