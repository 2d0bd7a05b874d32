#pragma once
#include <cstdint>

#include "feeds/stop_signal.hpp"

namespace tickcast::feeds {

/// The time that a paced source goes by. Tests put a virtual one in its place.
/// Thread: any; the source's own thread sleeps.
class feed_clock {
public:
  virtual ~feed_clock() = default;
  /// Nanoseconds on a clock that never jumps.
  virtual std::int64_t steady_ns() const = 0;
  /// Nanoseconds since 1970 UTC.
  virtual std::int64_t wall_ns() const = 0;
  /// Sleeps until steady_ns() has reached `due_ns`. False when the stop came first.
  virtual bool sleep_until(std::int64_t due_ns, const stop_signal& stop) = 0;
};

/// The machine's clocks.
class system_clock final : public feed_clock {
public:
  std::int64_t steady_ns() const override;
  std::int64_t wall_ns() const override;
  bool sleep_until(std::int64_t due_ns, const stop_signal& stop) override;
};

}  // namespace tickcast::feeds
