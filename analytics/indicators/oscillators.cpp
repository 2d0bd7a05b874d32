#include <algorithm>

#include "analytics/indicators/averages.hpp"
#include "analytics/indicators/engine.hpp"
#include "analytics/indicators/families.hpp"

namespace tickcast::analytics::indicators {
namespace {

/// Both averages begin with means that end on the same bar.
class macd {
public:
  macd(const arguments& with, arena&)
      : macd(std::min(with.whole(0), with.whole(1)), std::max(with.whole(0), with.whole(1)), with.whole(2)) {}
  static int look_back(const arguments& with) {
    return std::max(with.whole(0), with.whole(1)) + with.whole(2) - 2;
  }
  void step(const bar_input& bar, double*, double* out) noexcept {
    const double difference = fast_.step(bar.close) - slow_.step(bar.close);
    const double signal = std::isnan(difference) ? none : signal_.step(difference);
    out[0] = std::isnan(signal) ? none : difference;
    out[1] = signal;
    out[2] = out[0] - signal;
  }

private:
  macd(int fast, int slow, int signal) : fast_(fast, slow - fast), slow_(slow), signal_(signal) {}

  ema fast_;
  ema slow_;
  ema signal_;
};

}  // namespace

std::vector<description> oscillators() {
  return {described<macd>(
      {.name = "macd",
       .text =
           "Moving average convergence/divergence: a fast less a slow exponential average, the average of "
           "that, and the difference of the two.",
       .parameters = {{.name = "fast", .least = 2, .standard = 12},
                      {.name = "slow", .least = 2, .standard = 26},
                      {.name = "signal", .standard = 9}},
       .outputs = {{"macd"}, {"signal"}, {"hist"}},
       .look_back_text = "max(fast, slow) + signal - 2"})};
}

}  // namespace tickcast::analytics::indicators
