#pragma once
#include <chrono>

#include "actors/runtime/metrics.hpp"
#include "actors/runtime/supervisor.hpp"
#include "actors/topics/engine.hpp"
#include "actors/users/user_table.hpp"

namespace tickcast::actors {

/// The user manager and what outlives it: the users, their messages, the figures.
///
/// Lifetime: longer than its actors; gone before the actor system.
class users_room {
public:
  /// Takes the messages that an earlier run has kept; after the store was restored.
  explicit users_room(engine& parts);

  /// The manager, for its supervisor.
  caf::actor start(caf::actor_system& system);
  /// The presence desk, likewise.
  caf::actor start_presence(caf::actor_system& system);
  /// Ends the agents, and waits for them until `deadline`; after the manager has ended. False: some live on.
  bool stop(std::chrono::steady_clock::time_point deadline);
  /// Any thread.
  const user_counters& counters() const noexcept { return counters_; }
  void read_metrics(metric_writer& to) const;

private:
  engine& engine_;
  user_table table_;
  user_counters counters_;
};

}  // namespace tickcast::actors
