#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "actors/runtime/host.hpp"
#include "net/asio.hpp"
#include "net/load_meter.hpp"

namespace tickcast::net {

/// A host whose loop is an io_context's: sockets, timers, actors and posted tasks take turns on one thread.
///
/// A turn runs what is ready, at most a bounded number of handlers, and ends with the hooks. The loop sleeps
/// only when nothing is ready. Somebody must give an idle host a periodic timer (the shard's sweep), or a
/// watchdog that looks at turns() takes it for stuck.
class asio_host : public actors::host {
public:
  asio_host(caf::actor_system& system, std::string name);
  ~asio_host() override;

  clock::time_point now() const override { return clock::now(); }
  asio::io_context& context() noexcept { return context_; }
  executor get_executor() noexcept { return context_.get_executor(); }

  /// Share of a CPU that this thread uses. Any thread.
  virtual double load() const noexcept { return meter_.load(); }
  /// Exceptions that left a handler: bugs; the loop goes on without what threw. Any thread.
  std::uint64_t failures() const noexcept { return failures_.load(std::memory_order_relaxed); }

  /// Turns until stop() was called and nothing is pending. The calling thread takes the host's name.
  void run();
  /// Lets the loop end by itself: no more timers, no work guard. Any thread; end the host's actors before.
  void stop();
  /// Ends the loop although something is pending. Any thread.
  void stop_now() { context_.stop(); }
  /// Runs on the calling thread what is pending and ready; for the time after run().
  void finish();

protected:
  void wake() override;
  void arm(clock::time_point due) override;

private:
  bool turn();

  asio::io_context context_{1};
  std::optional<asio::executor_work_guard<executor>> guard_;
  asio::basic_waitable_timer<clock, asio::wait_traits<clock>, executor> timer_;
  load_meter meter_;
  std::atomic<std::uint64_t> failures_{0};
  bool stopping_ = false;
};

}  // namespace tickcast::net
