#include <numbers>
#include <utility>

#include "analytics/indicators/described.hpp"
#include "analytics/indicators/families.hpp"

namespace tickcast::analytics::indicators {
namespace {

/// Which number of the straight line fitted to the closes is wanted; the oldest close lies at 0.
enum class of_line { end, slope, angle, intercept, next };

/// Least squares over equal distances. The sums are of differences from a price in the window.
template <of_line Wanted>
class regression {
public:
  regression(const arguments& with, arena& memory)
      : window_(with.whole(0), memory), n_(with.whole(0)), spread_(n_ * (n_ * n_ - 1) / 12) {}
  static int look_back(const arguments& with) { return with.whole(0) - 1; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    out[0] = none;
    if (!window_.step(bar.close, memory)) return;
    const auto& sums = window_.total();
    // `weighted` counts the oldest as 1; (n + 1)/2 is the middle of that.
    const double slope = (sums.weighted - sums.sum * ((n_ + 1) / 2)) / spread_;
    out[0] = Wanted == of_line::slope   ? slope
             : Wanted == of_line::angle ? std::atan(slope) * (180 / std::numbers::pi)
                                        : window_.anchor() + (sums.sum / n_ + slope * from_middle());
  }

private:
  double from_middle() const noexcept {
    const double half = (n_ - 1) / 2;
    return Wanted == of_line::intercept ? -half : Wanted == of_line::next ? half + 1 : half;
  }

  block_window<line_fold> window_;
  double n_;
  double spread_;  // sum of the squared distances from the middle
};

/// Sums of two series less their anchors, of their squares and of their product.
struct pair_fold {
  using value = two;
  double x = 0;
  double y = 0;
  double xx = 0;
  double yy = 0;
  double xy = 0;
  static two less(const two& v, const two& anchor) noexcept { return {v.x - anchor.x, v.y - anchor.y}; }
  void prepend(const two& d, std::uint32_t) noexcept {
    x += d.x;
    y += d.y;
    xx += d.x * d.x;
    yy += d.y * d.y;
    xy += d.x * d.y;
  }
  void append(const two& d, std::uint32_t) noexcept { prepend(d, 0); }
  void join(const pair_fold& newer, std::uint32_t, std::uint32_t) noexcept {
    x += newer.x;
    y += newer.y;
    xx += newer.xx;
    yy += newer.yy;
    xy += newer.xy;
  }
  double variance_x(double n) const noexcept { return xx - x * x / n; }
  double variance_y(double n) const noexcept { return yy - y * y / n; }
  double covariance(double n) const noexcept { return xy - x * y / n; }
};

class correl {
public:
  correl(const arguments& with, arena& memory) : window_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0) - 1; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    out[0] = none;
    if (!window_.step({bar.high, bar.low}, memory)) return;
    const auto& sums = window_.total();
    const double n = window_.size();
    const double x = sums.variance_x(n);
    const double y = sums.variance_y(n);
    out[0] = x > 0 && y > 0 ? sums.covariance(n) / (std::sqrt(x) * std::sqrt(y)) : 0.0;
  }

private:
  block_window<pair_fold> window_;
};

class beta {
public:
  beta(const arguments& with, arena& memory) : window_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0); }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const two now{bar.high, bar.low};
    const two before = std::exchange(before_, now);
    out[0] = none;
    if (!std::exchange(begun_, true)) return;
    const two returns{ratio(now.x - before.x, before.x), ratio(now.y - before.y, before.y)};
    if (!window_.step(returns, memory)) return;
    const double n = window_.size();
    const double spread = window_.total().variance_x(n);
    out[0] = spread > 0 ? window_.total().covariance(n) / spread : 0.0;
  }

private:
  block_window<pair_fold> window_;
  two before_;
  bool begun_ = false;
};

template <bool Highest, bool Lowest>
class extremes {
public:
  extremes(const arguments& with, arena& memory) : window_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0) - 1; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const bool ready = window_.step({bar.close, bar.close}, memory);
    if (Lowest) out[0] = ready ? window_.total().lowest : none;
    if (Highest) out[Lowest ? 1 : 0] = ready ? window_.total().highest : none;
  }

private:
  block_window<extremes_fold> window_;
};

class sum {
public:
  sum(const arguments& with, arena& memory) : window_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0) - 1; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    out[0] = window_.step(bar.close, memory) ? window_.total().sum : none;
  }

private:
  block_window<sum_fold> window_;
};

template <of_line Wanted>
description line(std::string_view name, std::string_view text, pane where) {
  return described<regression<Wanted>>({.name = name,
                                        .text = text,
                                        .parameters = {period(14, 2)},
                                        .drawn_in = where,
                                        .look_back_text = "period - 1"});
}

}  // namespace

std::vector<description> statistics() {
  const std::vector<parameter> span = {period(30, 2)};
  return {
      line<of_line::end>("linearreg", "The end of the straight line fitted to the closes.", pane::price),
      line<of_line::slope>("linearreg_slope", "That line's slope, per bar.", pane::own),
      line<of_line::angle>("linearreg_angle", "That line's angle in degrees.", pane::own),
      line<of_line::intercept>("linearreg_intercept", "The beginning of that line.", pane::price),
      line<of_line::next>("tsf", "Time series forecast: that line one bar further.", pane::price),
      described<beta>(
          {.name = "beta",
           .text = "How much the lows change when the highs change, in parts: the slope of one's returns "
                   "against the other's.",
           .parameters = {period(5)},
           .reads = high_low,
           .look_back_text = "period"}),
      described<correl>({.name = "correl",
                         .text = "Correlation (Pearson's) of highs and lows.",
                         .parameters = {period(30)},
                         .reads = high_low,
                         .look_back_text = "period - 1"}),
      described<extremes<false, true>>({.name = "min",
                                        .text = "The lowest close.",
                                        .parameters = span,
                                        .drawn_in = pane::price,
                                        .look_back_text = "period - 1"}),
      described<extremes<true, false>>({.name = "max",
                                        .text = "The highest close.",
                                        .parameters = span,
                                        .drawn_in = pane::price,
                                        .look_back_text = "period - 1"}),
      described<extremes<true, true>>({.name = "minmax",
                                       .text = "The lowest and the highest close.",
                                       .parameters = span,
                                       .outputs = {{"min"}, {"max"}},
                                       .drawn_in = pane::price,
                                       .look_back_text = "period - 1"}),
      described<sum>({.name = "sum",
                      .text = "The sum of the closes.",
                      .parameters = span,
                      .look_back_text = "period - 1"}),
  };
}

}  // namespace tickcast::analytics::indicators
