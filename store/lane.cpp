#include "store/lane.hpp"

#include <algorithm>
#include <bit>

#include "store/bar_codec.hpp"

namespace tickcast::store {
namespace {

word skip_of(std::size_t words) noexcept {
  return static_cast<word>(row_kind::skip) | static_cast<word>(words) << 8;
}

}  // namespace

lane::lane(std::size_t bytes, std::function<void()> on_half_full)
    : capacity_(std::bit_ceil(std::max<std::size_t>(words_of(bytes), 512))),
      mask_(capacity_ - 1),
      ring_(std::make_unique_for_overwrite<word[]>(capacity_)),
      on_half_full_(std::move(on_half_full)) {}

void lane::name(std::uint32_t symbol, std::string_view name) {
  std::lock_guard lock(mutex_);
  names_.emplace_back(symbol, name);
}

bool lane::append(std::uint32_t symbol, std::string_view interval, const protocol::bar& value) {
  std::string encoded;
  encode(value, encoded);
  return note(row_kind::bar, symbol, 0, interval, encoded) || dropped(row_kind::bar, symbol, value.time_ns);
}

bool lane::offset(std::string_view feed, std::uint64_t feed_seq) {
  return note(row_kind::offset, 0, feed_seq, feed, {});
}

bool lane::checkpoint(std::uint32_t symbol, std::uint64_t position, std::string_view bytes) {
  return note(row_kind::checkpoint, symbol, position, {}, bytes);
}

bool lane::state(std::string_view key, std::string_view bytes) {
  return note(row_kind::state, 0, 0, key, bytes);
}

bool lane::note(row_kind kind, std::uint32_t symbol, std::uint64_t position, std::string_view first,
                std::string_view second) {
  word* to = reserve(length_of_note(first, second));
  if (!to) return false;
  pack_note(to, kind, symbol, position, first, second);
  return true;
}

word* lane::reserve_carefully(std::size_t words) noexcept {
  const auto taken = taken_.load(std::memory_order_acquire);
  // A writer that keeps up leaves the ring empty: going back to its start keeps a quiet lane's memory small
  // and in the caches.
  if (taken == head_ && ((head_ - base_) & mask_) > capacity_ / 16) {
    base_ = head_;
    new_base_.store(head_, std::memory_order_relaxed);
  }
  auto at = (head_ - base_) & mask_;
  const auto to_end = capacity_ - at;
  const auto needed = words <= to_end ? words : to_end + words;
  if (capacity_ - (head_ - taken) < needed) return nullptr;
  if (words > to_end) {
    ring_[at] = skip_of(to_end);
    head_ += to_end;
    at = 0;
  }
  contiguous_until_ = std::min(taken + capacity_, head_ + (capacity_ - at));
  head_ += words;
  return ring_.get() + at;
}

void lane::commit() noexcept {
  if (head_ == published_.load(std::memory_order_relaxed)) return;
  published_.store(head_, std::memory_order_release);
  // The next row looks whether the writer has been here.
  contiguous_until_ = head_;
  const bool half_full = head_ - taken_.load(std::memory_order_acquire) > capacity_ / 2;
  if (half_full && !rung_ && on_half_full_) on_half_full_();
  rung_ = half_full;
}

std::size_t lane::waiting_bytes() const noexcept {
  const auto taken = taken_.load(std::memory_order_acquire);
  const auto published = published_.load(std::memory_order_acquire);
  return (published - taken) * sizeof(word);
}

bool lane::dropped(row_kind kind, std::uint32_t symbol, std::int64_t time_ns) {
  dropped_.fetch_add(1, std::memory_order_relaxed);
  std::lock_guard lock(mutex_);
  auto& span = losses_[static_cast<std::uint64_t>(symbol) << 8 | static_cast<std::uint64_t>(kind)];
  span.from_ns = span.rows == 0 ? time_ns : std::min(span.from_ns, time_ns);
  span.to_ns = span.rows == 0 ? time_ns : std::max(span.to_ns, time_ns);
  ++span.rows;
  return false;
}

std::vector<std::pair<std::uint32_t, std::string>> lane::take_names() {
  std::lock_guard lock(mutex_);
  return std::exchange(names_, {});
}

std::vector<lane::lost_rows> lane::take_losses() {
  std::vector<lost_rows> taken;
  std::lock_guard lock(mutex_);
  for (const auto& [key, span] : losses_)
    taken.push_back({static_cast<std::uint32_t>(key >> 8), static_cast<row_kind>(key & 0xff), span});
  losses_.clear();
  return taken;
}

}  // namespace tickcast::store
