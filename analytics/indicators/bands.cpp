#include "analytics/indicators/bar_prices.hpp"
#include "analytics/indicators/described.hpp"
#include "analytics/indicators/deviation.hpp"
#include "analytics/indicators/families.hpp"

namespace tickcast::analytics::indicators {
namespace {

class bbands {
public:
  bbands(const arguments& with, arena& memory)
      : middle_(kind(with, 3), with.whole(0), memory),
        deviation_(with.whole(0), memory),
        up_(with.real(1)),
        down_(with.real(2)) {}
  static int look_back(const arguments& with) {
    return std::max(any_average::look_back(kind(with, 3), with.whole(0)), with.whole(0) - 1);
  }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    out[0] = out[1] = out[2] = none;
    const double middle = middle_.step(bar.close, memory);
    const double variance = deviation_.step(bar.close, memory);
    if (std::isnan(middle) || std::isnan(variance)) return;
    const double deviation = std::sqrt(variance);
    out[0] = middle + up_ * deviation;
    out[1] = middle;
    out[2] = middle - down_ * deviation;
  }

private:
  any_average middle_;
  variance deviation_;
  double up_;
  double down_;
};

class kc {
public:
  kc(const arguments& with, arena& memory)
      : middle_(with.whole(0), memory), width_(with.whole(1), memory), times_(with.real(2)) {}
  static int look_back(const arguments& with) { return std::max(with.whole(0) - 1, with.whole(1)); }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const double middle = middle_.step(typical_price(bar), memory);
    const double width = range_.step(bar) ? times_ * width_.step(range_.range(), memory) : none;
    const bool ready = !std::isnan(middle) && !std::isnan(width);
    out[0] = ready ? middle + width : none;
    out[1] = ready ? middle : none;
    out[2] = ready ? middle - width : none;
  }

private:
  ema middle_;
  rma width_;
  true_range range_;
  double times_;
};

class accbands {
public:
  accbands(const arguments& with, arena& memory)
      : upper_(with.whole(0), memory), middle_(with.whole(0), memory), lower_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0) - 1; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const double width = 4 * ratio(bar.high - bar.low, bar.high + bar.low);
    out[0] = upper_.step(bar.high * (1 + width), memory);
    out[1] = middle_.step(bar.close, memory);
    out[2] = lower_.step(bar.low * (1 - width), memory);
  }

private:
  sma upper_;
  sma middle_;
  sma lower_;
};

class donchian {
public:
  donchian(const arguments& with, arena& memory) : window_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0) - 1; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    out[0] = out[1] = out[2] = none;
    if (!window_.step({bar.high, bar.low}, memory)) return;
    out[0] = window_.total().highest;
    out[1] = (window_.total().highest + window_.total().lowest) / 2;
    out[2] = window_.total().lowest;
  }

private:
  block_window<extremes_fold> window_;
};

template <bool Close>
class middle_of_range {
public:
  middle_of_range(const arguments& with, arena& memory) : window_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0) - 1; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const two edges = Close ? two{bar.close, bar.close} : two{bar.high, bar.low};
    const bool ready = window_.step(edges, memory);
    out[0] = ready ? (window_.total().highest + window_.total().lowest) / 2 : none;
  }

private:
  block_window<extremes_fold> window_;
};

}  // namespace

std::vector<description> bands() {
  const std::vector<output> three = {{"upper"}, {"middle"}, {"lower"}};
  return {
      described<bbands>({.name = "bbands",
                         .text = "Bollinger bands: an average, and so many standard deviations (of the whole "
                                 "window, not of a sample) above and below it.",
                         .parameters = {period(20, 2), real("up", "deviations to the upper band", 2),
                                        real("down", "deviations to the lower band", 2),
                                        average("type", "the average in the middle", average_kind::sma)},
                         .outputs = three,
                         .drawn_in = pane::price,
                         .look_back_text = "that of the average, at least period - 1"}),
      described<kc>({.name = "kc",
                     .alias = "keltner",
                     .text =
                         "Keltner channel: the exponential average of the typical price, and so many average "
                         "true ranges above and below it.",
                     .parameters = {period(20, 2), whole("range", "bars of the average true range", 10),
                                    real("times", "average true ranges to either band", 2)},
                     .outputs = three,
                     .reads = high_low_close,
                     .drawn_in = pane::price,
                     .look_back_text = "max(period - 1, range)"}),
      described<accbands>(
          {.name = "accbands",
           .text = "Acceleration bands: averages of highs and lows, moved apart by the bars' ranges.",
           .parameters = {period(20, 2)},
           .outputs = three,
           .reads = high_low_close,
           .drawn_in = pane::price,
           .look_back_text = "period - 1"}),
      described<donchian>(
          {.name = "donchian",
           .text = "Donchian channel: the highest high, the lowest low and the middle of the two.",
           .parameters = {period(20, 2)},
           .outputs = three,
           .reads = high_low,
           .drawn_in = pane::price,
           .look_back_text = "period - 1"}),
      described<middle_of_range<true>>({.name = "midpoint",
                                        .text = "The middle between the highest and the lowest close.",
                                        .parameters = {period(14, 2)},
                                        .drawn_in = pane::price,
                                        .look_back_text = "period - 1"}),
      described<middle_of_range<false>>({.name = "midprice",
                                         .text = "The middle between the highest high and the lowest low.",
                                         .parameters = {period(14, 2)},
                                         .reads = high_low,
                                         .drawn_in = pane::price,
                                         .look_back_text = "period - 1"}),
  };
}

}  // namespace tickcast::analytics::indicators
