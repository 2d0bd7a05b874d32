#include "actors/topics/live_indicators.hpp"

#include <algorithm>
#include <utility>

namespace tickcast::actors {

live_indicator* live_indicators::find(std::string_view call) noexcept {
  for (auto& each : all_)
    if (each->what().canonical == call) return each.get();
  return nullptr;
}

live_indicator& live_indicators::add(const analytics::indicators::call& what) {
  all_.push_back(std::make_unique<live_indicator>(what));
  return *all_.back();
}

void live_indicators::drop_unused() {
  std::erase_if(all_, [](const auto& each) { return each->topics().empty(); });
}

bool live_indicators::has_listeners() const noexcept {
  return std::any_of(all_.begin(), all_.end(), [](const auto& each) { return each->has_listeners(); });
}

void live_indicators::follow(const bar_view& closed, const std::optional<protocol::bar>& forming,
                             std::uint16_t feed, const turn& now) noexcept {
  const auto changed_ns = std::exchange(changed_ns_, nothing);
  for (auto& each : all_) {
    try {
      each->follow(changed_ns, closed, forming, anchored_, feed, now);
    } catch (...) {
      each->drop_state();
    }
  }
}

bool live_indicators::adopt(live_indicator& which, std::uint64_t number, indicator_seed&& seed,
                            const bar_view& closed, const std::optional<protocol::bar>& forming) {
  return which.adopt(number, std::move(seed), closed, forming, anchored_);
}

}  // namespace tickcast::actors
