#include "feeds/stop_signal.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace tickcast::feeds {

stop_signal::stop_signal() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd for stopping a feed");
}

stop_signal::~stop_signal() {
  ::close(fd_);
}

void stop_signal::request() noexcept {
  requested_.store(true, std::memory_order_release);
  const int saved = errno;
  const std::uint64_t one = 1;
  // It fails only when the counter is full, and then the fd is readable already.
  [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
  errno = saved;
}

bool wait_readable(int fd, const stop_signal& stop) {
  while (!stop.requested()) {
    std::array<pollfd, 2> set{pollfd{stop.fd(), POLLIN, 0}, pollfd{fd, POLLIN, 0}};
    const int ready = ::poll(set.data(), set.size(), -1);
    if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
    if (ready > 0 && set[1].revents != 0) return !stop.requested();
  }
  return false;
}

}  // namespace tickcast::feeds
