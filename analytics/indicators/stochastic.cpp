#include "analytics/indicators/described.hpp"
#include "analytics/indicators/families.hpp"
#include "analytics/indicators/strength.hpp"

namespace tickcast::analytics::indicators {
namespace {

/// Where x lies between the lowest and the highest of a window, in percent; 0 where the window is flat.
class place_in_range {
public:
  place_in_range(int period, arena& memory) : window_(period, memory) {}
  double step(double high, double low, double x, double* memory) noexcept {
    if (!window_.step({high, low}, memory)) return none;
    const auto& range = window_.total();
    return 100 * ratio(x - range.lowest, range.highest - range.lowest);
  }

private:
  block_window<extremes_fold> window_;
};

/// A place in a range and one average of it: %K and %D.
class fast_lines {
public:
  fast_lines(int k, int d, average_kind type, arena& memory) : k_(k, memory), d_(type, d, memory) {}
  static int look_back(int k, int d, average_kind type) { return k - 1 + any_average::look_back(type, d); }
  void step(double high, double low, double x, double* memory, double* out) noexcept {
    const double k = k_.step(high, low, x, memory);
    const double d = std::isnan(k) ? none : d_.step(k, memory);
    out[0] = std::isnan(d) ? none : k;
    out[1] = d;
  }

private:
  place_in_range k_;
  any_average d_;
};

class stochf {
public:
  stochf(const arguments& with, arena& memory)
      : lines_(with.whole(0), with.whole(1), kind(with, 2), memory) {}
  static int look_back(const arguments& with) {
    return fast_lines::look_back(with.whole(0), with.whole(1), kind(with, 2));
  }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    lines_.step(bar.high, bar.low, bar.close, memory, out);
  }

private:
  fast_lines lines_;
};

class stoch {
public:
  stoch(const arguments& with, arena& memory)
      : place_(with.whole(0), memory),
        k_(kind(with, 2), with.whole(1), memory),
        d_(kind(with, 4), with.whole(3), memory) {}
  static int look_back(const arguments& with) {
    return with.whole(0) - 1 + any_average::look_back(kind(with, 2), with.whole(1)) +
           any_average::look_back(kind(with, 4), with.whole(3));
  }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const double place = place_.step(bar.high, bar.low, bar.close, memory);
    const double k = std::isnan(place) ? none : k_.step(place, memory);
    const double d = std::isnan(k) ? none : d_.step(k, memory);
    out[0] = std::isnan(d) ? none : k;
    out[1] = d;
  }

private:
  place_in_range place_;
  any_average k_;
  any_average d_;
};

class stochrsi {
public:
  stochrsi(const arguments& with, arena& memory)
      : strength_(with.whole(0), memory), lines_(with.whole(1), with.whole(2), kind(with, 3), memory) {}
  static int look_back(const arguments& with) {
    return with.whole(0) + fast_lines::look_back(with.whole(1), with.whole(2), kind(with, 3));
  }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const double strength = strength_.step(bar.close, memory);
    out[0] = out[1] = none;
    if (!std::isnan(strength)) lines_.step(strength, strength, strength, memory, out);
  }

private:
  rsi strength_;
  fast_lines lines_;
};

class willr {
public:
  willr(const arguments& with, arena& memory) : window_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0) - 1; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const bool ready = window_.step({bar.high, bar.low}, memory);
    const auto& range = window_.total();
    out[0] = ready ? 0.0 - 100 * ratio(range.highest - bar.close, range.highest - range.lowest) : none;
  }

private:
  block_window<extremes_fold> window_;
};

/// How long ago the highest high and the lowest low of period + 1 bars were; of equals the latest counts.
class aroon_window {
public:
  aroon_window(int period, arena& memory) : window_(period + 1, memory), period_(period) {}
  bool step(const bar_input& bar, double* memory) noexcept {
    return window_.step({bar.high, bar.low}, memory);
  }
  double down() const noexcept { return percent(window_.total().lowest_at); }
  double up() const noexcept { return percent(window_.total().highest_at); }

private:
  double percent(double at) const noexcept { return 100 * (period_ - (window_.offset() - at)) / period_; }

  block_window<range_fold> window_;
  double period_;
};

class aroon {
public:
  aroon(const arguments& with, arena& memory) : window_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0); }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const bool ready = window_.step(bar, memory);
    out[0] = ready ? window_.down() : none;
    out[1] = ready ? window_.up() : none;
  }

private:
  aroon_window window_;
};

class aroonosc {
public:
  aroonosc(const arguments& with, arena& memory) : window_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0); }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    out[0] = window_.step(bar, memory) ? window_.up() - window_.down() : none;
  }

private:
  aroon_window window_;
};

}  // namespace

std::vector<description> stochastics() {
  const auto fast_k = whole("fastk", "bars of the range", 5);
  const auto type = [](std::string_view name, std::string_view text) {
    return average(name, text, average_kind::sma);
  };
  return {
      described<stoch>(
          {.name = "stoch",
           .text = "Stochastic oscillator: where the close lies in the range of the last bars, in "
                   "percent, averaged, and the average of that.",
           .parameters = {fast_k, whole("slowk", "bars of %K's average", 3),
                          type("slowk_type", "%K's average"), whole("slowd", "bars of %D's average", 3),
                          type("slowd_type", "%D's average")},
           .outputs = {{"slowk"}, {"slowd"}},
           .reads = high_low_close,
           .look_back_text = "fastk - 1, and those of both averages"}),
      described<stochf>(
          {.name = "stochf",
           .text = "Fast stochastic: where the close lies in the range, and the average of that.",
           .parameters = {fast_k, whole("fastd", "bars of %D's average", 3),
                          type("fastd_type", "%D's average")},
           .outputs = {{"fastk"}, {"fastd"}},
           .reads = high_low_close,
           .look_back_text = "fastk - 1, and that of the average"}),
      described<stochrsi>({.name = "stochrsi",
                           .text = "Fast stochastic of the relative strength index.",
                           .parameters = {period(14, 2), fast_k, whole("fastd", "bars of %D's average", 3),
                                          type("fastd_type", "%D's average")},
                           .outputs = {{"fastk"}, {"fastd"}},
                           .look_back_text = "period + fastk - 1, and that of the average"}),
      described<willr>({.name = "willr",
                        .text = "Williams' %R: how far the close lies below the highest high, 0 to -100.",
                        .parameters = {period(14, 2)},
                        .reads = high_low_close,
                        .look_back_text = "period - 1"}),
      described<aroon>(
          {.name = "aroon",
           .text = "How lately the lowest low and the highest high were: 100 now, 0 `period` bars ago.",
           .parameters = {period(14, 2)},
           .outputs = {{"down"}, {"up"}},
           .reads = high_low,
           .look_back_text = "period"}),
      described<aroonosc>({.name = "aroonosc",
                           .text = "Aroon up less Aroon down.",
                           .parameters = {period(14, 2)},
                           .reads = high_low,
                           .look_back_text = "period"}),
  };
}

}  // namespace tickcast::analytics::indicators
