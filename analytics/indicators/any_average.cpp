#include "analytics/indicators/any_average.hpp"

namespace tickcast::analytics::indicators {

any_average::any_average(average_kind kind, int period, arena& memory, int skipped)
    : average_(made(kind, period, memory)), to_skip_(skipped) {}

int any_average::look_back(average_kind kind, int period) noexcept {
  if (period == 1) return 0;
  switch (kind) {
    case average_kind::dema:
      return dema::look_back(period);
    case average_kind::tema:
      return tema::look_back(period);
    case average_kind::kama:
      return kama::look_back(period);
    case average_kind::mama:
      return mama::look_back;
    case average_kind::t3:
      return t3::look_back(period);
    case average_kind::hma:
      return hma::look_back(period);
    default:
      return period - 1;
  }
}

any_average::kinds any_average::made(average_kind kind, int period, arena& memory) {
  if (period == 1) return unchanged{};
  switch (kind) {
    case average_kind::sma:
      return sma{period, memory};
    case average_kind::ema:
      return ema{period, memory};
    case average_kind::wma:
      return wma{period, memory};
    case average_kind::dema:
      return dema{period, memory};
    case average_kind::tema:
      return tema{period, memory};
    case average_kind::trima:
      return trima{period, memory};
    case average_kind::kama:
      return kama{period, memory};
    case average_kind::mama:
      return boxed_mama{memory};
    case average_kind::t3:
      return t3{period, memory};
    case average_kind::hma:
      return hma{period, memory};
    case average_kind::rma:
      return rma{period, memory};
  }
  return unchanged{};
}

double any_average::boxed_mama::step(double x, double* memory) noexcept {
  mama state{0.5, 0.05};
  if (begun_) std::memcpy(static_cast<void*>(&state), memory + places_[now_], sizeof state);
  begun_ = true;
  const bool ready = state.step(x);
  now_ = 1 - now_;
  std::memcpy(memory + places_[now_], &state, sizeof state);
  return ready ? state.value() : none;
}

}  // namespace tickcast::analytics::indicators
