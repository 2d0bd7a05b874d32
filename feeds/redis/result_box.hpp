#pragma once
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "actors/users/errands.hpp"

namespace tickcast::feeds {

/// What became of one part of a list's entry.
struct part_result {
  std::size_t queue;
  std::uint64_t entry;
  std::size_t part;
  std::optional<actors::rejection> why_not;  ///< nothing: it is done
};

/// Where commands' ends are told, on whatever thread, for the thread of the bridge to take. As many as
/// there are commands under way. Shared with those, so that one which ends late has where to say so.
class result_box {
public:
  result_box() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  ~result_box() { ::close(fd_); }
  result_box(const result_box&) = delete;
  result_box& operator=(const result_box&) = delete;

  /// Any thread.
  void put(part_result what) {
    {
      const std::lock_guard guard{mutex_};
      results_.push_back(std::move(what));
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
  }
  std::vector<part_result> take() {
    std::uint64_t times;
    [[maybe_unused]] const auto got = ::read(fd_, &times, sizeof times);
    const std::lock_guard guard{mutex_};
    return std::exchange(results_, {});
  }
  /// Readable when there are some.
  int fd() const noexcept { return fd_; }

private:
  const int fd_;
  std::mutex mutex_;
  std::vector<part_result> results_;  // guarded by mutex_
};

}  // namespace tickcast::feeds
