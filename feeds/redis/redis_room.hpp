#pragma once
#include <deque>
#include <memory>

#include "actors/runtime/metrics.hpp"
#include "actors/runtime/supervisor.hpp"
#include "actors/topics/engine.hpp"
#include "actors/users/service_office.hpp"
#include "feeds/redis/redis_calls.hpp"
#include "feeds/redis/redis_queue.hpp"
#include "feeds/source.hpp"

namespace tickcast::feeds {

/// The bridge to Redis, and what outlives its actors: the calls that are open, the figures. The loop itself
/// is the source of the feed `redis`.
///
/// Lifetime: outlives its actors and the feeds; gone before the actor system.
class redis_room {
public:
  /// Throws feed_error with a sentence for people.
  redis_room(actors::engine& parts, caf::actor_system& system, actors::service_office& office);

  /// Of the feed whose entry it is. Throws feed_error with a sentence for people.
  std::unique_ptr<source> make_source(actors::feed_entry& entry);
  /// For the supervisor of services; who takes clients' messages.
  actors::child_spec child();
  /// Any thread.
  void read_metrics(actors::metric_writer& to) const;

private:
  actors::engine& engine_;
  caf::actor_system& system_;
  actors::service_office& office_;
  redis_calls calls_;
  std::deque<redis_queue_counters> queues_;
};

}  // namespace tickcast::feeds
