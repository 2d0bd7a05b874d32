#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "actors/runtime/metrics.hpp"

namespace tickcast::net {

/// Threads for what would block a shard: reading history, computing over it, encoding and compressing much.
/// They give way to the shards where CPUs are few.
///
/// Thread: hand() from any; construct and stop() on the program's.
class readers {
public:
  using job = std::function<void()>;

  /// `waiting`: jobs that may wait for a thread.
  readers(std::size_t threads, std::size_t waiting);
  readers(const readers&) = delete;
  readers& operator=(const readers&) = delete;
  /// stop() with a second of patience.
  ~readers();

  /// Runs `what` on a thread of ours, in order of arrival. False, and nothing happens: too many wait, or it
  /// has been stopped. What a job throws is logged and counted.
  bool hand(job what);
  /// Drops what waits, lets what runs end, and joins. Returns how many threads had not come back in time:
  /// they are left to themselves, and nothing that their jobs use may be torn down.
  std::size_t stop(std::chrono::milliseconds patience);

  /// Any thread.
  void read_metrics(actors::metric_writer& to) const;

private:
  struct state;
  std::shared_ptr<state> state_;
  std::size_t lingering_ = 0;
};

}  // namespace tickcast::net
