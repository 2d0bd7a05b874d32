#include "net/frame_ring.hpp"

namespace tickcast::net {
namespace {

constexpr std::uint32_t first_capacity = 8;

}  // namespace

void frame_ring::insert(std::size_t position, const protocol::frame_ptr& frame, std::uintptr_t how) {
  if (size_ == capacity_) grow();
  head_ = (head_ + capacity_ - 1) & (capacity_ - 1);
  ++size_;
  for (std::size_t i = 0; i < position; ++i) slot(i) = slot(i + 1);
  slot(position) = keep(frame, how);
}

void frame_ring::truncate(std::size_t position) noexcept {
  while (size_ > position) {
    --size_;
    intrusive_ptr_release(pointer(slot(size_)));
  }
}

void frame_ring::release_memory() noexcept {
  if (size_ != 0) return;
  slots_.reset();
  capacity_ = 0;
  head_ = 0;
}

void frame_ring::grow() {
  const std::uint32_t wider = capacity_ == 0 ? first_capacity : capacity_ * 2;
  auto slots = std::make_unique<std::uintptr_t[]>(wider);
  for (std::uint32_t i = 0; i < size_; ++i) slots[i] = slot(i);
  slots_ = std::move(slots);
  capacity_ = wider;
  head_ = 0;
}

}  // namespace tickcast::net
