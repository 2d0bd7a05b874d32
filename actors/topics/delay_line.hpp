#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "actors/messages.hpp"
#include "actors/runtime/host.hpp"

namespace tickcast::actors {

/// What a topic that comes late has not told yet, in order. Bounded: beyond that the oldest update is
/// dropped, and its listeners get a gap when its time comes. On its shard's thread.
class delay_line {
public:
  /// Of one topic; a liquid symbol has so many trades in fifteen minutes.
  static constexpr std::size_t most = 200'000;

  struct item {
    host::clock::time_point due;
    std::shared_ptr<const update> what;        ///< without frames; null: a position
    std::shared_ptr<const attached> position;  ///< null: an update
  };

  bool empty() const noexcept { return items_.empty(); }
  /// Updates that wait.
  std::size_t updates() const noexcept { return updates_; }
  /// False: the oldest update had to go for it.
  bool put(item what);
  /// Drops the oldest update; false: there is none.
  bool drop_oldest();
  /// The next one whose time has come; null: none.
  const item* due(host::clock::time_point now) const noexcept {
    return items_.empty() || items_.front().due > now ? nullptr : &items_.front();
  }
  void pop() noexcept {
    if (items_.front().what) --updates_;
    items_.pop_front();
  }

private:
  std::deque<item> items_;
  std::size_t updates_ = 0;
};

}  // namespace tickcast::actors
