#pragma once
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include "protocol/market.hpp"
#include "store/history.hpp"
#include "store/series_state.hpp"

namespace tickcast::store {

/// The bars of one symbol and interval that are in memory, in ascending time: all from complete_from_ns() on.
/// What is before is the database's.
///
/// Thread: one at a time; symbol_memory has the lock.
class bar_series {
public:
  enum class put_as : std::uint8_t {
    fresh,     ///< a bar of a new time
    revision,  ///< in the place of one that was here
    outdated,  ///< left out: a higher revision is here
    below,     ///< left out: from before complete_from_ns()
  };
  put_as put(const protocol::bar& value);

  /// At most which.limit bars of the range, from the end that it keeps, ascending.
  std::vector<protocol::bar> view(const range& which) const;

  std::int64_t complete_from_ns() const noexcept { return complete_from_ns_; }
  void set_complete_from(std::int64_t time_ns);
  /// Whether set_complete_from() was ever called; until then nothing is complete.
  bool is_started() const noexcept { return complete_from_ns_ != std::numeric_limits<std::int64_t>::max(); }

  const std::deque<protocol::bar>& bars() const noexcept { return bars_; }
  std::size_t bytes() const noexcept { return bars_.size() * sizeof(protocol::bar); }
  bar_series_state& state() noexcept { return state_; }
  const bar_series_state& state() const noexcept { return state_; }

private:
  std::deque<protocol::bar> bars_;
  std::int64_t complete_from_ns_ = std::numeric_limits<std::int64_t>::max();
  bar_series_state state_;
};

}  // namespace tickcast::store
