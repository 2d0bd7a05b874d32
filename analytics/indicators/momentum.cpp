#include "analytics/indicators/bar_prices.hpp"
#include "analytics/indicators/described.hpp"
#include "analytics/indicators/deviation.hpp"
#include "analytics/indicators/families.hpp"
#include "analytics/indicators/strength.hpp"

namespace tickcast::analytics::indicators {
namespace {

double difference(double x, double past) {
  return x - past;
}
double percent_change(double x, double past) {
  return past != 0 ? (x / past - 1) * 100 : 0.0;
}
double change(double x, double past) {
  return ratio(x - past, past);
}
double quotient(double x, double past) {
  return ratio(x, past);
}
double percent(double x, double past) {
  return ratio(x, past) * 100;
}

/// A close compared with the one `period` bars before.
template <double (*Compare)(double, double)>
class against_past {
public:
  against_past(const arguments& with, arena& memory) : past_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0); }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    double past = 0;
    out[0] = past_.step(bar.close, memory, past) ? Compare(bar.close, past) : none;
  }

private:
  lag past_;
};

class trix {
public:
  trix(const arguments& with, arena&) : chain_(with.whole(0)) {}
  static int look_back(const arguments& with) { return 3 * (with.whole(0) - 1) + 1; }
  void step(const bar_input& bar, double*, double* out) noexcept {
    std::array<double, 3> e;
    out[0] = none;
    if (!chain_.step(bar.close, e)) return;
    if (!std::isnan(before_)) out[0] = percent_change(e[2], before_);
    before_ = e[2];
  }

private:
  ema_chain<3> chain_;
  double before_ = none;
};

class cmo {
public:
  cmo(const arguments& with, arena&) : changes_(with.whole(0)) {}
  static int look_back(const arguments& with) { return with.whole(0); }
  void step(const bar_input& bar, double*, double* out) noexcept {
    const bool ready = changes_.step(bar.close);
    out[0] = ready ? 100 * ratio(changes_.gain() - changes_.loss(), changes_.gain() + changes_.loss()) : none;
  }

private:
  gains_and_losses changes_;
};

double balance_of_power(const bar_input& bar) {
  const double range = bar.high - bar.low;
  return range > 0 ? (bar.close - bar.open) / range : 0.0;
}

class imi {
public:
  imi(const arguments& with, arena& memory) : window_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0) - 1; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const double moved = bar.close - bar.open;
    const bool ready = window_.step({std::max(moved, 0.0), std::max(-moved, 0.0)}, memory);
    const double all = window_.total().x + window_.total().y;
    out[0] = !ready ? none : all > 0 ? 100 * (window_.total().x / all) : 50.0;
  }

private:
  block_window<two_sums_fold> window_;
};

class cci {
public:
  cci(const arguments& with, arena& memory) : deviation_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0) - 1; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const double deviation = deviation_.step(typical_price(bar), memory);
    out[0] = std::isnan(deviation) ? none : ratio(deviation_.from_mean(), 0.015 * deviation);
  }

private:
  mean_deviation deviation_;
};

}  // namespace

std::vector<description> momentum() {
  const auto past = period(10);
  return {
      described<against_past<difference>>({.name = "mom",
                                           .text = "Momentum: the close less the one `period` bars before.",
                                           .parameters = {past},
                                           .look_back_text = "period"}),
      described<against_past<percent_change>>({.name = "roc",
                                               .text = "Rate of change in percent.",
                                               .parameters = {past},
                                               .look_back_text = "period"}),
      described<against_past<change>>({.name = "rocp",
                                       .text = "Rate of change as a part of the old close.",
                                       .parameters = {past},
                                       .look_back_text = "period"}),
      described<against_past<quotient>>({.name = "rocr",
                                         .text = "The close divided by the one `period` bars before.",
                                         .parameters = {past},
                                         .look_back_text = "period"}),
      described<against_past<percent>>({.name = "rocr100",
                                        .text = "The close in percent of the one `period` bars before.",
                                        .parameters = {past},
                                        .look_back_text = "period"}),
      described<trix>({.name = "trix",
                       .text = "Percent by which the triple exponential average changed in one bar.",
                       .parameters = {period(30)},
                       .look_back_text = "3 (period - 1) + 1"}),
      described<of_close<rsi>>({.name = "rsi",
                                .text =
                                    "Relative strength index: Wilder's average gain in percent of gains and "
                                    "losses together.",
                                .parameters = {period(14, 2)},
                                .look_back_text = "period"}),
      described<cmo>(
          {.name = "cmo",
           .text = "Chande's momentum oscillator, -100 to 100, with Wilder's averages as TA-Lib has it.",
           .parameters = {period(14, 2)},
           .look_back_text = "period"}),
      described<imi>(
          {.name = "imi",
           .text = "Intraday momentum index: bars that rose, in percent of all, by how far they went.",
           .parameters = {period(14, 2)},
           .reads = open | close,
           .look_back_text = "period - 1"}),
      described<of_bar<balance_of_power>>(
          {.name = "bop",
           .text = "Balance of power: close less open as a part of the range.",
           .reads = prices}),
      described<cci>({.name = "cci",
                      .text =
                          "Commodity channel index: how far the typical price is from its mean, in units of "
                          "0.015 mean deviations.",
                      .parameters = {period(14, 2)},
                      .reads = high_low_close,
                      .look_back_text = "period - 1"}),
  };
}

}  // namespace tickcast::analytics::indicators
