#include <utility>

#include "analytics/indicators/bar_prices.hpp"
#include "analytics/indicators/described.hpp"
#include "analytics/indicators/families.hpp"

namespace tickcast::analytics::indicators {
namespace {

/// A sum without end that keeps what rounding took away (Neumaier 1974), so that years of ticks do not add up
/// to a drift.
class running_sum {
public:
  double add(double x) noexcept {
    const double sum = sum_ + x;
    lost_ += std::abs(sum_) >= std::abs(x) ? (sum_ - sum) + x : (x - sum) + sum_;
    sum_ = sum;
    return sum_ + lost_;
  }

private:
  double sum_ = 0;
  double lost_ = 0;
};

/// Begun at the first bar's volume.
class obv {
public:
  obv(const arguments&, arena&) noexcept {}
  static int look_back(const arguments&) { return 0; }
  void step(const bar_input& bar, double*, double* out) noexcept {
    const double before = begun_ ? close_ : -std::numeric_limits<double>::infinity();
    out[0] = sum_.add(bar.close > before ? bar.volume : bar.close < before ? -bar.volume : 0.0);
    close_ = bar.close;
    begun_ = true;
  }

private:
  running_sum sum_;
  double close_ = 0;
  bool begun_ = false;
};

class ad {
public:
  ad(const arguments&, arena&) noexcept {}
  static int look_back(const arguments&) { return 0; }
  void step(const bar_input& bar, double*, double* out) noexcept { out[0] = line_.add(money_flow(bar)); }

private:
  running_sum line_;
};

/// Both averages begin at the first value of the line, not at a mean.
class adosc {
public:
  adosc(const arguments& with, arena&)
      : fast_share_(2.0 / (with.whole(0) + 1)),
        slow_share_(2.0 / (with.whole(1) + 1)),
        to_come_(look_back(with)) {}
  static int look_back(const arguments& with) { return std::max(with.whole(0), with.whole(1)) - 1; }
  void step(const bar_input& bar, double*, double* out) noexcept {
    const double line = line_.add(money_flow(bar));
    if (!begun_) fast_ = slow_ = line;
    begun_ = true;
    fast_ += (line - fast_) * fast_share_;
    slow_ += (line - slow_) * slow_share_;
    out[0] = to_come_ == 0 ? fast_ - slow_ : none;
    if (to_come_ > 0) --to_come_;
  }

private:
  running_sum line_;
  double fast_share_;
  double slow_share_;
  double fast_ = 0;
  double slow_ = 0;
  std::int32_t to_come_;
  bool begun_ = false;
};

class mfi {
public:
  mfi(const arguments& with, arena& memory) : window_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0); }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const double price = typical_price(bar);
    const double before = std::exchange(price_, price);
    out[0] = none;
    if (!std::exchange(begun_, true)) return;
    const double flow = price * bar.volume;
    if (!window_.step({price > before ? flow : 0.0, price < before ? flow : 0.0}, memory)) return;
    const auto& flows = window_.total();
    out[0] = 100 * ratio(flows.x, flows.x + flows.y);
  }

private:
  block_window<two_sums_fold> window_;
  double price_ = 0;
  bool begun_ = false;
};

class cmf {
public:
  cmf(const arguments& with, arena& memory) : window_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return with.whole(0) - 1; }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    const bool ready = window_.step({money_flow(bar), bar.volume}, memory);
    out[0] = ready ? ratio(window_.total().x, window_.total().y) : none;
  }

private:
  block_window<two_sums_fold> window_;
};

}  // namespace

std::vector<description> volume_flow() {
  const unsigned all = high_low_close | volume;
  return {
      described<obv>(
          {.name = "obv",
           .text = "On-balance volume: volume counted up when the close rises, down when it falls.",
           .reads = close | volume}),
      described<ad>(
          {.name = "ad",
           .text = "Chaikin's accumulation/distribution line: volume counted by where in the range the bar "
                   "closes.",
           .reads = all}),
      described<adosc>({.name = "adosc",
                        .text = "Chaikin's oscillator: a fast less a slow exponential average of that line.",
                        .parameters = {whole("fast", "bars of the fast average", 3, 2),
                                       whole("slow", "bars of the slow average", 10, 2)},
                        .reads = all,
                        .look_back_text = "max(fast, slow) - 1"}),
      described<mfi>(
          {.name = "mfi",
           .text = "Money flow index: turnover of bars that rose in percent of those that rose or fell.",
           .parameters = {period(14, 2)},
           .reads = all,
           .look_back_text = "period"}),
      described<cmf>(
          {.name = "cmf",
           .text = "Chaikin's money flow: volume counted by where in the range the bars close, as a part "
                   "of all volume.",
           .parameters = {period(20, 2)},
           .reads = all,
           .look_back_text = "period - 1"}),
  };
}

}  // namespace tickcast::analytics::indicators
