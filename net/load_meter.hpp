#pragma once
#include <atomic>
#include <chrono>

namespace tickcast::net {

/// Share of one CPU that a thread uses, smoothed over the last few windows of about 15 ms.
///
/// Thread: `sample` on the measured thread, `load` from anywhere.
class load_meter {
public:
  using clock = std::chrono::steady_clock;

  /// Call once a turn; reads the thread's CPU clock only when a window is over.
  void sample(clock::time_point now);
  /// 0 (idle) to 1 (always running).
  double load() const noexcept { return load_.load(std::memory_order_relaxed); }

private:
  clock::time_point window_began_{};
  std::chrono::nanoseconds cpu_then_{};
  std::atomic<double> load_{0};
};

}  // namespace tickcast::net
