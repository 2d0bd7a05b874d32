#include "analytics/indicators/bar_prices.hpp"
#include "analytics/indicators/described.hpp"
#include "analytics/indicators/families.hpp"

namespace tickcast::analytics::indicators {
namespace {

/// Wilder's parabolic (1978). The second bar decides the first direction: down when its low fell by more than
/// its high rose.
class sar {
public:
  sar(const arguments& with, arena&)
      : increment_(std::min(with.real(0), with.real(1))), most_(with.real(1)), factor_(increment_) {}
  static int look_back(const arguments&) { return 1; }

  void step(const bar_input& bar, double*, double* out) noexcept {
    out[0] = none;
    if (bars_ < 2) ++bars_;
    if (bars_ == 2) {
      if (stop_unset_) begin(bar);
      out[0] = rising_ ? rise(bar) : fall(bar);
    }
    high_ = bar.high;
    low_ = bar.low;
  }

private:
  void begin(const bar_input& bar) noexcept {
    const double rose = bar.high - high_;
    const double fell = low_ - bar.low;
    rising_ = !(fell > 0 && rose < fell);
    stop_ = rising_ ? low_ : high_;
    extreme_ = rising_ ? bar.high : bar.low;
    high_ = bar.high;
    low_ = bar.low;
    stop_unset_ = false;
  }

  double rise(const bar_input& bar) noexcept {
    if (bar.low <= stop_) {
      rising_ = false;
      const double turned = std::max({extreme_, high_, bar.high});
      factor_ = increment_;
      extreme_ = bar.low;
      stop_ = std::max({turned + factor_ * (extreme_ - turned), high_, bar.high});
      return turned;
    }
    const double now = stop_;
    if (bar.high > extreme_) {
      extreme_ = bar.high;
      factor_ = std::min(factor_ + increment_, most_);
    }
    stop_ = std::min({now + factor_ * (extreme_ - now), low_, bar.low});
    return now;
  }

  double fall(const bar_input& bar) noexcept {
    if (bar.high >= stop_) {
      rising_ = true;
      const double turned = std::min({extreme_, low_, bar.low});
      factor_ = increment_;
      extreme_ = bar.high;
      stop_ = std::min({turned + factor_ * (extreme_ - turned), low_, bar.low});
      return turned;
    }
    const double now = stop_;
    if (bar.low < extreme_) {
      extreme_ = bar.low;
      factor_ = std::min(factor_ + increment_, most_);
    }
    stop_ = std::max({now + factor_ * (extreme_ - now), high_, bar.high});
    return now;
  }

  double increment_;
  double most_;
  double factor_;
  double stop_ = 0;
  double extreme_ = 0;
  double high_ = 0;
  double low_ = 0;
  std::int32_t bars_ = 0;
  bool stop_unset_ = true;
  bool rising_ = true;
};

/// The band below the price while it rises, above while it falls; begun rising. A band only comes nearer
/// until a close beyond it lets it go.
class supertrend {
public:
  supertrend(const arguments& with, arena& memory) : width_(with.whole(0), memory), times_(with.real(1)) {}
  static int look_back(const arguments& with) { return with.whole(0); }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const double width = range_.step(bar) ? times_ * width_.step(range_.range(), memory) : none;
    out[0] = out[1] = none;
    if (std::isnan(width)) return;
    const double upper = median_price(bar) + width;
    const double lower = median_price(bar) - width;
    if (!begun_ || upper < upper_ || close_ > upper_) upper_ = upper;
    if (!begun_ || lower > lower_ || close_ < lower_) lower_ = lower;
    if (begun_) rising_ = rising_ ? !(bar.close < lower_) : bar.close > upper_;
    begun_ = true;
    close_ = bar.close;
    out[0] = rising_ ? lower_ : upper_;
    out[1] = rising_ ? 1 : -1;
  }

private:
  rma width_;
  true_range range_;
  double times_;
  double upper_ = 0;
  double lower_ = 0;
  double close_ = 0;
  bool begun_ = false;
  bool rising_ = true;
};

class ichimoku {
public:
  ichimoku(const arguments& with, arena& memory)
      : conversion_(with.whole(0), memory), base_(with.whole(1), memory), span_(with.whole(2), memory) {}
  static int look_back(const arguments& with) {
    return std::max({with.whole(0), with.whole(1), with.whole(2)}) - 1;
  }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const two edges{bar.high, bar.low};
    const bool conversion = conversion_.step(edges, memory);
    const bool base = base_.step(edges, memory);
    const bool span = span_.step(edges, memory);
    out[0] = out[1] = out[2] = out[3] = out[4] = none;
    if (!conversion || !base || !span) return;
    out[0] = middle(conversion_);
    out[1] = middle(base_);
    out[2] = (out[0] + out[1]) / 2;
    out[3] = middle(span_);
    out[4] = bar.close;
  }

private:
  using window = block_window<extremes_fold>;
  static double middle(const window& of) noexcept { return (of.total().highest + of.total().lowest) / 2; }

  window conversion_;
  window base_;
  window span_;
};

}  // namespace

std::vector<description> trend_followers() {
  return {
      described<sar>({.name = "sar",
                      .text = "Wilder's parabolic stop and reverse.",
                      .parameters = {real("acceleration", "how fast the stop begins and gains", 0.02, 0),
                                     real("maximum", "how fast it may get", 0.2, 0)},
                      .reads = high_low,
                      .drawn_in = pane::price,
                      .look_back_text = "1"}),
      described<supertrend>(
          {.name = "supertrend",
           .text = "A stop so many average true ranges away from the median price, and the trend: "
                   "1 up, -1 down.",
           .parameters = {period(10, 2), real("times", "average true ranges to the stop", 3, 0)},
           .outputs = {{"supertrend"}, {"trend"}},
           .reads = high_low_close,
           .drawn_in = pane::price,
           .look_back_text = "period"}),
      described<ichimoku>(
          {.name = "ichimoku",
           .text = "Ichimoku's five lines: middles of the range over three spans; charts draw the "
                   "two span lines `base` bars ahead, and the close as many behind.",
           .parameters = {whole("conversion", "bars of the conversion line", 9),
                          whole("base", "bars of the base line, and of the shift", 26),
                          whole("span", "bars of the second span line", 52)},
           .outputs = {{"conversion"}, {"base"}, {"span_a", 1}, {"span_b", 1}, {"lagging", -1}},
           .reads = high_low_close,
           .drawn_in = pane::price,
           .look_back_text = "max(conversion, base, span) - 1"}),
  };
}

}  // namespace tickcast::analytics::indicators
