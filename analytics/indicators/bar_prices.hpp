#pragma once
#include <algorithm>
#include <cmath>

#include "analytics/indicators/bar_input.hpp"

namespace tickcast::analytics::indicators {

inline double median_price(const bar_input& bar) {
  return (bar.high + bar.low) / 2;
}
inline double typical_price(const bar_input& bar) {
  return (bar.high + bar.low + bar.close) / 3;
}

/// The volume times the part of the range by which the close lies nearer to the high than to the low: -1 to 1
/// (Chaikin). 0 where there is no range.
inline double money_flow(const bar_input& bar) {
  const double range = bar.high - bar.low;
  return range > 0 ? ((bar.close - bar.low) - (bar.high - bar.close)) / range * bar.volume : 0.0;
}

/// The range of a bar, widened to the close before it (Wilder 1978).
class true_range {
public:
  /// False for the first bar, which has no close before it.
  bool step(const bar_input& bar) noexcept {
    const double before = close_;
    const bool known = known_;
    close_ = bar.close;
    known_ = true;
    high_ = std::max(bar.high, before);
    low_ = std::min(bar.low, before);
    return known;
  }
  double range() const noexcept { return high_ - low_; }
  double low() const noexcept { return low_; }

private:
  double close_ = 0;
  double high_ = 0;
  double low_ = 0;
  bool known_ = false;
};

}  // namespace tickcast::analytics::indicators
