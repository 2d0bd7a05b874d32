#include "actors/topics/writers.hpp"

#include <atomic>
#include <utility>

#include "protocol/topic.hpp"

namespace tickcast::actors {

std::uint32_t writers::new_generation() noexcept {
  static std::atomic<std::uint32_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

bool writers::send(listen wish) const {
  const auto name = protocol::parse_topic(wish.topic);
  if (!name) return false;
  if (name->has_symbol())
    tell(lines_.dispatchers[engine_.symbols.shard_of(name->name)], std::move(wish));
  else
    tell(lines_.directory, std::move(wish));
  return true;
}

void writers::send(const watch_topics& wish) const {
  for (const auto& each : lines_.dispatchers) tell(each, watch_topics(wish));
  tell(lines_.directory, watch_topics(wish));
}

void writers::send(const unwatch_topics& wish) const {
  for (const auto& each : lines_.dispatchers) tell(each, unwatch_topics(wish));
  tell(lines_.directory, unwatch_topics(wish));
}

}  // namespace tickcast::actors
