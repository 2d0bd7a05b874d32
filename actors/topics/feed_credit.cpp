#include "actors/topics/feed_credit.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tickcast::actors {

feed_credit::feed_credit(feed_entry& entry, std::size_t most)
    : entry_(entry), most_(most), fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

feed_credit::~feed_credit() {
  ::close(fd_);
}

std::shared_ptr<const void> feed_credit::spend(std::size_t n) {
  entry_.in_flight.fetch_add(n);
  return {this, [mine = shared_from_this(), n](const void*) { mine->give_back(n); }};
}

void feed_credit::give_back(std::size_t n) noexcept {
  const auto now = entry_.in_flight.fetch_sub(n) - n;
  if (now <= most_ - most_ / 4 && waiting_.load() && waiting_.exchange(false)) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
  }
}

bool feed_credit::left() noexcept {
  if (entry_.in_flight.load() < most_) return true;
  std::uint64_t drained;
  [[maybe_unused]] const auto read = ::read(fd_, &drained, sizeof drained);
  waiting_.store(true);
  // What came back between the look and the flag would wake nobody: look again.
  if (entry_.in_flight.load() < most_ && waiting_.exchange(false)) return true;
  entry_.paused.fetch_add(1, std::memory_order_relaxed);
  return false;
}

}  // namespace tickcast::actors
