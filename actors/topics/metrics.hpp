#pragma once
#include "actors/runtime/metrics.hpp"
#include "actors/topics/directory.hpp"
#include "actors/topics/engine.hpp"

namespace tickcast::actors {

/// The readings of feeds and actors that belong to no shard. Any thread.
void read_feed_metrics(const engine& of, metric_writer& to);
void read_directory_metrics(const directory_counters& of, metric_writer& to);
/// Mailbox depth and busy time by kind of actor, summed over the living.
void read_actor_metrics(const engine& of, metric_writer& to);

}  // namespace tickcast::actors
