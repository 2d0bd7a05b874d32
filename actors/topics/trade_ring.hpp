#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "protocol/market.hpp"

namespace tickcast::actors {

/// The last `bound` trades of a symbol, oldest first. Grows by doubling.
///
/// Written at every trade and read when somebody subscribes. A trade is kept in 40 bytes without a pointer
/// and written field by field: nothing is read of what it replaces, which with thousands of symbols has left
/// the caches. Ids that are texts lie beside, for symbols that have some.
class trade_ring {
public:
  static constexpr std::size_t bound = 50;

  /// Must come before `push`; may throw, and then nothing has changed.
  void make_room(const protocol::trade& next) {
    if (pushed_ == slots_.size() && pushed_ < bound)
      slots_.resize(std::min(bound, std::max<std::size_t>(4, slots_.size() * 2)));
    if (next.id.is == protocol::trade_id::kind::text && texts_.empty()) texts_.resize(bound);
  }

  void push(const protocol::trade& next) noexcept {
    auto& to = slots_[pushed_ % bound];
    to.time_ns = next.time_ns;
    to.price = next.price.mantissa();
    to.size = next.size.mantissa();
    to.id_number = next.id.number;
    to.price_scale = static_cast<std::uint8_t>(next.price.scale());
    to.size_scale = static_cast<std::uint8_t>(next.size.scale());
    to.aggressor = next.aggressor;
    to.id_is = next.id.is;
    if (!texts_.empty()) texts_[pushed_ % bound] = next.id.text;
    ++pushed_;
  }

  /// Takes the trade out that was cancelled, or puts right the one that was corrected; nothing when it is not
  /// here.
  void amend(const protocol::trade_amendment& what) {
    auto trades = to_vector();
    const auto found = std::find_if(trades.rbegin(), trades.rend(),
                                    [&](const protocol::trade& each) { return each.id == what.id; });
    if (found == trades.rend()) return;
    if (what.cancels) {
      trades.erase(std::next(found).base());
    } else {
      found->price = what.price;
      found->size = what.size;
    }
    *this = of(trades);
  }

  static trade_ring of(const std::vector<protocol::trade>& trades) {
    trade_ring result;
    for (const auto& each : trades) {
      result.make_room(each);
      result.push(each);
    }
    return result;
  }

  std::vector<protocol::trade> to_vector() const {
    std::vector<protocol::trade> result;
    const auto kept = std::min<std::uint64_t>(pushed_, bound);
    result.reserve(kept);
    for (auto number = pushed_ - kept; number != pushed_; ++number) {
      const auto& each = slots_[number % bound];
      result.push_back({each.time_ns,
                        protocol::decimal::from_lowest(each.price, each.price_scale),
                        protocol::decimal::from_lowest(each.size, each.size_scale),
                        each.aggressor,
                        {each.id_is, each.id_number, texts_.empty() ? nullptr : texts_[number % bound]}});
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

  std::vector<slot> slots_;  ///< trade number n stands in n % bound
  std::uint64_t pushed_ = 0;
  std::vector<std::shared_ptr<const std::string>>
      texts_;  ///< by number of the trade; empty until one has text
};

}  // namespace tickcast::actors
