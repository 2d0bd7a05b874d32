#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.hpp"
#include "protocol/market.hpp"

namespace tickcast::store {

/// Which end of a time range a limit keeps.
enum class keep : std::uint8_t { oldest, newest };

/// Which rows: those with from_ns <= time < to_ns, nanoseconds since 1970 UTC by the venue's clock; of more
/// than `limit` only the oldest or the newest. Rows always come in ascending time, equal times in the order
/// they arrived.
struct range {
  std::int64_t from_ns = std::numeric_limits<std::int64_t>::min();
  std::int64_t to_ns = std::numeric_limits<std::int64_t>::max();
  std::size_t limit = 1000;
  keep which = keep::newest;
};

/// What is kept of the past, to read. One tier (memory, a database) or several that answer as one.
///
/// Thread: any, at the same time; calls may wait for a disk, so they belong on reader threads, never on a
/// shard or a worker. An unknown symbol has no rows. Errors: `storage` with a sentence when a tier cannot be
/// read.
class history {
public:
  virtual ~history() = default;

  /// Trades that stand: cancelled ones are left out, corrected ones are as corrected.
  virtual protocol::expected<std::vector<protocol::trade>> trades(std::string_view symbol,
                                                                  const range& which) const = 0;
  virtual protocol::expected<std::vector<protocol::quote>> quotes(std::string_view symbol,
                                                                  const range& which) const = 0;
  /// Closed bars, each in its newest revision; `interval` as in topics ("1m", "100t", "1m@bid").
  virtual protocol::expected<std::vector<protocol::bar>> bars(std::string_view interval,
                                                              std::string_view symbol,
                                                              const range& which) const = 0;

  /// Symbols with anything kept, in ascending order.
  virtual std::vector<std::string> symbols() const = 0;
  /// Intervals of which a symbol has stored bars, in ascending order of their text.
  virtual std::vector<std::string> intervals(std::string_view symbol) const = 0;
};

}  // namespace tickcast::store
