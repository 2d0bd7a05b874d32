#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace tickcast::store {

/// How much of one kind of data the database keeps; 0: no bound. Both may be set: the stricter one counts.
///
/// Age counts in the data's own time, a symbol at a time: from its newest row, but never from later than
/// now. So a recording of years ago is kept as long as live data is, and one wrong time in the future deletes
/// nothing. A symbol to which nothing was written for `days` by the wall clock goes wholly.
struct retention {
  std::int64_t days = 0;
  std::uint64_t bytes = 0;  ///< as encoded, before the database compresses them; oldest go first

  bool operator==(const retention&) const = default;
};

struct retentions {
  retention trades{15, 0};
  retention quotes{15, 0};
  retention bars{0, 0};

  bool operator==(const retentions&) const = default;
};

/// The database's own folder in the data directory.
inline std::string history_directory(const std::string& data_directory) {
  return data_directory + "/history";
}

/// What a tick_store is made with.
struct settings {
  std::string directory;  ///< the data directory; empty: memory alone
  std::chrono::milliseconds flush{100};
  std::size_t memory_bytes = std::size_t{256} << 20;  ///< rows in memory beyond it are left to the database
  std::chrono::hours memory_age{24};                  ///< since they arrived
  std::size_t lane_bytes = std::size_t{16} << 20;     ///< of each lane; a power of two is taken whole
  retentions kept;

  std::size_t journal_bytes = std::size_t{128} << 20;  ///< above it blocks are finished early
  std::size_t backlog_bytes = std::size_t{64} << 20;   ///< flushes that wait while the database cannot write
  std::uint32_t block_rows = 1024;
  std::chrono::seconds block_age{900};  ///< a block with fewer rows is written when it is so old

  /// False: no threads; whoever owns the store calls turn() and clean(). For tests.
  bool threads = true;
  std::function<std::int64_t()> now_ns;  ///< wall clock, UTC; empty: the machine's
};

}  // namespace tickcast::store
