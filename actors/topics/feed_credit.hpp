#pragma once
#include <atomic>
#include <cstdint>
#include <memory>

#include "actors/topics/feed_board.hpp"

namespace tickcast::actors {

/// Bounds what a feed has under way in mailboxes and fan-outs: the feed's thread spends, and whoever is done
/// last gives back. When it runs dry the feed waits on `fd()` until a quarter has come back.
class feed_credit : public std::enable_shared_from_this<feed_credit> {
public:
  feed_credit(feed_entry& entry, std::size_t most);
  ~feed_credit();
  feed_credit(const feed_credit&) = delete;
  feed_credit& operator=(const feed_credit&) = delete;

  /// Spends `n` until the last copy of what it returns is gone.
  std::shared_ptr<const void> spend(std::size_t n);
  /// Feed's thread. False: wait for fd() to become readable.
  bool left() noexcept;
  int fd() const noexcept { return fd_; }

private:
  void give_back(std::size_t n) noexcept;

  feed_entry& entry_;
  std::uint64_t most_;
  std::atomic<bool> waiting_{false};
  int fd_;
};

}  // namespace tickcast::actors
