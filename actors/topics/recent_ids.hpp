#pragma once
#include <boost/circular_buffer.hpp>
#include <cstdint>
#include <string_view>

#include "protocol/byte_form.hpp"
#include "protocol/market.hpp"

namespace tickcast::actors {

/// Remembers which trades of a symbol have been seen, by (feed, id), for the last `window` of them. A feed
/// goes by its key (feed_board.hpp), so that what was remembered holds in the next run.
///
/// Ids that rise, as those of most venues do, are known to be new by one comparison; only others make it look
/// through what it remembers. Texts are remembered by a 64-bit hash.
class recent_ids {
public:
  static constexpr std::size_t window = 1024;

  /// Whether the trade is new; a trade without an id always is. Makes room for `remember` (may throw).
  bool is_new(std::uint64_t feed, const protocol::trade_id& id) {
    using kind = protocol::trade_id::kind;
    if (id.is == kind::none) return true;
    const bool has_room = seen_.size() < seen_.capacity() || seen_.capacity() == window;
    if (has_room && only_rising_ && id.is == kind::number && feed == feed_ && id.number > highest_)
      return true;
    return look_for(feed, id);
  }
  /// Asks for the memory that the next `remember` will write.
  void prefetch() const noexcept {
    if (!seen_.empty()) __builtin_prefetch(seen_.full() ? &seen_.front() : &seen_.back() + 1, 1);
  }
  /// After is_new said yes. Cannot fail.
  void remember(std::uint64_t feed, const protocol::trade_id& id) noexcept;

  void save(protocol::byte_writer& to) const;
  void load(protocol::byte_reader& from);

private:
  bool look_for(std::uint64_t feed, const protocol::trade_id& id);

  boost::circular_buffer<std::uint64_t> seen_;
  std::uint64_t highest_ = 0;  ///< of the numeric ids of `feed_`
  std::uint64_t feed_ = 0;
  bool only_rising_ = true;  ///< all that is remembered is numeric, of feed_, and at most highest_
};

}  // namespace tickcast::actors
