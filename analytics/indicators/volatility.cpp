#include "analytics/indicators/bar_prices.hpp"
#include "analytics/indicators/described.hpp"
#include "analytics/indicators/deviation.hpp"
#include "analytics/indicators/families.hpp"

namespace tickcast::analytics::indicators {
namespace {

class trange {
public:
  trange(const arguments&, arena&) noexcept {}
  static int look_back(const arguments&) { return 1; }
  void step(const bar_input& bar, double*, double* out) noexcept {
    out[0] = range_.step(bar) ? range_.range() : none;
  }

private:
  true_range range_;
};

template <bool Percent>
class atr {
public:
  atr(const arguments& with, arena&) : average_(1.0 / with.whole(0), with.whole(0)) {}
  static int look_back(const arguments& with) { return with.whole(0); }
  void step(const bar_input& bar, double*, double* out) noexcept {
    const double average = range_.step(bar) ? average_.step(range_.range()) : none;
    out[0] = Percent ? 100 * ratio(average, bar.close) : average;
  }

private:
  true_range range_;
  smoothing average_;
};

class stddev {
public:
  stddev(const arguments& with, arena& memory) : variance_(with.whole(0), memory), times_(with.real(1)) {}
  static int look_back(const arguments& with) { return with.whole(0) - 1; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    out[0] = times_ * std::sqrt(variance_.step(bar.close, memory));
  }

private:
  variance variance_;
  double times_;
};

}  // namespace

std::vector<description> volatility() {
  return {
      described<trange>({.name = "trange",
                         .text = "True range: the bar's range, widened to the close before it.",
                         .reads = high_low_close,
                         .look_back_text = "1"}),
      described<atr<false>>({.name = "atr",
                             .text = "Average true range, by Wilder.",
                             .parameters = {period(14)},
                             .reads = high_low_close,
                             .look_back_text = "period"}),
      described<atr<true>>({.name = "natr",
                            .text = "Average true range in percent of the close.",
                            .parameters = {period(14)},
                            .reads = high_low_close,
                            .look_back_text = "period"}),
      described<stddev>({.name = "stddev",
                         .text = "Standard deviation of the closes, of the whole window, not of a sample.",
                         .parameters = {period(5, 2), real("times", "what it is multiplied by", 1)},
                         .look_back_text = "period - 1"}),
      described<of_close<variance>>(
          {.name = "var",
           .text = "Variance of the closes, of the whole window, not of a sample.",
           .parameters = {period(5), real("times", "without effect, as in TA-Lib", 1)},
           .look_back_text = "period - 1"}),
      described<of_close<mean_deviation>>({.name = "avgdev",
                                           .text = "Mean distance of the closes from their mean.",
                                           .parameters = {period(14, 2)},
                                           .look_back_text = "period - 1"}),
  };
}

}  // namespace tickcast::analytics::indicators
