#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "analytics/indicators/batch.hpp"
#include "tests/unit/analytics/indicators/recorded_series.hpp"

namespace tickcast::tests {
namespace {

using analytics::indicators::bar_input;
using analytics::indicators::compute;
using analytics::indicators::parse_call;

/// Which output of which call a column of the oracle is.
struct column {
  const char* name;
  const char* call;
  std::size_t output = 0;
};

constexpr column columns[] = {
    {"SMA_30", "sma(30)"},
    {"EMA_30", "ema(30)"},
    {"WMA_30", "wma(30)"},
    {"DEMA_30", "dema(30)"},
    {"TEMA_30", "tema(30)"},
    {"TRIMA_30", "trima(30)"},
    {"KAMA_30", "kama(30)"},
    {"T3_5_0.7", "t3(5,0.7)"},
    {"HT_TRENDLINE", "ht_trendline"},
    {"MIDPOINT_14", "midpoint(14)"},
    {"MIDPRICE_14", "midprice(14)"},
    {"SAR_0.02_0.2", "sar(0.02,0.2)"},
    {"RSI_14", "rsi(14)"},
    {"CMO_14", "cmo(14)"},
    {"MACD_12_26_9", "macd(12,26,9)", 0},
    {"MACD_signal", "macd(12,26,9)", 1},
    {"MACD_hist", "macd(12,26,9)", 2},
    {"APO_12_26_sma", "apo(12,26,sma)"},
    {"PPO_12_26_sma", "ppo(12,26,sma)"},
    {"MOM_10", "mom(10)"},
    {"ROC_10", "roc(10)"},
    {"TRIX_30", "trix(30)"},
    {"STOCH_5_3_3_slowK", "stoch(5,3,sma,3,sma)", 0},
    {"STOCH_5_3_3_slowD", "stoch(5,3,sma,3,sma)", 1},
    {"STOCHF_5_3_fastK", "stochf(5,3,sma)", 0},
    {"STOCHF_5_3_fastD", "stochf(5,3,sma)", 1},
    {"STOCHRSI_14_5_3_fastK", "stochrsi(14,5,3,sma)", 0},
    {"STOCHRSI_14_5_3_fastD", "stochrsi(14,5,3,sma)", 1},
    {"WILLR_14", "willr(14)"},
    {"ULTOSC_7_14_28", "ultosc(7,14,28)"},
    {"BOP", "bop"},
    {"AROON_14_down", "aroon(14)", 0},
    {"AROON_14_up", "aroon(14)", 1},
    {"AROONOSC_14", "aroonosc(14)"},
    {"ADX_14", "adx(14)"},
    {"ADXR_14", "adxr(14)"},
    {"DX_14", "dx(14)"},
    {"PLUS_DI_14", "plus_di(14)"},
    {"MINUS_DI_14", "minus_di(14)"},
    {"TRANGE", "trange"},
    {"ATR_14", "atr(14)"},
    {"NATR_14", "natr(14)"},
    {"OBV", "obv"},
    {"AD", "ad"},
    {"ADOSC_3_10", "adosc(3,10)"},
    {"MFI_14", "mfi(14)"},
    {"LINEARREG_14", "linearreg(14)"},
    {"LINEARREG_SLOPE_14", "linearreg_slope(14)"},
    {"MEDPRICE", "medprice"},
    {"TYPPRICE", "typprice"},
    {"WCLPRICE", "wclprice"},
    {"BBANDS_5_2_2_middle", "bbands(5,2,2)", 1},
};

class indicator_oracle : public testing::TestWithParam<const char*> {
protected:
  void SetUp() override {
    input_ = read_recorded(std::string{"oracle/"} + GetParam() + ".input.csv");
    oracle_ = read_recorded(std::string{"oracle/"} + GetParam() + ".talib.csv.gz");
    if (!input_ || !oracle_) GTEST_SKIP() << "the recorded oracle does not lie beside the project";
    bars_ = bars_of(*input_);
  }
  std::vector<double> ours(const char* call, std::size_t output) const {
    return compute(parse_call(call).value(), bars_)[output];
  }
  const std::vector<double>& theirs(const char* name) const { return oracle_->columns.at(name); }

  std::optional<number_table> input_, oracle_;
  std::vector<bar_input> bars_;
};

/// Below 1e-13 of a column's largest value the oracle has nothing but its own roundings.
double tolerance(double value, double scale) {
  return std::max(1e-9 * std::abs(value), 1e-13 * scale);
}

TEST_P(indicator_oracle, is_met_by_every_column) {
  for (const auto& [name, call, output] : columns) {
    const auto values = ours(call, output);
    const auto& expected = theirs(name);
    ASSERT_EQ(values.size(), expected.size());
    double scale = 0;
    for (const double value : expected)
      if (!std::isnan(value)) scale = std::max(scale, std::abs(value));
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(std::isnan(values[i]), std::isnan(expected[i])) << name << " of bar " << i;
      if (std::isnan(expected[i])) continue;
      ASSERT_NEAR(values[i], expected[i], tolerance(expected[i], scale)) << name << " of bar " << i;
    }
  }
}

/// What a column should be: the definition, worked out anew for each bar in long double.
using definition = long double (*)(std::span<const bar_input> window);

long double exact_variance(std::span<const bar_input> window) {
  long double mean = 0, sum = 0;
  for (const auto& bar : window) mean += bar.close;
  mean /= static_cast<long double>(window.size());
  for (const auto& bar : window) sum += (bar.close - mean) * (bar.close - mean);
  return sum / static_cast<long double>(window.size());
}

long double exact_deviation(std::span<const bar_input> window) {
  return std::sqrt(exact_variance(window));
}

long double exact_band(std::span<const bar_input> window, long double deviations) {
  long double mean = 0;
  for (const auto& bar : window) mean += bar.close;
  return mean / static_cast<long double>(window.size()) + deviations * exact_deviation(window);
}

long double exact_cci(std::span<const bar_input> window) {
  const auto price = [](const bar_input& bar) {
    return (static_cast<long double>(bar.high) + bar.low + bar.close) / 3;
  };
  const auto n = static_cast<long double>(window.size());
  long double mean = 0, distances = 0;
  for (const auto& bar : window) mean += price(bar) / n;
  for (const auto& bar : window) distances += std::abs(price(bar) - mean);
  return distances < 1e-15L * mean ? 0 : (price(window.back()) - mean) / (0.015L * distances / n);
}

struct exact_column {
  const char* name;
  const char* call;
  std::size_t output;
  std::size_t window;
  definition exact;
};

constexpr exact_column exact_columns[] = {
    {"VAR_5_1", "var(5,1)", 0, 5, exact_variance},
    {"STDDEV_5_1", "stddev(5,1)", 0, 5, exact_deviation},
    {"BBANDS_5_2_2_upper", "bbands(5,2,2)", 0, 5, [](auto window) { return exact_band(window, 2); }},
    {"BBANDS_5_2_2_lower", "bbands(5,2,2)", 2, 5, [](auto window) { return exact_band(window, -2); }},
    {"CCI_14", "cci(14)", 0, 14, exact_cci},
};

TEST_P(indicator_oracle, is_bettered_where_sums_of_squares_cancel) {
  for (const auto& column : exact_columns) {
    const auto values = ours(column.call, column.output);
    const auto& oracle = theirs(column.name);
    long double our_error = 0, their_error = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(std::isnan(values[i]), i + 1 < column.window) << column.name << " of bar " << i;
      if (std::isnan(values[i])) continue;
      const auto exact = column.exact(std::span{bars_}.subspan(i + 1 - column.window, column.window));
      ASSERT_NEAR(values[i], static_cast<double>(exact),
                  std::max(1e-9 * std::abs(static_cast<double>(exact)), 1e-9))
          << column.name << " of bar " << i;
      our_error = std::max(our_error, std::abs(values[i] - exact));
      their_error = std::max(their_error, std::abs(oracle[i] - exact));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(recorded, indicator_oracle,
                         testing::Values("us_ba_1d_1990_2013", "coinbase_btcusd_1m_first8000"));

}  // namespace
}  // namespace tickcast::tests
