#include "feeds/feed_clock.hpp"

#include <poll.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <system_error>

namespace tickcast::feeds {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

template <class Clock>
std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

}  // namespace

std::int64_t system_clock::steady_ns() const {
  return now_ns<std::chrono::steady_clock>();
}

std::int64_t system_clock::wall_ns() const {
  return now_ns<std::chrono::system_clock>();
}

bool system_clock::sleep_until(std::int64_t due_ns, const stop_signal& stop) {
  while (!stop.requested()) {
    const std::int64_t left = due_ns - steady_ns();
    if (left <= 0) return true;
    pollfd set{stop.fd(), POLLIN, 0};
    const timespec wait{left / second_ns, left % second_ns};
    if (::ppoll(&set, 1, &wait, nullptr) < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "ppoll");
    }
  }
  return false;
}

}  // namespace tickcast::feeds
