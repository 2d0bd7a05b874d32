#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "actors/clients/shard_room.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/topics/engine.hpp"
#include "store/store.hpp"

namespace tickcast::actors {

/// The store with its actor and its lanes, from before the shards start until after they have ended.
///
/// What it finds when it opens, the shards go on from: each symbol's last checkpoint and the rows behind it,
/// event topics' last messages, how far feeds were. After an orderly end topics keep their epoch and count
/// on; after any other their values are as of the last flush, under a new epoch.
class storage_room {
public:
  /// Opens the store of `parts.settings`. Throws std::invalid_argument for settings that make no sense.
  explicit storage_room(engine& parts);
  ~storage_room();

  /// Fills the tables of the shards. Before their threads run; the program's main thread.
  void restore(const shard_rooms& shards);
  /// The actor, for the root.
  caf::actor start(caf::actor_system& system);
  /// Writes what the shards hold and closes the store: the next start is one after an orderly end. After the
  /// shards' actors and the storage actor have ended; waits for the disk.
  void close(const shard_rooms& shards);

  store::tick_store& history() noexcept { return store_; }
  /// Any thread.
  void read_metrics(metric_writer& to) const;

private:
  void restore_symbols(store::recovery& found, const shard_rooms& shards, bool orderly);
  void forget_the_end();

  engine& engine_;
  store::tick_store store_;
  std::shared_ptr<store::lane> lane_;  ///< the actor's; before it starts and after it has ended, ours
  bool started_ = false;
  bool closed_ = false;
};

}  // namespace tickcast::actors
