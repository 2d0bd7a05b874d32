#pragma once
#include <algorithm>
#include <chrono>
#include <vector>

#include "actors/actors.hpp"
#include "actors/topics/engine.hpp"
#include "actors/topics/switchboard.hpp"

namespace tickcast::actors {

/// The writers of topics (dispatchers and directory) as a listening post knows them: where to send a wish,
/// and whose end it is told of, so that it can ask again. One post's, on its thread.
class writers {
public:
  /// How often a post looks for the successor of a writer that has ended.
  static constexpr std::chrono::milliseconds look_again_after{50};

  explicit writers(const engine& parts) : engine_(parts) {}

  /// The upper half of a new ticket: a number that no other ticket of this process has, also not of another
  /// actor that had the post before, whose updates may still come.
  static std::uint32_t new_generation() noexcept;

  /// Takes the present handles; has `self` monitor each writer that is new.
  template <class Actor>
  void refresh(Actor& self) {
    if (!engine_.routes.refresh(lines_)) return;
    for (const auto& each : lines_.dispatchers) watch_end(self, each);
    watch_end(self, lines_.directory);
  }
  /// A monitored actor has ended.
  void ended(caf::actor_id who) { std::erase(ends_watched_, who); }
  /// How many ends are waited for.
  std::size_t watched() const noexcept { return ends_watched_.size(); }
  /// Rises whenever a handle was replaced.
  std::uint64_t version() const noexcept { return lines_.version; }

  /// To the writer of the topic. False when the name is no topic's.
  bool send(listen wish) const;
  /// To all of them.
  void send(const watch_topics& wish) const;
  void send(const unwatch_topics& wish) const;
  /// Drops all handles.
  void clear() { lines_ = {}; }

private:
  template <class Actor, class Handle>
  void watch_end(Actor& self, const Handle& who) {
    if (!who || std::find(ends_watched_.begin(), ends_watched_.end(), who.id()) != ends_watched_.end())
      return;
    ends_watched_.push_back(who.id());
    self.monitor(who);
  }

  const engine& engine_;
  switchboard::lines lines_;
  std::vector<caf::actor_id> ends_watched_;
};

}  // namespace tickcast::actors
