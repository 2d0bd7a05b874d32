#pragma once
#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "protocol/error.hpp"

namespace tickcast::store {

/// What orders the blocks of a series: its first time, and a count among blocks that begin at the same time.
struct block_key {
  std::int64_t first_ns = std::numeric_limits<std::int64_t>::min();
  std::uint32_t serial = 0;

  friend auto operator<=>(const block_key&, const block_key&) = default;
};

/// What the database keeps of a series (one symbol's trades, or quotes) beside its rows.
///
/// Blocks never overlap: each begins where the one before ends, or later. Rows that come too late for that
/// have blocks of their own, which may lie anywhere.
struct series_state {
  bool has_blocks = false;                                         ///< now or ever
  block_key last;                                                  ///< of the newest block
  std::int64_t end_ns = std::numeric_limits<std::int64_t>::min();  ///< its last time
  /// Up to which row of the journal the rows of this series are in blocks: whole records before
  /// sealed_record, and of that one the first sealed_rows of the series.
  std::uint64_t sealed_record = 0;
  std::uint32_t sealed_rows = 0;
  std::int64_t newest_ns = std::numeric_limits<std::int64_t>::min();
  std::int64_t oldest_ns = std::numeric_limits<std::int64_t>::max();
  std::int64_t late_until_ns = std::numeric_limits<std::int64_t>::min();  ///< the newest late row
  std::uint64_t bytes = 0;                                                ///< of all blocks
  std::int64_t written_ns = 0;  ///< when the last block was written, wall clock
  std::int64_t complete_from_ns = std::numeric_limits<std::int64_t>::min();  ///< retention took what is older

  /// No block that exists has a key as high; every block to come has it or a higher one.
  block_key next_key() const noexcept {
    return has_blocks ? block_key{end_ns, last.first_ns == end_ns ? last.serial + 1 : 0} : block_key{};
  }
};

std::string encode(const series_state& value);
/// Error: storage.
protocol::expected<series_state> decode_series_state(std::string_view bytes);

/// The same of the bars of one symbol and interval. rows and bytes are told at times, not at each bar, and
/// may be a little behind after a crash.
struct bar_series_state {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::int64_t written_ns = 0;
  std::int64_t complete_from_ns = std::numeric_limits<std::int64_t>::min();
};

std::string encode(const bar_series_state& value);
protocol::expected<bar_series_state> decode_bar_series_state(std::string_view bytes);

}  // namespace tickcast::store
