#pragma once
#include <cmath>
#include <cstdint>

#include "analytics/indicators/block_window.hpp"
#include "analytics/indicators/folds.hpp"
#include "analytics/indicators/lag.hpp"

namespace tickcast::analytics::indicators {

// Moving averages of any series. Each has a constructor from (period, arena&), `look_back(period)`, and
// `step(x, memory)`, which answers NaN before it. A flat series gives exactly its price.

/// The mean of the last values.
class sma {
public:
  sma(int period, arena& memory) : window_(period, memory), period_(period) {}
  static int look_back(int period) noexcept { return period - 1; }
  double step(double x, double* memory) noexcept {
    if (!window_.step(x, memory)) return none;
    return window_.anchor() + window_.total().sum / period_;
  }

private:
  block_window<mean_fold> window_;
  double period_;
};

/// A share of the way from the last value to the new one, begun at the mean of the first `period` values.
class smoothing {
public:
  smoothing(double share, int period) noexcept : share_(share), to_come_(period), period_(period) {}
  double step(double x) noexcept {
    if (to_come_ == 0) [[likely]]
      return value_ = (x - value_) * share_ + value_;
    return seed(x);
  }

private:
  double seed(double x) noexcept {
    if (to_come_ == period_) first_ = x;
    value_ += x - first_;
    if (--to_come_ > 0) return none;
    return value_ = first_ + value_ / period_;
  }

  double share_;
  double value_ = 0;
  double first_ = 0;
  std::int32_t to_come_;
  std::int32_t period_;
};

/// Exponential: 2/(n+1) of the way.
class ema {
public:
  ema(int period, arena&) noexcept : value_(2.0 / (period + 1), period) {}
  static int look_back(int period) noexcept { return period - 1; }
  double step(double x, double*) noexcept { return value_.step(x); }

private:
  smoothing value_;
};

/// Wilder's: 1/n of the way.
class rma {
public:
  rma(int period, arena&) noexcept : value_(1.0 / period, period) {}
  static int look_back(int period) noexcept { return period - 1; }
  double step(double x, double*) noexcept { return value_.step(x); }

private:
  smoothing value_;
};

/// Weighted 1 for the oldest to n for the latest.
class wma {
public:
  wma(int period, arena& memory) : window_(period, memory), weights_(period * (period + 1.0) / 2) {}
  static int look_back(int period) noexcept { return period - 1; }
  double step(double x, double* memory) noexcept {
    if (!window_.step(x, memory)) return none;
    return window_.anchor() + window_.total().weighted / weights_;
  }

private:
  block_window<line_fold> window_;
  double weights_;
};

/// `Average` of a series whose first values are left out.
template <class Average>
class late {
public:
  late(int skipped, int period, arena& memory) : to_skip_(skipped), average_(period, memory) {}
  double step(double x, double* memory) noexcept {
    if (to_skip_ == 0) [[likely]]
      return average_.step(x, memory);
    --to_skip_;
    return none;
  }

private:
  std::int32_t to_skip_;
  Average average_;
};

}  // namespace tickcast::analytics::indicators
