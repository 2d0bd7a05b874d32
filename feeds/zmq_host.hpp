#pragma once
#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "actors/runtime/host.hpp"
#include "feeds/stop_signal.hpp"

namespace tickcast::feeds {

/// A ZeroMQ socket that a zmq_host looks at. On the host's thread.
class pollable {
public:
  virtual void* socket() noexcept = 0;
  /// Whether on_readable() would take what waits; while not, the socket is left alone.
  virtual bool wants_reading() const noexcept = 0;
  virtual void on_readable() = 0;

protected:
  ~pollable() = default;
};

/// A host whose loop is zmq_poll over one socket and an eventfd: its actors use the socket directly. Turns at
/// least once a second, so that a watchdog sees it alive.
class zmq_host final : public actors::host {
public:
  /// `what` outlives the thread.
  zmq_host(caf::actor_system& system, std::string name, pollable& what);
  /// Stops the thread; the host's actors have ended before.
  ~zmq_host() override;

  clock::time_point now() const override { return clock::now(); }
  /// Begins to turn, on a thread of its own that bears the host's name.
  void start();
  /// Ends the thread and waits for it; end the host's actors before.
  void stop();
  /// Exceptions that left a task: bugs; the loop goes on without what threw. Any thread.
  std::uint64_t failures() const noexcept { return failures_.load(std::memory_order_relaxed); }

protected:
  void wake() override;
  void arm(clock::time_point due) override { due_ = due; }

private:
  void run();
  void turn();
  void wait();

  pollable& what_;
  stop_signal stop_;
  int wake_fd_;
  std::optional<clock::time_point> due_;
  bool readable_ = false;
  std::atomic<std::uint64_t> failures_{0};
  std::jthread thread_;
};

}  // namespace tickcast::feeds
