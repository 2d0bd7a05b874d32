#pragma once
#include <algorithm>
#include <cmath>

#include "analytics/indicators/folds.hpp"

namespace tickcast::analytics::indicators {

/// Variance of the last values, of the whole window (divided by n). The sums are of differences from a value
/// in the window, so at most log10(2n) digits cancel, however small the variance is against the price; there
/// is no threshold below which it counts as zero.
class variance {
public:
  variance(int period, arena& memory) : window_(period, memory), period_(period) {}
  static int look_back(int period) noexcept { return period - 1; }
  double step(double x, double* memory) noexcept {
    if (!window_.step(x, memory)) return none;
    const auto& sums = window_.total();
    return std::max(0.0, (sums.squares - sums.sum * sums.sum / period_) / period_);
  }

private:
  block_window<spread_fold> window_;
  double period_;
};

/// Mean distance of the last values from their mean, and how far the last one lies from it. All distances are
/// of differences from a value in the window: what matters may be tiny against the price. A new mean changes
/// every distance, so each value costs O(n).
class mean_deviation {
public:
  mean_deviation(int period, arena& memory) : window_(period, memory), period_(period) {}
  static int look_back(int period) noexcept { return period - 1; }
  double step(double x, double* memory) noexcept {
    if (!window_.step(x, memory)) return none;
    const double anchor = window_.anchor();
    const double mean = window_.total().sum / period_;
    from_mean_ = x - anchor - mean;
    // Four sums side by side: one alone would wait for each of its additions.
    double sums[4] = {};
    for (int i = 0; i < window_.size(); ++i) sums[i % 4] += std::abs(window_.at(i, memory) - anchor - mean);
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) / period_;
  }
  double from_mean() const noexcept { return from_mean_; }

private:
  block_window<mean_fold> window_;
  double period_;
  double from_mean_ = 0;
};

}  // namespace tickcast::analytics::indicators
