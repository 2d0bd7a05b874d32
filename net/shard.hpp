#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "net/asio_host.hpp"
#include "net/listener.hpp"
#include "net/shard_context.hpp"

namespace tickcast::net {

/// One I/O thread with its host, listener, sessions and sweep.
///
/// Thread: the server's, but for what runs inside. Its host is there from the beginning, its thread from
/// start().
class shard {
public:
  shard(caf::actor_system& system, client_port& port, const config::config& configuration, std::size_t index);
  shard(const shard&) = delete;
  shard& operator=(const shard&) = delete;
  /// Joins; without stop() before, the sessions that are left are cut.
  ~shard();

  asio_host& host() noexcept { return host_; }
  const shard_counters& counters() const noexcept { return context_.counters; }

  /// Before start(). Throws std::runtime_error.
  void listen(const tcp::endpoint& endpoint);
  void start(peer_source peers);
  /// Runs `what` on the shard's thread; any thread.
  void post(std::function<void(shard_context&)> what);
  void stop_accepting(std::function<void()> done);
  void configure(const config::config& next);
  /// Closes the clients, spread over `window`, until the port drains no more.
  void drain(std::chrono::milliseconds window);
  /// Ends the loop, waits for it, and cuts it off when it does not end by itself in `patience`.
  void stop(std::chrono::milliseconds patience);

private:
  using host_clock = actors::host::clock;
  void sweep();
  struct draining {
    std::uint64_t run;  ///< a later one takes the place of an earlier
    host_clock::time_point began;
    std::chrono::milliseconds window;
    std::size_t clients;   ///< at the beginning
    std::size_t told = 0;  ///< of those, to close
  };
  void drain_some(draining how);

  // In this order: what is still pending when the host's io_context goes owns queues, which need the context.
  shard_context context_;
  asio_host host_;
  std::optional<listener> listener_;
  std::uint64_t drain_run_ = 0;
  std::size_t slice_ = 0;  // of the sweep's current pass
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

/// In how many slices, one each sweep_interval, the sweep passes over all sessions: often enough for the
/// shortest of the time-outs to be kept within a quarter.
std::size_t sweep_slices(const config::config& configuration) noexcept;
inline constexpr std::chrono::milliseconds sweep_interval{100};

}  // namespace tickcast::net
