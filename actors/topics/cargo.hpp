#pragma once
#include <cstddef>
#include <vector>

#include "actors/topics/feed_board.hpp"

namespace tickcast::actors {

/// What a poll turn of a feed brought for one receiver. What nobody took when the last holder lets go,
/// because the receiver was failing or being restarted, is counted as lost at the feed, whose state shows it.
///
/// One thread at a time: the feed's until it is sent, then the receiver's.
template <class Item>
class cargo {
public:
  explicit cargo(feed_entry& from) noexcept : from_(from) {}
  cargo(const cargo&) = delete;
  cargo& operator=(const cargo&) = delete;
  ~cargo() {
    if (taken_ < items.size()) from_.lost.fetch_add(items.size() - taken_, std::memory_order_relaxed);
  }

  feed_entry& from() const noexcept { return from_; }
  /// Says that the first `n` items are in good hands.
  void took(std::size_t n) noexcept { taken_ = n; }

  std::vector<Item> items;

private:
  feed_entry& from_;
  std::size_t taken_ = 0;
};

}  // namespace tickcast::actors
