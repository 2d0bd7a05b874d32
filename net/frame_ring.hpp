#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "protocol/frame.hpp"

namespace tickcast::net {

/// The frames that wait for one client, in order, eight bytes each: a pointer whose lowest bits say how the
/// frame is to be sent. Empty it owns no memory once `release_memory` was called.
class frame_ring {
public:
  /// How an entry is sent.
  enum flags : std::uintptr_t {
    whole = 0,   ///< as a WebSocket frame
    bare = 1,    ///< the payload alone: HTTP bytes, and control frames that Beast has written out
    urgent = 2,  ///< goes before everything that is not
  };

  frame_ring() = default;
  frame_ring(const frame_ring&) = delete;
  frame_ring& operator=(const frame_ring&) = delete;
  ~frame_ring() { truncate(0); }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::size_t capacity() const noexcept { return capacity_; }
  /// Asks for the memory of the first entry.
  void prefetch() const noexcept { __builtin_prefetch(slots_.get() + head_); }

  void push_back(const protocol::frame_ptr& frame, std::uintptr_t how);
  /// Puts `frame` before entry `position`; costs one move for each entry in front of it.
  void insert(std::size_t position, const protocol::frame_ptr& frame, std::uintptr_t how);
  void pop_front() noexcept;
  /// Drops every entry from `position` on.
  void truncate(std::size_t position) noexcept;
  /// Gives the storage back; only when empty.
  void release_memory() noexcept;

  /// The bytes entry `i` puts on the wire.
  std::string_view bytes(std::size_t i) const noexcept {
    const auto entry = slot(i);
    const auto* frame = pointer(entry);
    return (entry & bare) != 0 ? frame->payload() : frame->wire();
  }
  bool is_urgent(std::size_t i) const noexcept { return (slot(i) & urgent) != 0; }

private:
  static constexpr std::uintptr_t mask = bare | urgent;
  static const protocol::frame* pointer(std::uintptr_t entry) noexcept {
    return reinterpret_cast<const protocol::frame*>(entry & ~mask);
  }
  std::uintptr_t slot(std::size_t i) const noexcept { return slots_[(head_ + i) & (capacity_ - 1)]; }
  std::uintptr_t& slot(std::size_t i) noexcept { return slots_[(head_ + i) & (capacity_ - 1)]; }
  void grow();
  static std::uintptr_t keep(const protocol::frame_ptr& frame, std::uintptr_t how) noexcept {
    intrusive_ptr_add_ref(frame.get());
    return reinterpret_cast<std::uintptr_t>(frame.get()) | how;
  }

  std::unique_ptr<std::uintptr_t[]> slots_;
  std::uint32_t capacity_ = 0;  // zero or a power of two
  std::uint32_t head_ = 0;
  std::uint32_t size_ = 0;
};

static_assert(alignof(protocol::frame) >= 4, "an entry's flags live in the two lowest bits of its pointer");

inline void frame_ring::push_back(const protocol::frame_ptr& frame, std::uintptr_t how) {
  if (size_ == capacity_) grow();
  slot(size_) = keep(frame, how);
  ++size_;
}

inline void frame_ring::pop_front() noexcept {
  const auto* frame = pointer(slot(0));
  head_ = (head_ + 1) & (capacity_ - 1);
  --size_;
  intrusive_ptr_release(frame);
}

}  // namespace tickcast::net
