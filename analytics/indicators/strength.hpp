#pragma once
#include <algorithm>

#include "analytics/indicators/averages.hpp"

namespace tickcast::analytics::indicators {

/// Wilder's averages of gains and of losses from one value to the next. They round exactly as TA-Lib's do:
/// while the price stands still the index moves by nothing but roundings, and STOCHRSI blows those up to 0
/// and 100.
class gains_and_losses {
public:
  explicit gains_and_losses(int period) : period_(period), to_come_(period) {}

  /// False until there are `period` changes.
  bool step(double x) noexcept {
    const double change = x - before_;
    before_ = x;
    if (!begun_) {
      begun_ = true;
      return false;
    }
    const double up = std::max(change, 0.0);
    const double down = std::max(-change, 0.0);
    if (to_come_ == 0) [[likely]] {
      gain_ = (gain_ * (period_ - 1) + up) / period_;
      loss_ = (loss_ * (period_ - 1) + down) / period_;
      return true;
    }
    gain_ += up;
    loss_ += down;
    if (--to_come_ > 0) return false;
    gain_ /= period_;
    loss_ /= period_;
    return true;
  }
  double gain() const noexcept { return gain_; }
  double loss() const noexcept { return loss_; }

private:
  double period_;
  double gain_ = 0;
  double loss_ = 0;
  double before_ = 0;
  std::int32_t to_come_;
  bool begun_ = false;
};

/// Relative strength index of any series; 0 where nothing has changed, as TA-Lib has it.
class rsi {
public:
  rsi(int period, arena&) : changes_(period) {}
  static int look_back(int period) noexcept { return period; }
  double step(double x, double*) noexcept {
    if (!changes_.step(x)) return none;
    const double all = changes_.gain() + changes_.loss();
    return all > 0 ? 100 * (changes_.gain() / all) : 0.0;
  }

private:
  gains_and_losses changes_;
};

}  // namespace tickcast::analytics::indicators
