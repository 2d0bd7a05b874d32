#pragma once
#include <chrono>
#include <cstddef>
#include <vector>

#include "config/config.hpp"
#include "net/asio_host.hpp"
#include "net/counters.hpp"
#include "net/outbound_queue.hpp"

namespace tickcast::net {

/// How long a queue that was just flushed waits for more, given the shard's load (0 to 1): nothing below
/// 0.35, rising evenly to `longest` at 0.60. Fuller writes are what lowers the load, so it settles between
/// the two.
std::chrono::nanoseconds hold_back(double load, std::chrono::nanoseconds longest) noexcept;

/// Flushes a shard's touched queues when the turn ends, or, while the shard is loaded, a little later.
///
/// Thread: the shard's. Lifetime: outlives every queue of the shard.
class flusher final : public actors::turn_hook {
public:
  /// `configuration` is the shard's own copy and may change between turns.
  flusher(asio_host& host, const config::config& configuration, shard_counters& counters);

  /// The queue has something to send.
  void touch(outbound_queue& queue);
  void on_turn_end() override;
  /// Lets go of every queue, flushed or not; for the end of the shard, before its io_context goes.
  void forget() noexcept;

  const config::config& configuration() const noexcept { return configuration_; }
  shard_counters& counters() noexcept { return counters_; }
  actors::host::clock::time_point now() const { return host_.now(); }

private:
  using clock = actors::host::clock;
  struct held_queue {
    clock::time_point due;
    queue_ptr queue;
  };
  void flush_or_hold(queue_ptr&& queue, clock::time_point now, std::chrono::nanoseconds hold);
  void note_written(std::int64_t taken_ns);
  void set_timer();
  void release();

  asio_host& host_;
  const config::config& configuration_;
  shard_counters& counters_;
  std::vector<queue_ptr> touched_;
  std::vector<queue_ptr> flushing_;
  std::vector<held_queue> held_;
  std::vector<held_queue> releasing_;
  bool timer_set_ = false;
  std::int64_t held_since_ns_ = 0;  ///< the oldest update that is held back
};

}  // namespace tickcast::net
