#pragma once
#include "actors/clients/client_room.hpp"
#include "actors/clients/connection.hpp"
#include "actors/runtime/host.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/topics/broadcaster.hpp"
#include "actors/topics/dispatcher.hpp"
#include "actors/topics/engine.hpp"
#include "actors/topics/quote_desk.hpp"
#include "actors/topics/quote_table.hpp"

namespace tickcast::actors {

/// One shard's actors and what outlives them: the quote table and the counters. Made before the shard's
/// thread runs, destroyed after it has ended.
class shard_room final : public client_room {
public:
  shard_room(host& where, engine& parts, std::uint32_t index);

  /// Starts a dispatcher (broadcaster, quote desk) and enters it on the switchboard; for its supervisor, any
  /// thread.
  caf::actor start_dispatcher();
  caf::actor start_broadcaster();
  caf::actor start_quote_desk();

  /// Shard's thread.
  connection_hold open(client_link& link, client_info&& info) override;

  /// Gives a symbol of this shard the state it had; nullptr when the checkpoint does not read, and it begins
  /// anew. Before the shard's thread runs.
  quote_state* restore(const symbol& of, std::string_view checkpoint);
  /// Leaves a checkpoint of every symbol in the shard's lane, waiting for room until `deadline`; false: not
  /// all of them. After the shard's actors have ended.
  bool keep_all(std::chrono::steady_clock::time_point deadline);

  /// Any thread.
  void read_metrics(metric_writer& to) const;
  /// Commands of this shard's clients that failed, for tests and the console.
  const connection_counters& connections() const noexcept { return connection_counters_; }
  const broadcaster_counters& broadcasts() const noexcept { return broadcaster_counters_; }
  const dispatcher_counters& dispatches() const noexcept { return dispatcher_counters_; }
  /// Shard's thread.
  const quote_table& quotes() const noexcept { return table_; }
  /// Shard's thread.
  quote_window& window() noexcept { return window_; }

private:
  host& host_;
  engine& engine_;
  std::uint32_t index_;
  quote_table table_;
  dispatcher_counters dispatcher_counters_;
  broadcaster_counters broadcaster_counters_;
  connection_counters connection_counters_;
  shard_clients clients_;
  quote_window window_;
  std::atomic<std::uint64_t> quoted_{0};
};

/// All shards', by index.
using shard_rooms = std::vector<std::unique_ptr<shard_room>>;

}  // namespace tickcast::actors
