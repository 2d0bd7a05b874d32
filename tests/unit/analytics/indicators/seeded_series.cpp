#include "tests/unit/analytics/indicators/seeded_series.hpp"

#include <algorithm>
#include <stdexcept>

namespace tickcast::tests {
namespace {

/// Steele, Lea and Flood's SplitMix64: the standard's distributions differ from library to library.
class numbers {
public:
  explicit numbers(std::uint64_t seed) : state_(seed) {}
  /// From 0 to 1.
  double next() {
    state_ += 0x9e3779b97f4a7c15U;
    auto z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
  }
  double between(double least, double most) { return least + (most - least) * next(); }

private:
  std::uint64_t state_;
};

analytics::indicators::bar_input bar_from(double open, numbers& random) {
  analytics::indicators::bar_input bar;
  bar.open = open;
  bar.close = open * random.between(0.99, 1.01);
  bar.high = std::max(bar.open, bar.close) * random.between(1, 1.005);
  bar.low = std::min(bar.open, bar.close) * random.between(0.995, 1);
  bar.volume = random.between(1, 1000);
  return bar;
}

}  // namespace

std::vector<analytics::indicators::bar_input> seeded_series(std::string_view kind, std::size_t bars,
                                                            std::uint64_t seed) {
  numbers random{seed};
  std::vector<analytics::indicators::bar_input> series;
  double price = 100;
  for (std::size_t i = 0; i < bars; ++i) {
    auto bar = bar_from(price, random);
    if (kind == "gaps") {
      bar = bar_from(price * random.between(0.9, 1.1), random);
      if (random.next() < 0.1) bar.open = bar.high = bar.low = bar.close;
    } else if (kind == "flat") {
      bar = {0.1, 0.1, 0.1, 0.1, 7, false};
    } else if (kind == "still" && i / 50 % 2 == 1) {
      bar = {price, price, price, price, 0, false};
    } else if (kind == "trend") {
      const double at = 100 + static_cast<double>(i);
      bar = {at, at + 1, at - 0.5, at + 0.75, 10, false};
    } else if (kind == "cheap") {
      const double scale = 0x1p-33;
      series.push_back(
          {bar.open * scale, bar.high * scale, bar.low * scale, bar.close * scale, bar.volume, false});
      price = bar.close;
      continue;
    } else if (kind == "silent") {
      bar.volume = 0;
    } else if (kind != "walk" && kind != "still") {
      throw std::invalid_argument{"there is no such series"};
    }
    series.push_back(bar);
    price = bar.close;
  }
  return series;
}

}  // namespace tickcast::tests
