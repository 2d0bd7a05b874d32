#pragma once
#include <atomic>

namespace tickcast::feeds {

/// Tells a blocking loop to end: a flag, and an eventfd that belongs into every poll set of the loop.
/// Thread: any. request() is also safe in a signal handler.
class stop_signal {
public:
  /// Throws std::system_error when the process has no file descriptor left.
  stop_signal();
  ~stop_signal();
  stop_signal(const stop_signal&) = delete;
  stop_signal& operator=(const stop_signal&) = delete;

  void request() noexcept;
  bool requested() const noexcept { return requested_.load(std::memory_order_acquire); }
  /// Readable from the first request() on; nobody reads it, so it stays readable.
  int fd() const noexcept { return fd_; }

private:
  std::atomic<bool> requested_{false};
  int fd_;
};

/// Waits until `fd` is readable. False when the stop came first.
bool wait_readable(int fd, const stop_signal& stop);

}  // namespace tickcast::feeds
