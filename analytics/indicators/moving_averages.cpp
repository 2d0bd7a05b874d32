#include "analytics/indicators/averages.hpp"
#include "analytics/indicators/engine.hpp"
#include "analytics/indicators/families.hpp"

namespace tickcast::analytics::indicators {
namespace {

class sma_of_close {
public:
  sma_of_close(const arguments& with, arena& memory) : average_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return sma::look_back(with.whole(0)); }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    out[0] = average_.step(bar.close, memory);
  }

private:
  sma average_;
};

class ema_of_close {
public:
  ema_of_close(const arguments& with, arena&) : average_(with.whole(0)) {}
  static int look_back(const arguments& with) { return ema::look_back(with.whole(0)); }
  void step(const bar_input& bar, double*, double* out) noexcept { out[0] = average_.step(bar.close); }

private:
  ema average_;
};

}  // namespace

std::vector<description> moving_averages() {
  return {
      described<sma_of_close>({.name = "sma",
                               .text = "Simple moving average: the mean of the last closes.",
                               .parameters = {{.name = "period", .standard = 30}},
                               .drawn_in = pane::price,
                               .look_back_text = "period - 1"}),
      described<ema_of_close>({.name = "ema",
                               .text = "Exponential moving average, begun at the mean of the first closes.",
                               .parameters = {{.name = "period", .standard = 30}},
                               .drawn_in = pane::price,
                               .look_back_text = "period - 1"}),
  };
}

}  // namespace tickcast::analytics::indicators
