#pragma once
#include <cstdint>
#include <functional>

#include "feeds/feed_clock.hpp"

namespace tickcast::feeds::test {

/// Time moves only by sleeping, and sleeps are over at once.
class virtual_clock final : public feed_clock {
public:
  std::int64_t steady_ns() const override { return now_ns_; }
  std::int64_t wall_ns() const override { return wall_begin_ns_ + now_ns_; }
  bool sleep_until(std::int64_t due_ns, const stop_signal& stop) override {
    if (stop.requested()) return false;
    if (due_ns > now_ns_) now_ns_ = due_ns;
    now_ns_ += oversleep_ns_;
    if (on_sleep_) on_sleep_(*this);
    return !stop.requested();
  }

  void advance(std::int64_t ns) { now_ns_ += ns; }
  void set_wall(std::int64_t ns) { wall_begin_ns_ = ns - now_ns_; }
  void oversleep_by(std::int64_t ns) { oversleep_ns_ = ns; }
  void on_sleep(std::function<void(virtual_clock&)> what) { on_sleep_ = std::move(what); }

private:
  std::int64_t now_ns_ = 1'000'000;
  std::int64_t wall_begin_ns_ = 1'700'000'000'000'000'000;
  std::int64_t oversleep_ns_ = 0;
  std::function<void(virtual_clock&)> on_sleep_;
};

}  // namespace tickcast::feeds::test
