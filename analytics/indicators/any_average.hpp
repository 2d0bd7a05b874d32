#pragma once
#include <variant>

#include "analytics/indicators/compound_averages.hpp"
#include "analytics/indicators/hilbert.hpp"

namespace tickcast::analytics::indicators {

/// The places of `average_names`.
enum class average_kind { sma, ema, wma, dema, tema, trima, kama, mama, t3, hma, rma };

/// The moving average that a call names. Of period 1 it is the series itself.
class any_average {
public:
  /// The first `skipped` values are left out: where two averages are compared, both begin so that their first
  /// values come together.
  any_average(average_kind kind, int period, arena& memory, int skipped = 0);
  static int look_back(average_kind kind, int period) noexcept;
  double step(double x, double* memory) noexcept {
    if (to_skip_ == 0) [[likely]]
      return std::visit([x, memory](auto& average) { return average.step(x, memory); }, average_);
    --to_skip_;
    return none;
  }

private:
  struct unchanged {
    double step(double x, double*) noexcept { return x; }
  };

  /// MAMA with TA-Lib's limits. Its state is big, so it lies beside the windows, where copying a kernel does
  /// not copy it: in two places, a step reads one and writes the other.
  class boxed_mama {
  public:
    explicit boxed_mama(arena& memory) : places_{memory.take(size), memory.take(size)} {}
    double step(double x, double* memory) noexcept;

  private:
    static constexpr std::size_t size = sizeof(mama) / sizeof(double);
    std::array<std::size_t, 2> places_;
    std::uint32_t now_ = 0;
    bool begun_ = false;
  };

  using kinds = std::variant<unchanged, sma, ema, wma, dema, tema, trima, kama, boxed_mama, t3, hma, rma>;
  static kinds made(average_kind kind, int period, arena& memory);

  kinds average_;
  std::int32_t to_skip_;
};

}  // namespace tickcast::analytics::indicators
