#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "actors/actors.hpp"

namespace tickcast::actors {

/// The present handles of the actors that everybody must find, also after they were restarted: dispatchers
/// and broadcasters by shard, and the directory. Users keep a copy and take a new one when `version` has
/// moved. Thread-safe; a lock only when something changed.
class switchboard {
public:
  struct lines {
    std::uint64_t version = 0;
    std::vector<dispatcher_actor> dispatchers;
    std::vector<broadcaster_actor> broadcasters;
    directory_actor directory;
  };

  explicit switchboard(std::size_t shards);

  void set_dispatcher(std::uint32_t shard, dispatcher_actor who);
  void set_broadcaster(std::uint32_t shard, broadcaster_actor who);
  void set_directory(directory_actor who);
  /// Drops all handles; part of stopping (a handle kept is an actor kept).
  void clear();

  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
  lines copy() const;
  broadcaster_actor broadcaster(std::uint32_t shard) const;
  /// Brings `mine` up to date; true when it changed.
  bool refresh(lines& mine) const;

private:
  mutable std::mutex mutex_;
  lines lines_;
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace tickcast::actors
