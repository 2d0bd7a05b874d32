#include "analytics/indicators/described.hpp"
#include "analytics/indicators/families.hpp"

// John Ehlers' cycle measures (Rocket Science for Traders, 2001), with TA-Lib's starting values.

namespace tickcast::analytics::indicators {
namespace {

constexpr int longest_cycle = 50;
constexpr double degrees = 180 / std::numbers::pi;

/// Sines and cosines of a whole turn in n steps, for every n that a cycle may have.
class turns {
public:
  struct point {
    double sine;
    double cosine;
  };
  turns() {
    for (std::size_t n = 1; n <= longest_cycle; ++n)
      for (std::size_t i = 0; i < n; ++i) {
        const double angle = static_cast<double>(i) * (2 * std::numbers::pi) / static_cast<double>(n);
        points_[n][i] = {std::sin(angle), std::cos(angle)};
      }
  }
  const point* of(int n) const noexcept { return points_[static_cast<std::size_t>(n)].data(); }

private:
  std::array<std::array<point, longest_cycle>, longest_cycle + 1> points_{};
};

const turns whole_turns;

/// The latest prices, as many as the longest cycle has.
class price_ring {
public:
  explicit price_ring(arena& memory) : slots_(memory.take(longest_cycle)) {}
  void push(double x, double* memory) noexcept {
    now_ = now_ + 1 == longest_cycle ? 0 : now_ + 1;
    memory[slots_ + now_] = x;
  }
  /// The price `ago` bars ago.
  double operator()(std::size_t ago, const double* memory) const noexcept {
    return memory[slots_ + (now_ >= ago ? now_ - ago : now_ + longest_cycle - ago)];
  }

private:
  std::size_t slots_;
  std::size_t now_ = longest_cycle - 1;
};

/// The cycle and where in it the price is.
class phase {
public:
  explicit phase(arena& memory) : cycle_(37), smoothed_(memory) {}

  bool step(double x, double* memory) noexcept {
    if (!cycle_.step(x)) return false;
    smoothed_.push(cycle_.smoothed(), memory);
    const int n = static_cast<int>(cycle_.period() + 0.5);
    const auto* turn = whole_turns.of(n);
    double real = 0;
    double imaginary = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      const double price = smoothed_(i, memory);
      real += turn[i].sine * price;
      imaginary += turn[i].cosine * price;
    }
    if (imaginary != 0)
      degrees_ = std::atan(real / imaginary) * degrees;
    else if (real != 0)
      degrees_ += real < 0 ? -90 : 90;
    // A quarter, and what the smoothing lags behind.
    degrees_ += 90 + 360 / cycle_.period();
    if (imaginary < 0) degrees_ += 180;
    if (degrees_ > 315) degrees_ -= 360;
    return true;
  }
  double in_degrees() const noexcept { return degrees_; }
  double sine() const noexcept { return std::sin(degrees_ / degrees); }
  double leading_sine() const noexcept { return std::sin((degrees_ + 45) / degrees); }
  double smoothed() const noexcept { return cycle_.smoothed(); }
  double period() const noexcept { return cycle_.period(); }

private:
  dominant_cycle cycle_;
  price_ring smoothed_;
  double degrees_ = 0;
};

/// Ehlers' instantaneous trend line: the mean over a whole cycle, smoothed.
class trend_line {
public:
  explicit trend_line(arena& memory) : prices_(memory) {}
  void see(double x, double* memory) noexcept { prices_.push(x, memory); }
  double step(double period, const double* memory) noexcept {
    const auto n = static_cast<std::size_t>(period + 0.5);
    double mean = 0;
    for (std::size_t i = 0; i < n; ++i) mean += prices_(i, memory);
    if (n > 0) mean /= static_cast<double>(n);
    const double value = (4 * mean + 3 * means_[0] + 2 * means_[1] + means_[2]) / 10;
    means_ = {mean, means_[0], means_[1]};
    return value;
  }

private:
  price_ring prices_;
  std::array<double, 3> means_{};
};

/// Counts down the bars before a first value.
template <int LookBack>
class warm_up {
public:
  bool over() noexcept {
    if (to_come_ == 0) return true;
    --to_come_;
    return false;
  }

private:
  std::int32_t to_come_ = LookBack;
};

class ht_dcperiod {
public:
  ht_dcperiod(const arguments&, arena&) : cycle_(12) {}
  static int look_back(const arguments&) { return 32; }
  void step(const bar_input& bar, double*, double* out) noexcept {
    cycle_.step(bar.close);
    out[0] = warm_.over() ? cycle_.period() : none;
  }

private:
  dominant_cycle cycle_;
  warm_up<32> warm_;
};

class ht_phasor {
public:
  ht_phasor(const arguments&, arena&) : cycle_(12) {}
  static int look_back(const arguments&) { return 32; }
  void step(const bar_input& bar, double*, double* out) noexcept {
    cycle_.step(bar.close);
    const bool ready = warm_.over();
    out[0] = ready ? cycle_.in_phase() : none;
    out[1] = ready ? cycle_.quadrature() : none;
  }

private:
  dominant_cycle cycle_;
  warm_up<32> warm_;
};

class ht_dcphase {
public:
  ht_dcphase(const arguments&, arena& memory) : phase_(memory) {}
  static int look_back(const arguments&) { return 63; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    phase_.step(bar.close, memory);
    out[0] = warm_.over() ? phase_.in_degrees() : none;
  }

private:
  phase phase_;
  warm_up<63> warm_;
};

class ht_sine {
public:
  ht_sine(const arguments&, arena& memory) : phase_(memory) {}
  static int look_back(const arguments&) { return 63; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    phase_.step(bar.close, memory);
    const bool ready = warm_.over();
    out[0] = ready ? phase_.sine() : none;
    out[1] = ready ? phase_.leading_sine() : none;
  }

private:
  phase phase_;
  warm_up<63> warm_;
};

class ht_trendline {
public:
  ht_trendline(const arguments&, arena& memory) : cycle_(37), line_(memory) {}
  static int look_back(const arguments&) { return 63; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    line_.see(bar.close, memory);
    const double value = cycle_.step(bar.close) ? line_.step(cycle_.period(), memory) : none;
    out[0] = warm_.over() ? value : none;
  }

private:
  dominant_cycle cycle_;
  trend_line line_;
  warm_up<63> warm_;
};

/// 1 in a trend, 0 in a cycle.
class ht_trendmode {
public:
  ht_trendmode(const arguments&, arena& memory) : phase_(memory), line_(memory) {}
  static int look_back(const arguments&) { return 63; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    line_.see(bar.close, memory);
    const double before = phase_.in_degrees();
    const bool begun = phase_.step(bar.close, memory);
    const double mode =
        begun ? judge(phase_.in_degrees() - before, line_.step(phase_.period(), memory)) : none;
    out[0] = warm_.over() ? mode : none;
  }

private:
  double judge(double turned, double line) noexcept {
    const double sine = phase_.sine();
    const double leading = phase_.leading_sine();
    bool trend = true;
    if ((sine > leading && sine_ <= leading_) || (sine < leading && sine_ >= leading_)) {
      bars_in_trend_ = 0;
      trend = false;
    }
    sine_ = sine;
    leading_ = leading;
    ++bars_in_trend_;
    const double period = phase_.period();
    if (bars_in_trend_ < 0.5 * period) trend = false;
    if (period != 0 && turned > 0.67 * 360 / period && turned < 1.5 * 360 / period) trend = false;
    if (line != 0 && std::abs((phase_.smoothed() - line) / line) >= 0.015) trend = true;
    return trend ? 1 : 0;
  }

  phase phase_;
  trend_line line_;
  warm_up<63> warm_;
  double sine_ = 0;
  double leading_ = 0;
  double bars_in_trend_ = 0;
};

}  // namespace

std::vector<description> cycles() {
  return {
      described<ht_dcperiod>({.name = "ht_dcperiod",
                              .text = "Period of the dominant cycle, in bars, by Hilbert transform.",
                              .look_back_text = "32"}),
      described<ht_dcphase>(
          {.name = "ht_dcphase", .text = "Phase of the dominant cycle, in degrees.", .look_back_text = "63"}),
      described<ht_phasor>({.name = "ht_phasor",
                            .text = "The two components of the dominant cycle.",
                            .outputs = {{"inphase"}, {"quadrature"}},
                            .look_back_text = "32"}),
      described<ht_sine>({.name = "ht_sine",
                          .text = "Sine of the dominant cycle's phase, and the sine 45 degrees ahead.",
                          .outputs = {{"sine"}, {"leadsine"}},
                          .look_back_text = "63"}),
      described<ht_trendline>(
          {.name = "ht_trendline",
           .text = "Instantaneous trend line: the mean over one dominant cycle, smoothed.",
           .drawn_in = pane::price,
           .look_back_text = "63"}),
      described<ht_trendmode>({.name = "ht_trendmode",
                               .text = "Whether the market trends (1) or cycles (0).",
                               .look_back_text = "63"}),
  };
}

}  // namespace tickcast::analytics::indicators
