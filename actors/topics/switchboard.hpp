#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "actors/actors.hpp"

namespace tickcast::actors {

/// The present handles of the actors that everybody must find, also after they were restarted: dispatchers
/// and broadcasters by shard, the directory, the storage, the gatekeeper, the user manager, the presence
/// desk, and the listening posts: first the broadcasters, then the egress, then the plugins' hub, then the
/// shards' quote desks; a post that nobody has is null. Users keep a copy and take a new one when `version`
/// has moved. Thread-safe; a lock only when something changed.
class switchboard {
public:
  struct lines {
    std::uint64_t version = 0;
    std::vector<dispatcher_actor> dispatchers;
    std::vector<broadcaster_actor> broadcasters;
    directory_actor directory;
    storage_actor storage;
    gatekeeper_actor gatekeeper;
    user_manager_actor users;
    presence_actor presence;
    std::vector<listener_actor> posts;
  };

  explicit switchboard(std::uint32_t shards);

  void set_dispatcher(std::uint32_t shard, dispatcher_actor who);
  void set_broadcaster(std::uint32_t shard, broadcaster_actor who);
  void set_directory(directory_actor who);
  void set_storage(storage_actor who);
  void set_gatekeeper(gatekeeper_actor who);
  void set_users(user_manager_actor who);
  void set_presence(presence_actor who);
  /// For the posts behind the broadcasters'.
  void set_post(post_index post, listener_actor who);
  /// Drops all handles; part of stopping (a handle kept is an actor kept).
  void clear();

  post_index egress_post() const noexcept { return shards_; }
  post_index plugin_post() const noexcept { return shards_ + 1; }
  post_index quote_desk_post(std::uint32_t shard) const noexcept { return shards_ + 2 + shard; }
  std::size_t posts() const noexcept { return 2U * shards_ + 2U; }

  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
  lines copy() const;
  broadcaster_actor broadcaster(std::uint32_t shard) const;
  dispatcher_actor dispatcher(std::uint32_t shard) const;
  directory_actor directory() const;
  gatekeeper_actor gatekeeper() const;
  user_manager_actor users() const;
  presence_actor presence() const;
  /// Brings `mine` up to date; true when it changed.
  bool refresh(lines& mine) const;

private:
  const std::uint32_t shards_;
  mutable std::mutex mutex_;
  lines lines_;
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace tickcast::actors
