#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace tickcast::analytics::indicators {

/// John Ehlers' discrete Hilbert transform of a series and the period of the cycle that dominates it
/// (Rocket Science for Traders, 2001, chapters 6 and 7), with TA-Lib's starting values.
class dominant_cycle {
public:
  /// `first`: the bar with which the transform begins; those before it only fill the price smoother.
  explicit dominant_cycle(int first) noexcept : to_skip_(first), odd_(first % 2 != 0) {}

  /// False for the bars before the first.
  bool step(double x) noexcept {
    smoothed_ = (4 * x + 3 * prices_[0] + 2 * prices_[1] + prices_[2]) / 10;
    prices_ = {x, prices_[0], prices_[1]};
    if (to_skip_ > 0) {
      --to_skip_;
      return false;
    }
    transform();
    measure();
    return true;
  }

  double smoothed() const noexcept { return smoothed_; }
  double in_phase() const noexcept { return in_phase_; }
  double quadrature() const noexcept { return quadrature_; }
  /// The period in bars, 6 to 50 once it has settled, smoothed.
  double period() const noexcept { return smooth_period_; }

private:
  /// One filter of the transform. Bars of either parity have a history of their own, which is the delay of
  /// two bars between its taps.
  class filter {
  public:
    double step(bool odd, std::size_t at, double x, double gain) noexcept {
      auto& past = past_[odd];
      const double scaled = 0.0962 * x;
      double result = scaled - past.scaled[at] - past.inner;
      past.scaled[at] = scaled;
      past.inner = 0.5769 * past.input;
      past.input = x;
      result += past.inner;
      return result * gain;
    }

  private:
    struct history {
      std::array<double, 3> scaled{};
      double inner = 0;
      double input = 0;
    };
    std::array<history, 2> past_;
  };

  void transform() noexcept {
    const double gain = 0.075 * period_ + 0.54;
    const double detrended = detrender_.step(odd_, at_, smoothed_, gain);
    quadrature_ = quadrature_filter_.step(odd_, at_, detrended, gain);
    in_phase_ = detrended_[2];
    detrended_ = {detrended, detrended_[0], detrended_[1]};
    const double advanced_i = in_phase_filter_.step(odd_, at_, in_phase_, gain);
    const double advanced_q = advance_filter_.step(odd_, at_, quadrature_, gain);
    if (!odd_) at_ = at_ == 2 ? 0 : at_ + 1;
    odd_ = !odd_;
    const double q = 0.2 * (quadrature_ + advanced_i) + 0.8 * q_;
    const double i = 0.2 * (in_phase_ - advanced_q) + 0.8 * i_;
    real_ = 0.2 * (i * i_ + q * q_) + 0.8 * real_;
    imaginary_ = 0.2 * (i * q_ - q * i_) + 0.8 * imaginary_;
    q_ = q;
    i_ = i;
  }

  void measure() noexcept {
    const double before = period_;
    double period = before;
    if (imaginary_ != 0.0 && real_ != 0.0)
      period = 360.0 / (std::atan(imaginary_ / real_) * (180.0 / std::numbers::pi));
    period = std::min(period, 1.5 * before);
    period = std::max(period, 0.67 * before);
    period = std::clamp(period, 6.0, 50.0);
    period_ = 0.2 * period + 0.8 * before;
    smooth_period_ = 0.33 * period_ + 0.67 * smooth_period_;
  }

  filter detrender_;
  filter quadrature_filter_;
  filter in_phase_filter_;
  filter advance_filter_;
  std::array<double, 3> prices_{};
  std::array<double, 3> detrended_{};
  double smoothed_ = 0;
  double in_phase_ = 0;
  double quadrature_ = 0;
  double q_ = 0;
  double i_ = 0;
  double real_ = 0;
  double imaginary_ = 0;
  double period_ = 0;
  double smooth_period_ = 0;
  std::int32_t to_skip_;
  std::uint32_t at_ = 0;
  bool odd_;
};

/// Ehlers' MESA adaptive average and the slower one that follows it.
class mama {
public:
  static constexpr int look_back = 32;

  mama(double fast, double slow) noexcept : cycle_(12), fast_(fast), slow_(slow) {}

  /// False through the look-back.
  bool step(double x) noexcept {
    if (to_come_ > 0) --to_come_;
    if (!cycle_.step(x)) return false;
    const double phase = cycle_.in_phase() == 0.0 ? 0.0
                                                  : std::atan(cycle_.quadrature() / cycle_.in_phase()) *
                                                        (180.0 / std::numbers::pi);
    const double turned = std::max(1.0, phase_ - phase);
    phase_ = phase;
    const double share = turned > 1.0 ? std::max(fast_ / turned, slow_) : fast_;
    value_ = share * x + (1 - share) * value_;
    following_ = 0.5 * share * value_ + (1 - 0.5 * share) * following_;
    return to_come_ == 0;
  }
  double value() const noexcept { return value_; }
  double following() const noexcept { return following_; }

private:
  dominant_cycle cycle_;
  double fast_;
  double slow_;
  double phase_ = 0;
  double value_ = 0;
  double following_ = 0;
  std::int32_t to_come_ = look_back + 1;
};

}  // namespace tickcast::analytics::indicators
