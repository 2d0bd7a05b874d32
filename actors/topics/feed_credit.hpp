#pragma once
#include <atomic>
#include <cstdint>

#include "actors/topics/feed_board.hpp"

namespace tickcast::actors {

/// Bounds what a feed has under way in mailboxes: the feed's thread spends, dispatchers give back.
/// When it runs dry the feed waits on `fd()` until a quarter has come back.
class feed_credit {
 public:
  feed_credit(feed_entry& entry, std::size_t most);
  ~feed_credit();
  feed_credit(const feed_credit&) = delete;
  feed_credit& operator=(const feed_credit&) = delete;

  void spend(std::size_t n) noexcept;
  /// Any thread.
  void give_back(std::size_t n) noexcept;
  /// Feed's thread. False: wait for fd() to become readable.
  bool left() noexcept;
  int fd() const noexcept { return fd_; }

 private:
  feed_entry& entry_;
  std::uint64_t most_;
  std::atomic<bool> waiting_{false};
  int fd_;
};

}  // namespace tickcast::actors
