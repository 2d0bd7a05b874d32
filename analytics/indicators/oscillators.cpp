#include <algorithm>

#include "analytics/indicators/bar_prices.hpp"
#include "analytics/indicators/described.hpp"
#include "analytics/indicators/families.hpp"

namespace tickcast::analytics::indicators {
namespace {

/// A fast less a slow average, the average of that, and the difference of the two. Both averages begin so
/// that their first values come on the same bar; whichever period is shorter is the fast one.
template <class Fast, class Slow, class Signal>
class convergence {
public:
  convergence(Fast fast, Slow slow, Signal signal) : fast_(fast), slow_(slow), signal_(signal) {}
  void step(double x, double* memory, double* out) noexcept {
    const double difference = fast_.step(x, memory) - slow_.step(x, memory);
    const double signal = std::isnan(difference) ? none : signal_.step(difference, memory);
    out[0] = std::isnan(signal) ? none : difference;
    out[1] = signal;
    out[2] = difference - signal;
  }

private:
  Fast fast_;
  Slow slow_;
  Signal signal_;
};

class macd {
public:
  macd(const arguments& with, arena& memory)
      : macd(std::min(with.whole(0), with.whole(1)), std::max(with.whole(0), with.whole(1)), with.whole(2),
             memory) {}
  static int look_back(const arguments& with) {
    return std::max(with.whole(0), with.whole(1)) + with.whole(2) - 2;
  }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    lines_.step(bar.close, memory, out);
  }

private:
  macd(int fast, int slow, int signal, arena& memory)
      : lines_({slow - fast, fast, memory}, {slow, memory}, {signal, memory}) {}

  convergence<late<ema>, ema, ema> lines_;
};

/// An exponential average with a share of its own, not 2/(n+1).
template <int Period, int SharePermille>
class fixed_ema {
public:
  fixed_ema(int, arena&) noexcept : value_(SharePermille / 1000.0, Period) {}
  double step(double x, double*) noexcept { return value_.step(x); }

private:
  smoothing value_;
};

class macdfix {
public:
  macdfix(const arguments& with, arena& memory)
      : lines_({26 - 12, 12, memory}, {26, memory}, {with.whole(0), memory}) {}
  static int look_back(const arguments& with) { return 26 + with.whole(0) - 2; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    lines_.step(bar.close, memory, out);
  }

private:
  convergence<late<fixed_ema<12, 150>>, fixed_ema<26, 75>, ema> lines_;
};

/// Where the shorter of two averages begins: with the first bar, or so late that both have their first values
/// on the same bar. TA-Lib does the one in APO and PPO, the other in MACD.
enum class start { at_once, together };

/// A fast and a slow average of any kind.
template <start Start>
class two_averages {
public:
  /// The kinds and periods as a call gives them; swapped where the fast one has the longer period.
  two_averages(int fast, average_kind fast_kind, int slow, average_kind slow_kind, arena& memory)
      : two_averages(sorted(fast, fast_kind, slow, slow_kind), memory) {}
  static int look_back(int fast, average_kind fast_kind, int slow, average_kind slow_kind) {
    return std::max(any_average::look_back(fast_kind, fast), any_average::look_back(slow_kind, slow));
  }
  void step(double x, double* memory) noexcept {
    fast_value_ = fast_.step(x, memory);
    slow_value_ = slow_.step(x, memory);
  }
  double difference() const noexcept { return fast_value_ - slow_value_; }
  double slow() const noexcept { return slow_value_; }

private:
  struct pair {
    int fast;
    average_kind fast_kind;
    int slow;
    average_kind slow_kind;
  };
  static pair sorted(int fast, average_kind fast_kind, int slow, average_kind slow_kind) {
    return slow < fast ? pair{slow, slow_kind, fast, fast_kind} : pair{fast, fast_kind, slow, slow_kind};
  }
  two_averages(const pair& of, arena& memory)
      : fast_(of.fast_kind, of.fast, memory, skipped(of.fast_kind, of.fast, of)),
        slow_(of.slow_kind, of.slow, memory, skipped(of.slow_kind, of.slow, of)) {}
  static int skipped(average_kind kind, int period, const pair& of) {
    if (Start == start::at_once) return 0;
    return look_back(of.fast, of.fast_kind, of.slow, of.slow_kind) - any_average::look_back(kind, period);
  }

  any_average fast_;
  any_average slow_;
  double fast_value_ = none;
  double slow_value_ = none;
};

class macdext {
  using lines = two_averages<start::together>;

public:
  macdext(const arguments& with, arena& memory)
      : lines_(with.whole(0), kind(with, 1), with.whole(2), kind(with, 3), memory),
        signal_(kind(with, 5), with.whole(4), memory) {}
  static int look_back(const arguments& with) {
    return lines::look_back(with.whole(0), kind(with, 1), with.whole(2), kind(with, 3)) +
           any_average::look_back(kind(with, 5), with.whole(4));
  }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    lines_.step(bar.close, memory);
    const double difference = lines_.difference();
    const double signal = std::isnan(difference) ? none : signal_.step(difference, memory);
    out[0] = std::isnan(signal) ? none : difference;
    out[1] = signal;
    out[2] = difference - signal;
  }

private:
  lines lines_;
  any_average signal_;
};

/// APO, PPO and PVO: a fast less a slow average, of closes or volumes, as it is or in percent of the slow
/// one.
template <bool Percent, bool Volume>
class average_oscillator {
  using averages = two_averages<start::at_once>;

public:
  average_oscillator(const arguments& with, arena& memory)
      : averages_(with.whole(0), kind(with, 2), with.whole(1), kind(with, 2), memory) {}
  static int look_back(const arguments& with) {
    return averages::look_back(with.whole(0), kind(with, 2), with.whole(1), kind(with, 2));
  }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    averages_.step(Volume ? bar.volume : bar.close, memory);
    const double difference = averages_.difference();
    out[0] = Percent ? 100 * ratio(difference, averages_.slow()) : difference;
  }

private:
  averages averages_;
};

class ao {
public:
  ao(const arguments& with, arena& memory) : fast_(with.whole(0), memory), slow_(with.whole(1), memory) {}
  static int look_back(const arguments& with) { return std::max(with.whole(0), with.whole(1)) - 1; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    out[0] = fast_.step(median_price(bar), memory) - slow_.step(median_price(bar), memory);
  }

private:
  sma fast_;
  sma slow_;
};

/// Larry Williams': closes above the true low as a part of the true range, over three spans, weighted 4,
/// 2, 1.
class ultosc {
public:
  ultosc(const arguments& with, arena& memory) : ultosc(sorted(with), memory) {}
  static int look_back(const arguments& with) { return sorted(with)[2]; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    out[0] = none;
    if (!range_.step(bar)) return;
    const two flow{bar.close - range_.low(), range_.range()};
    short_.step(flow, memory);
    middle_.step(flow, memory);
    if (!long_.step(flow, memory)) return;
    out[0] = 100 * (4 * part(short_) + 2 * part(middle_) + part(long_)) / 7;
  }

private:
  using window = block_window<two_sums_fold>;
  static std::array<int, 3> sorted(const arguments& with) {
    std::array spans{with.whole(0), with.whole(1), with.whole(2)};
    std::sort(spans.begin(), spans.end());
    return spans;
  }
  static double part(const window& of) noexcept { return ratio(of.total().x, of.total().y); }
  ultosc(const std::array<int, 3>& spans, arena& memory)
      : short_(spans[0], memory), middle_(spans[1], memory), long_(spans[2], memory) {}

  true_range range_;
  window short_;
  window middle_;
  window long_;
};

}  // namespace

std::vector<description> oscillators() {
  const auto fast = whole("fast", "bars of the fast average", 12, 2);
  const auto slow = whole("slow", "bars of the slow average", 26, 2);
  const auto signal_line = whole("signal", "bars of the average of the difference", 9);
  const auto exponential = average("type", "which averages", average_kind::ema);
  const std::vector<output> lines = {{"macd"}, {"signal"}, {"hist"}};
  const auto type = [](std::string_view name) { return average(name, "which average", average_kind::sma); };
  return {
      described<macd>(
          {.name = "macd",
           .text = "Moving average convergence/divergence: a fast less a slow exponential average, the "
                   "average of that, and the difference of the two.",
           .parameters = {fast, slow, signal_line},
           .outputs = lines,
           .look_back_text = "max(fast, slow) + signal - 2"}),
      described<macdext>(
          {.name = "macdext",
           .text = "MACD with averages of any kind.",
           .parameters = {fast, type("fast_type"), slow, type("slow_type"), signal_line, type("signal_type")},
           .outputs = lines,
           .look_back_text = "that of the longer average, and that of the signal's"}),
      described<macdfix>(
          {.name = "macdfix",
           .text = "MACD over 12 and 26 bars with the shares 0.15 and 0.075 of its first publication.",
           .parameters = {signal_line},
           .outputs = lines,
           .look_back_text = "24 + signal"}),
      described<average_oscillator<false, false>>(
          {.name = "apo",
           .text = "Absolute price oscillator: a fast less a slow average.",
           .parameters = {fast, slow, exponential},
           .look_back_text = "that of the longer average"}),
      described<average_oscillator<true, false>>(
          {.name = "ppo",
           .text = "Percentage price oscillator: a fast less a slow average, in percent of the slow one.",
           .parameters = {fast, slow, exponential},
           .look_back_text = "that of the longer average"}),
      described<average_oscillator<true, true>>(
          {.name = "pvo",
           .text = "Percentage volume oscillator: the same of the volume.",
           .parameters = {fast, slow, exponential},
           .reads = volume,
           .look_back_text = "that of the longer average"}),
      described<ao>({.name = "ao",
                     .text = "Awesome oscillator: a fast less a slow mean of the median price.",
                     .parameters = {whole("fast", "bars of the fast mean", 5),
                                    whole("slow", "bars of the slow mean", 34)},
                     .reads = high_low,
                     .look_back_text = "max(fast, slow) - 1"}),
      described<ultosc>(
          {.name = "ultosc",
           .text = "Ultimate oscillator: buying pressure over three spans, the shortest weighing most.",
           .parameters = {whole("short", "bars of the first span", 7),
                          whole("middle", "bars of the second span", 14),
                          whole("long", "bars of the third span", 28)},
           .reads = high_low_close,
           .look_back_text = "max(short, middle, long)"}),
  };
}

}  // namespace tickcast::analytics::indicators
