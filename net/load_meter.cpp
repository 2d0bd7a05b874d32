#include "net/load_meter.hpp"

#include <algorithm>
#include <ctime>

namespace tickcast::net {
namespace {

constexpr std::chrono::milliseconds window{15};
/// What a new window counts against those before it.
constexpr double newest_weight = 0.5;

std::chrono::nanoseconds thread_cpu_time() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

}  // namespace

void load_meter::sample(clock::time_point now) {
  if (window_began_ == clock::time_point{}) {
    window_began_ = now;
    cpu_then_ = thread_cpu_time();
    return;
  }
  const auto wall = now - window_began_;
  if (wall < window) return;
  const auto cpu = thread_cpu_time();
  const double share = std::clamp(
      static_cast<double>((cpu - cpu_then_).count()) / static_cast<double>(wall.count()), 0.0, 1.0);
  const double before = load_.load(std::memory_order_relaxed);
  load_.store(before + (share - before) * newest_weight, std::memory_order_relaxed);
  window_began_ = now;
  cpu_then_ = cpu;
}

}  // namespace tickcast::net
