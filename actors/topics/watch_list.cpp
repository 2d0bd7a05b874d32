#include "actors/topics/watch_list.hpp"

#include <algorithm>
#include <memory>

namespace tickcast::actors {

void watch_list::enter(const watch_topics& wish) {
  if (has(wish)) return;
  const auto found = std::find_if(watchers_.begin(), watchers_.end(),
                                  [&](const watcher& each) { return each.post == wish.post; });
  if (found == watchers_.end())
    watchers_.push_back({wish.post, {wish.pattern}});
  else
    found->patterns.push_back(wish.pattern);
}

void watch_list::leave(const unwatch_topics& wish) {
  for (auto& each : watchers_)
    if (each.post == wish.post) std::erase(each.patterns, wish.pattern);
  std::erase_if(watchers_, [](const watcher& each) { return each.patterns.empty(); });
}

bool watch_list::has(const watch_topics& wish) const noexcept {
  return std::any_of(watchers_.begin(), watchers_.end(), [&](const watcher& each) {
    return each.post == wish.post &&
           std::find(each.patterns.begin(), each.patterns.end(), wish.pattern) != each.patterns.end();
  });
}

void watch_list::tell_known(const std::vector<std::string>& names, const switchboard::lines& lines) const {
  for (const auto& each : watchers_) {
    auto matching = std::make_shared<std::vector<std::string>>();
    for (const auto& name : names)
      if (std::any_of(each.patterns.begin(), each.patterns.end(),
                      [&](const protocol::topic_pattern& pattern) { return pattern.matches(name); }))
        matching->push_back(name);
    if (!matching->empty()) tell(lines.posts[each.post], topics_known{std::move(matching)});
  }
}

}  // namespace tickcast::actors
