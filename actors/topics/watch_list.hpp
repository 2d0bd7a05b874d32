#pragma once
#include <string>
#include <vector>

#include "actors/actors.hpp"
#include "actors/topics/switchboard.hpp"

namespace tickcast::actors {

/// Which posts are to be told of which topics when they come to be. Kept by those who own topics; a post
/// watches again by itself when one of them was restarted.
class watch_list {
public:
  /// Entering twice is entering once.
  void enter(const watch_topics& wish);
  void leave(const unwatch_topics& wish);
  bool has(const watch_topics& wish) const noexcept;
  bool empty() const noexcept { return watchers_.empty(); }
  /// Tells each post which of the new topics match one of its patterns.
  void tell_known(const std::vector<std::string>& names, const switchboard::lines& lines) const;

private:
  struct watcher {
    post_index post;
    std::vector<protocol::topic_pattern> patterns;
  };
  std::vector<watcher> watchers_;
};

}  // namespace tickcast::actors
