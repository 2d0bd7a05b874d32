#include "actors/topics/feed_voice.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace tickcast::actors {

void feed_voice::say(protocol::feed_state state, std::string reason, std::int64_t steady_ns,
                     std::int64_t wall_ns) {
  engine_.feeds.set_state(entry_, state, steady_ns);
  engine_.routes.refresh(lines_);
  // A directory that was started anew knows nothing of this feed.
  const std::uint64_t directory = lines_.directory ? lines_.directory.id() : 0;
  const bool changed = state != entry_.told.load(std::memory_order_relaxed) ||
                       entry_.since_ns.load(std::memory_order_relaxed) == 0;
  if (!changed && reason == entry_.reason.get() &&
      directory == entry_.told_to.load(std::memory_order_relaxed))
    return;
  if (changed) {
    const auto ago = steady_ns - entry_.changed_ns.load(std::memory_order_relaxed);
    entry_.since_ns.store(wall_ns - std::max<std::int64_t>(state == protocol::feed_state::none ? 0 : ago, 0),
                          std::memory_order_relaxed);
  }
  entry_.told.store(state, std::memory_order_relaxed);
  entry_.reason.set(std::move(reason));
  entry_.told_to.store(directory, std::memory_order_relaxed);
  tell_topic();
}

void feed_voice::tell_topic() {
  nlohmann::json data{
      {"name", entry_.name},
      {"state", protocol::to_string(entry_.told.load(std::memory_order_relaxed))},
      {"since", entry_.since_ns.load(std::memory_order_relaxed) / 1000},
      {"reason", entry_.reason.get()},
      {"simulated", entry_.simulated},
      {"ticks", entry_.ticks.load(std::memory_order_relaxed)},
      {"gaps", entry_.gaps.load(std::memory_order_relaxed)},
      {"restarts", entry_.restarts.load(std::memory_order_relaxed)},
  };
  if (entry_.peers.watched) data["peers"] = entry_.peers.now.load(std::memory_order_relaxed);
  tell(lines_.directory, engine_event{"feed." + entry_.name, data.dump()});
}

}  // namespace tickcast::actors
