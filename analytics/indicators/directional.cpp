#include <utility>

#include "analytics/indicators/bar_prices.hpp"
#include "analytics/indicators/described.hpp"
#include "analytics/indicators/families.hpp"

// Wilder's directional movement (New Concepts in Technical Trading Systems, 1978).

namespace tickcast::analytics::indicators {
namespace {

/// By how much a bar went beyond the one before, on the side where it went further.
class movement {
public:
  /// False for the first bar.
  bool step(const bar_input& bar) noexcept {
    const double rose = bar.high - high_;
    const double fell = low_ - bar.low;
    plus_ = rose > 0 && rose > fell ? rose : 0.0;
    minus_ = fell > 0 && fell > rose ? fell : 0.0;
    high_ = bar.high;
    low_ = bar.low;
    return std::exchange(known_, true);
  }
  double plus() const noexcept { return plus_; }
  double minus() const noexcept { return minus_; }

private:
  double high_ = 0;
  double low_ = 0;
  double plus_ = 0;
  double minus_ = 0;
  bool known_ = false;
};

/// Wilder's sum: the first n - 1 values, then each time less its n-th part, plus the new one.
class wilder_sum {
public:
  explicit wilder_sum(int period) : share_(1.0 / period), to_sum_(period - 1) {}
  void step(double x) noexcept {
    if (to_sum_ == 0) [[likely]] {
      sum_ = sum_ - sum_ * share_ + x;
    } else {
      --to_sum_;
      sum_ += x;
    }
  }
  double value() const noexcept { return sum_; }

private:
  double share_;
  double sum_ = 0;
  std::int32_t to_sum_;
};

template <bool Plus>
class directional_movement {
public:
  directional_movement(const arguments& with, arena&) : sum_(with.whole(0)), to_come_(look_back(with)) {}
  static int look_back(const arguments& with) { return std::max(1, with.whole(0) - 1); }
  void step(const bar_input& bar, double*, double* out) noexcept {
    const bool known = moved_.step(bar);
    if (known) sum_.step(Plus ? moved_.plus() : moved_.minus());
    out[0] = to_come_ == 0 ? sum_.value() : none;
    if (to_come_ > 0) --to_come_;
  }

private:
  movement moved_;
  wilder_sum sum_;
  std::int32_t to_come_;
};

/// Both movements and the true range, smoothed: the directional indicators.
class indicators_of_direction {
public:
  explicit indicators_of_direction(int period)
      : plus_sum_(period), minus_sum_(period), range_sum_(period), to_come_(period) {}
  /// False for the first `period` bars.
  bool step(const bar_input& bar) noexcept {
    const bool known = moved_.step(bar);
    range_.step(bar);
    if (known) {
      plus_sum_.step(moved_.plus());
      minus_sum_.step(moved_.minus());
      range_sum_.step(range_.range());
    }
    if (to_come_ == 0) return true;
    --to_come_;
    return false;
  }
  double plus() const noexcept { return 100 * ratio(plus_sum_.value(), range_sum_.value()); }
  double minus() const noexcept { return 100 * ratio(minus_sum_.value(), range_sum_.value()); }
  /// NaN where nothing has moved.
  double index() const noexcept {
    const double both = plus_sum_.value() + minus_sum_.value();
    return both > 0 ? 100 * (std::abs(plus_sum_.value() - minus_sum_.value()) / both) : none;
  }

private:
  movement moved_;
  true_range range_;
  wilder_sum plus_sum_;
  wilder_sum minus_sum_;
  wilder_sum range_sum_;
  std::int32_t to_come_;
};

template <bool Plus>
class directional_indicator {
public:
  directional_indicator(const arguments& with, arena&) : direction_(with.whole(0)) {}
  static int look_back(const arguments& with) { return with.whole(0); }
  void step(const bar_input& bar, double*, double* out) noexcept {
    out[0] = !direction_.step(bar) ? none : Plus ? direction_.plus() : direction_.minus();
  }

private:
  indicators_of_direction direction_;
};

/// Where nothing has moved the index stays what it was, 0 at first.
class dx {
public:
  dx(const arguments& with, arena&) : direction_(with.whole(0)) {}
  static int look_back(const arguments& with) { return with.whole(0); }
  void step(const bar_input& bar, double*, double* out) noexcept {
    out[0] = none;
    if (!direction_.step(bar)) return;
    const double index = direction_.index();
    if (!std::isnan(index)) value_ = index;
    out[0] = value_;
  }

private:
  indicators_of_direction direction_;
  double value_ = 0;
};

/// Wilder's average of the index, begun at the mean of the first `period`. A bar that knows no index counts
/// as 0 in that mean and leaves the average alone afterwards, as TA-Lib has it.
class adx_value {
public:
  explicit adx_value(int period)
      : direction_(period), share_(1.0 / period), period_(period), to_sum_(period) {}
  double step(const bar_input& bar) noexcept {
    if (!direction_.step(bar)) return none;
    const double index = direction_.index();
    if (to_sum_ > 0) return begin(index);
    if (!std::isnan(index)) value_ = (index - value_) * share_ + value_;
    return value_;
  }

private:
  double begin(double index) noexcept {
    if (!std::isnan(index)) value_ += index;
    if (--to_sum_ > 0) return none;
    return value_ /= period_;
  }

  indicators_of_direction direction_;
  double share_;
  double period_;
  double value_ = 0;
  std::int32_t to_sum_;
};

class adx {
public:
  adx(const arguments& with, arena&) : value_(with.whole(0)) {}
  static int look_back(const arguments& with) { return 2 * with.whole(0) - 1; }
  void step(const bar_input& bar, double*, double* out) noexcept { out[0] = value_.step(bar); }

private:
  adx_value value_;
};

class adxr {
public:
  adxr(const arguments& with, arena& memory) : value_(with.whole(0)), past_(with.whole(0) - 1, memory) {}
  static int look_back(const arguments& with) { return 3 * with.whole(0) - 2; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const double now = value_.step(bar);
    double past = 0;
    out[0] = none;
    if (!std::isnan(now) && past_.step(now, memory, past)) out[0] = (now + past) / 2;
  }

private:
  adx_value value_;
  lag past_;
};

}  // namespace

std::vector<description> directional() {
  return {
      described<directional_movement<true>>({.name = "plus_dm",
                                             .text = "Directional movement upwards, Wilder's sum.",
                                             .parameters = {period(14)},
                                             .reads = high_low,
                                             .look_back_text = "max(1, period - 1)"}),
      described<directional_movement<false>>({.name = "minus_dm",
                                              .text = "Directional movement downwards, Wilder's sum.",
                                              .parameters = {period(14)},
                                              .reads = high_low,
                                              .look_back_text = "max(1, period - 1)"}),
      described<directional_indicator<true>>({.name = "plus_di",
                                              .text = "Movement upwards in percent of the true range.",
                                              .parameters = {period(14, 2)},
                                              .reads = high_low_close,
                                              .look_back_text = "period"}),
      described<directional_indicator<false>>({.name = "minus_di",
                                               .text = "Movement downwards in percent of the true range.",
                                               .parameters = {period(14, 2)},
                                               .reads = high_low_close,
                                               .look_back_text = "period"}),
      described<dx>(
          {.name = "dx",
           .text = "Directional movement index: the difference of the two directions in percent of both.",
           .parameters = {period(14, 2)},
           .reads = high_low_close,
           .look_back_text = "period"}),
      described<adx>({.name = "adx",
                      .text = "Average directional movement index: how strong the trend is, whichever way.",
                      .parameters = {period(14, 2)},
                      .reads = high_low_close,
                      .look_back_text = "2 period - 1"}),
      described<adxr>({.name = "adxr",
                       .text = "The mean of the ADX now and `period` - 1 bars ago.",
                       .parameters = {period(14, 2)},
                       .reads = high_low_close,
                       .look_back_text = "3 period - 2"}),
  };
}

}  // namespace tickcast::analytics::indicators
