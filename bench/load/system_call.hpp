#pragma once
#include <sys/epoll.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace tickcast::bench {

/// Throws what errno says of the call just made.
[[noreturn]] inline void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// epoll_ctl for one descriptor; `token` comes back with its events.
inline void watch(int epoll, int operation, int fd, std::uint32_t events, std::uint64_t token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  if (::epoll_ctl(epoll, operation, fd, &event) != 0) fail("epoll_ctl");
}

}  // namespace tickcast::bench
