#include "actors/topics/writers.hpp"

#include <utility>

#include "protocol/topic.hpp"

namespace tickcast::actors {

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
