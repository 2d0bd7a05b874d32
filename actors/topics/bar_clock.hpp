#pragma once
#include <cstdint>
#include <vector>

#include "actors/topics/feed_board.hpp"
#include "actors/topics/quote_table.hpp"
#include "actors/topics/tick.hpp"
#include "actors/topics/turn.hpp"

namespace tickcast::actors {

/// Closes the bars of a shard's symbols when their time is over and no trade does it. The time is that of the
/// owning feed's latest tick and what has passed since, so that a recording's bars close by the recording's
/// time.
///
/// When each symbol's next bar ends stands in one table, for all of it is looked at, and often. Shard's
/// thread.
class bar_clock {
public:
  /// There are symbols up to `end_id`, of which nothing is known: each is looked at once.
  void begin(std::uint32_t end_id);
  /// A symbol was added.
  void make_room(std::uint32_t end_id);
  /// A feed's ticks were taken at `now_ns`, steady clock.
  void saw(const tick_load& ticks, std::int64_t now_ns);
  /// A tick may have begun a bar: `closes_at` is quote_state::closes_at().
  void expect(std::uint32_t symbol_id, std::int64_t closes_at) noexcept {
    if (closes_at < closes_at_[symbol_id]) closes_at_[symbol_id] = closes_at;
  }
  /// Closes what is over.
  void close(const quote_table& table, const feed_board& feeds, const turn& now);

private:
  struct feed_time {
    std::int64_t event_ns = 0;  ///< of the latest tick
    std::int64_t at_ns = 0;     ///< steady clock, when it was taken; 0: never
  };
  std::int64_t time_of(const feed_entry& of, std::int64_t now_ns) const;

  std::vector<std::int64_t> closes_at_;  ///< by symbol id
  std::vector<feed_time> times_;         ///< by feed id
};

}  // namespace tickcast::actors
