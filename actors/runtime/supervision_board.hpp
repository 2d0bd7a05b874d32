#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/runtime/restart_budget.hpp"
#include "actors/runtime/supervision.hpp"

namespace tickcast::actors {

enum class child_status : std::uint8_t {
  running,
  ending,   ///< told to, and not gone yet
  waiting,  ///< for its restart
  stopped,  ///< ended and not to be restarted, or stopped by hand; can be started again
};
std::string_view to_string(child_status status) noexcept;

/// One child as the console sees it.
struct child_view {
  std::string id;
  std::uint64_t actor = 0;  ///< CAF's actor id; 0 while there is none
  child_status status = child_status::stopped;
  restart_type restart = restart_type::permanent;
  std::uint64_t restarts = 0;
  std::optional<std::chrono::steady_clock::time_point> due;  ///< of its next start, while it waits
  std::string last_reason;                                   ///< of its last end; empty when there was none
  std::vector<std::chrono::steady_clock::time_point> spent;  ///< its own budget, where each has one
};

/// One supervisor as the console sees it.
struct supervisor_view {
  std::string path;
  std::uint64_t actor = 0;
  restart_strategy strategy = restart_strategy::one_for_one;
  restart_limits limits;
  bool each_its_own = false;
  std::vector<std::chrono::steady_clock::time_point> spent;  ///< restarts entered; old ones may be among them
  std::vector<child_view> children;                          ///< in the order of their start
};

/// How many of these restarts count at `now`.
std::size_t spent_at(const std::vector<std::chrono::steady_clock::time_point>& times,
                     const restart_limits& limits, std::chrono::steady_clock::time_point now);

/// What all supervisors say of themselves, to be read without asking them. Thread-safe.
class supervision_board {
public:
  /// Enters the supervisor or replaces what it said before (by its actor id).
  void post(std::shared_ptr<const supervisor_view> what);
  void remove(std::uint64_t supervisor);
  std::vector<std::shared_ptr<const supervisor_view>> all() const;

private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const supervisor_view>> views_;
};

}  // namespace tickcast::actors
