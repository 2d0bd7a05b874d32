#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "plugins/runner/message.hpp"
#include "plugins/runner/vitals.hpp"

namespace tickcast::plugins {

/// What waits for one plugin. Bounded: above the bound the oldest update is dropped and counted, so that
/// whoever puts something in never waits. Outlives the plugin's runs: what waits is there for the next one.
///
/// Thread-safe: many put, one takes.
class inbox {
public:
  /// Questions and answers beyond this many are turned away.
  static constexpr std::size_t most_others = 1000;

  inbox(std::size_t bound, std::shared_ptr<vitals> counters) : bound_(bound), vitals_(std::move(counters)) {}
  /// What still waits is counted as dropped.
  ~inbox();
  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;

  /// False: turned away. Does not wake; call wake() after the last of several.
  bool put(message&& what);
  /// Lets whoever waits know.
  void wake();
  /// At most `most` messages, in order, appended to `to`. Tells how many updates were dropped since the last
  /// call.
  std::uint64_t take(std::vector<message>& to, std::size_t most);
  /// The topics that have lost updates since they were last asked for, once nothing waits any more; else
  /// empty.
  std::vector<std::string> lossy_topics();
  bool empty() const;
  /// Updates were dropped before they came here: the next take() tells.
  void tell_lost(std::uint64_t updates);
  std::size_t bound() const noexcept { return bound_; }
  /// Of the messages that were taken so many have been handled, or will never be (`lost`).
  void handled(std::size_t count) noexcept;
  void lost(std::size_t updates) noexcept;

  /// Called by wake(), on the thread that wakes; replaces the one before.
  void on_wake(std::function<void()> call);

private:
  void drop_oldest();

  const std::size_t bound_;
  const std::shared_ptr<vitals> vitals_;
  mutable std::mutex mutex_;
  std::deque<message> waiting_;
  std::size_t updates_ = 0;
  std::uint64_t dropped_untold_ = 0;
  std::unordered_set<std::string> lossy_;
  std::mutex wake_mutex_;
  std::function<void()> wake_;
};

}  // namespace tickcast::plugins
