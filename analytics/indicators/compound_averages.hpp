#pragma once
#include <algorithm>
#include <array>
#include <cmath>

#include "analytics/indicators/averages.hpp"

namespace tickcast::analytics::indicators {

// Moving averages made of others; the same interface as in averages.hpp.

/// `Count` exponential averages, each of the one before and begun when that one has its first value.
template <int Count>
class ema_chain {
public:
  explicit ema_chain(int period) : stages_(filled(2.0 / (period + 1), period)) {}
  /// All stages' values; false until the last one has its first.
  bool step(double x, std::array<double, Count>& values) noexcept {
    for (std::size_t i = 0; i < Count; ++i) {
      x = values[i] = stages_[i].step(x);
      if (std::isnan(x)) return false;
    }
    return true;
  }

private:
  static std::array<smoothing, Count> filled(double share, int period) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<smoothing, Count>{((void)I, smoothing{share, period})...};
    }
    (std::make_index_sequence<Count>{});
  }

  std::array<smoothing, Count> stages_;
};

/// Double exponential (Mulloy 1994): 2 e1 - e2.
class dema {
public:
  dema(int period, arena&) : chain_(period) {}
  static int look_back(int period) noexcept { return 2 * (period - 1); }
  double step(double x, double*) noexcept {
    std::array<double, 2> e;
    return chain_.step(x, e) ? 2 * e[0] - e[1] : none;
  }

private:
  ema_chain<2> chain_;
};

/// Triple exponential (Mulloy 1994): 3 e1 - 3 e2 + e3.
class tema {
public:
  tema(int period, arena&) : chain_(period) {}
  static int look_back(int period) noexcept { return 3 * (period - 1); }
  double step(double x, double*) noexcept {
    std::array<double, 3> e;
    return chain_.step(x, e) ? 3 * (e[0] - e[1]) + e[2] : none;
  }

private:
  ema_chain<3> chain_;
};

/// Tillson's T3: six exponential averages, weighted by the powers of `factor`.
class t3 {
public:
  t3(int period, arena& memory) : t3(period, 0.7, memory) {}
  t3(int period, double factor, arena&)
      : chain_(period),
        weights_{-factor * factor * factor, 3 * (factor * factor + factor * factor * factor),
                 -6 * factor * factor - 3 * (factor + factor * factor * factor)} {}
  static int look_back(int period) noexcept { return 6 * (period - 1); }
  double step(double x, double*) noexcept {
    std::array<double, 6> e;
    if (!chain_.step(x, e)) return none;
    // The four weights add up to 1, so the last needs no rounding of its own.
    return e[2] + weights_[0] * (e[5] - e[2]) + weights_[1] * (e[4] - e[2]) + weights_[2] * (e[3] - e[2]);
  }

private:
  ema_chain<6> chain_;
  std::array<double, 3> weights_;
};

/// Triangular: the mean of means, so that the middle weighs most.
class trima {
public:
  trima(int period, arena& memory) : inner_((period + 1) / 2, memory), outer_(period / 2 + 1, memory) {}
  static int look_back(int period) noexcept { return period - 1; }
  double step(double x, double* memory) noexcept {
    const double mean = inner_.step(x, memory);
    return std::isnan(mean) ? none : outer_.step(mean, memory);
  }

private:
  sma inner_;
  sma outer_;
};

/// Hull's (2005): the weighted average over sqrt(n) of 2 wma(n/2) - wma(n), both whole numbers cut off.
class hma {
public:
  hma(int period, arena& memory)
      : half_(std::max(1, period / 2), memory), full_(period, memory), root_(root(period), memory) {}
  static int look_back(int period) noexcept { return period + root(period) - 2; }
  double step(double x, double* memory) noexcept {
    const double half = half_.step(x, memory);
    const double full = full_.step(x, memory);
    return std::isnan(full) ? none : root_.step(2 * half - full, memory);
  }

private:
  static int root(int period) noexcept { return static_cast<int>(std::sqrt(period)); }

  wma half_;
  wma full_;
  wma root_;
};

/// Kaufman's adaptive: an exponential average that goes between 2 and 30 bars, the faster the straighter
/// the price has gone; begun at the price before the first value.
class kama {
public:
  kama(int period, arena& memory) : past_(period, memory), ways_(period, memory) {}
  static int look_back(int period) noexcept { return period; }
  double step(double x, double* memory) noexcept {
    double past = 0;
    const double before = before_;
    before_ = x;
    const bool known = past_.step(x, memory, past);
    if (first_) {
      first_ = false;
      return none;
    }
    ways_.step(std::abs(x - before), memory);
    if (!known) return none;
    if (!begun_) {
      begun_ = true;
      value_ = before;
    }
    const double way = ways_.total().sum;
    const double straight = std::abs(x - past);
    const double efficiency = way <= straight ? 1.0 : straight / way;
    const double share = efficiency * (2.0 / 3 - 2.0 / 31) + 2.0 / 31;
    return value_ = (x - value_) * (share * share) + value_;
  }

private:
  lag past_;
  block_window<sum_fold> ways_;
  double before_ = 0;
  double value_ = 0;
  bool first_ = true;
  bool begun_ = false;
};

}  // namespace tickcast::analytics::indicators
