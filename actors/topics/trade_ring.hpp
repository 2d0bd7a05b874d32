#pragma once
#include <algorithm>
#include <boost/circular_buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "protocol/market.hpp"

namespace tickcast::actors {

/// The last `bound` trades of a symbol, oldest first. Grows by doubling.
///
/// A trade is kept in 40 bytes without a pointer: writing one reads nothing of the one it replaces, which
/// with thousands of symbols has left the caches. Ids that are texts lie beside, for symbols that have some.
class trade_ring {
public:
  static constexpr std::size_t bound = 50;

  /// Must come before `push`; may throw, and then nothing has changed.
  void make_room(const protocol::trade& next) {
    if (slots_.size() == slots_.capacity() && slots_.capacity() < bound)
      slots_.set_capacity(std::min(bound, std::max<std::size_t>(4, slots_.capacity() * 2)));
    if (next.id.is == protocol::trade_id::kind::text && texts_.empty()) texts_.resize(bound);
  }

  void push(const protocol::trade& next) noexcept {
    slots_.push_back({next.time_ns, next.price.mantissa(), next.size.mantissa(), next.id.number,
                      static_cast<std::uint8_t>(next.price.scale()),
                      static_cast<std::uint8_t>(next.size.scale()), next.aggressor, next.id.is});
    if (!texts_.empty()) texts_[pushed_ % bound] = next.id.text;
    ++pushed_;
  }

  /// Asks for the memory that the next push will write.
  void prefetch() const noexcept {
    if (slots_.empty()) return;
    const auto* next = slots_.full() ? &slots_.front() : &slots_.back() + 1;
    __builtin_prefetch(next, 1);
    __builtin_prefetch(reinterpret_cast<const char*>(next) + sizeof(slot) - 1, 1);
  }

  std::vector<protocol::trade> to_vector() const {
    std::vector<protocol::trade> result;
    result.reserve(slots_.size());
    auto number = pushed_ - slots_.size();
    for (const auto& each : slots_) {
      result.push_back({each.time_ns,
                        protocol::decimal::from_parts(each.price, each.price_scale),
                        protocol::decimal::from_parts(each.size, each.size_scale),
                        each.aggressor,
                        {each.id_is, each.id_number, texts_.empty() ? nullptr : texts_[number % bound]}});
      ++number;
    }
    return result;
  }

private:
  struct slot {
    std::int64_t time_ns;
    std::int64_t price;
    std::int64_t size;
    std::uint64_t id_number;
    std::uint8_t price_scale;
    std::uint8_t size_scale;
    protocol::side aggressor;
    protocol::trade_id::kind id_is;
  };

  boost::circular_buffer<slot> slots_;
  std::uint64_t pushed_ = 0;
  std::vector<std::shared_ptr<const std::string>>
      texts_;  ///< by number of the trade; empty until one has text
};

}  // namespace tickcast::actors
