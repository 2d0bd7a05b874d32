#include "actors/runtime/supervision_board.hpp"

#include <algorithm>
#include <utility>

namespace tickcast::actors {

std::string_view to_string(child_status status) noexcept {
  switch (status) {
    case child_status::running:
      return "running";
    case child_status::ending:
      return "ending";
    case child_status::waiting:
      return "waiting for restart";
    case child_status::stopped:
      return "stopped";
  }
  return "stopped";
}

std::size_t spent_at(const std::vector<std::chrono::steady_clock::time_point>& times,
                     const restart_limits& limits, std::chrono::steady_clock::time_point now) {
  return static_cast<std::size_t>(
      std::count_if(times.begin(), times.end(), [&](auto each) { return now - each <= limits.period; }));
}

void supervision_board::post(std::shared_ptr<const supervisor_view> what) {
  std::lock_guard guard{mutex_};
  const auto found =
      std::find_if(views_.begin(), views_.end(), [&](auto& each) { return each->actor == what->actor; });
  if (found == views_.end())
    views_.push_back(std::move(what));
  else
    *found = std::move(what);
}

void supervision_board::remove(std::uint64_t supervisor) {
  std::lock_guard guard{mutex_};
  std::erase_if(views_, [&](auto& each) { return each->actor == supervisor; });
}

std::vector<std::shared_ptr<const supervisor_view>> supervision_board::all() const {
  std::lock_guard guard{mutex_};
  return views_;
}

}  // namespace tickcast::actors
