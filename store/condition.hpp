#pragma once
#include <cstdint>
#include <string>

namespace tickcast::store {

/// How the store is.
struct condition {
  enum class state : std::uint8_t {
    ok,
    behind,   ///< the database takes longer than the rows; lanes fill, nothing is lost yet
    failing,  ///< the database cannot be written (disk full, unwritable); it is tried again each second,
              ///< reads go on from memory
  };
  state is = state::ok;
  std::string why;            ///< a sentence that says what to do; empty when ok
  std::int64_t since_ns = 0;  ///< wall clock
};

std::string_view to_string(condition::state state) noexcept;

/// Counts since the store was opened, and sizes as they are now. Plain values, to be read by whoever shows
/// them.
struct figures {
  // What came in.
  std::uint64_t trades = 0;
  std::uint64_t quotes = 0;
  std::uint64_t bars = 0;
  std::uint64_t amendments = 0;    ///< cancels and corrections
  std::uint64_t late = 0;          ///< rows older than what was a block already
  std::uint64_t dropped_rows = 0;  ///< a lane was full
  std::uint64_t imported = 0;      ///< rows that an import brought and that were not there
  // What was written.
  std::uint64_t flushes = 0;
  std::uint64_t failed_flushes = 0;
  std::uint64_t lost_rows = 0;  ///< rows that never reached the database: the backlog was full
  std::uint64_t blocks = 0;
  std::uint64_t written_bytes = 0;
  std::uint64_t deleted_rows = 0;  ///< by retention
  std::int64_t last_flush_us = 0;  ///< from draining to written
  std::int64_t longest_flush_us = 0;
  std::int64_t writer_cpu_us = 0;  ///< CPU time of the writer's thread
  // How much there is.
  std::uint64_t lane_bytes = 0;  ///< waiting, all lanes
  std::uint64_t backlog_bytes = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t journal_bytes = 0;
  std::uint64_t trade_bytes = 0;  ///< in the database, before it compresses them
  std::uint64_t quote_bytes = 0;
  std::uint64_t bar_bytes = 0;
  std::uint64_t symbols = 0;
};

/// Rows of a symbol that were dropped or never written: reads over this span may lack some.
struct hole {
  std::int64_t from_ns = 0;  ///< the oldest row that is missing
  std::int64_t to_ns = 0;    ///< the newest one
  std::uint64_t rows = 0;

  bool operator==(const hole&) const = default;
};

}  // namespace tickcast::store
