#include "actors/runtime/restart_budget.hpp"

#include <algorithm>

namespace tickcast::actors {

bool restart_budget::spend(time_point now) {
  if (times_.empty() || now - times_.back() > limits_.period) run_ = 0;
  ++run_;
  while (!times_.empty() && now - times_.front() > limits_.period) times_.pop_front();
  times_.push_back(now);
  return times_.size() <= limits_.intensity;
}

std::chrono::milliseconds restart_budget::back_off() {
  if (limits_.shortest.count() == 0) return limits_.shortest;
  const auto doubled = limits_.shortest * (std::int64_t{1} << std::min<std::uint32_t>(run_ - 1, 20));
  const auto wait = std::min(limits_.longest, std::chrono::milliseconds(doubled));
  std::uniform_real_distribution<double> jitter(0.8, 1.2);
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(static_cast<double>(wait.count()) * jitter(random_)));
}

void restart_budget::reset() {
  times_.clear();
  run_ = 0;
}

}  // namespace tickcast::actors
