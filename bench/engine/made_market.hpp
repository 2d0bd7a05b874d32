#pragma once
#include <cstdint>
#include <vector>

#include "protocol/market.hpp"

namespace tickcast::bench {

/// Trades of many symbols that are shaped like a crypto venue's: whole milliseconds, prices that walk by
/// ticks, sizes of a few digits, ids one after the other. The same numbers each time.
class made_market {
public:
  explicit made_market(std::uint32_t symbols) : states_(symbols) {
    for (std::uint32_t i = 0; i < symbols; ++i) states_[i] = {600'000 + 1'000 * i, 1'000'000 + i};
  }

  /// The next trade of a symbol; `now_ns` is its time.
  protocol::trade next(std::uint32_t symbol, std::int64_t now_ns) {
    auto& now = states_[symbol];
    const auto dice = roll();
    // Most trades happen at the price before.
    if (dice % 4 == 0)
      now.ticks += static_cast<std::int64_t>(dice >> 8 & 7) - 3 + static_cast<std::int64_t>(dice >> 11 & 1);
    protocol::trade made;
    made.time_ns = now_ns / 1'000'000 * 1'000'000;
    made.price = protocol::decimal::from_parts(now.ticks, 1);
    made.size = protocol::decimal::from_parts(
        static_cast<std::int64_t>(1 + (dice >> 16) % (dice % 8 == 0 ? 5'000 : 100)), 3);
    made.aggressor = dice >> 40 & 1 ? protocol::side::buy : protocol::side::sell;
    made.id = {protocol::trade_id::kind::number, ++now.id, nullptr};
    return made;
  }

private:
  struct state {
    std::int64_t ticks = 0;
    std::uint64_t id = 0;
  };
  // xorshift64*, https://en.wikipedia.org/wiki/Xorshift
  std::uint64_t roll() noexcept {
    seed_ ^= seed_ >> 12;
    seed_ ^= seed_ << 25;
    seed_ ^= seed_ >> 27;
    return seed_ * 0x2545f4914f6cdd1dULL;
  }

  std::vector<state> states_;
  std::uint64_t seed_ = 88172645463325252ULL;
};

}  // namespace tickcast::bench
