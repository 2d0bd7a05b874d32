#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocol/error.hpp"
#include "protocol/market.hpp"
#include "store/packed_row.hpp"

namespace tickcast::store {

/// What the database knew of a symbol when it was opened.
struct recovered_symbol {
  std::string name;
  bool has_checkpoint = false;
  std::uint64_t position = 0;  ///< of the checkpoint; 0 without one
  std::string checkpoint;
  /// Whether checkpoint and rows together are all there was up to the last flush. Not so when rows were
  /// dropped, or when checkpoints came too seldom for the journal's bound, or not before close().
  bool whole = true;
};

/// Where a feed had got to. Lanes come to a flush at different points: what lies up to `lowest` is stored for
/// every lane that told, nothing beyond `highest` is.
struct recovered_offset {
  std::string feed;
  std::uint64_t lowest = 0;
  std::uint64_t highest = 0;
};

/// One row after its symbol's checkpoint.
struct recovered_row {
  row_kind kind = row_kind::trade;  ///< trade, cancel, correct: `trade` is set; quote: `quote` is
  std::size_t symbol = 0;           ///< index in recovery::symbols
  std::uint64_t position = 0;
  protocol::trade trade;
  protocol::quote quote;
};

/// Hands out journal rows one by one.
class recovered_rows {
public:
  virtual ~recovered_rows() = default;
  /// The next row in the order of arrival; false after the last one. Error: storage.
  virtual protocol::expected<bool> next(recovered_row& to) = 0;
};

/// All that a producer needs to go on where the last flush ended. A consistent view: rows that are appended
/// meanwhile are not in it. Let it go when done; the database keeps old files for it.
struct recovery {
  std::vector<recovered_symbol> symbols;  ///< by name
  std::vector<recovered_offset> offsets;  ///< by feed
  std::map<std::string, std::string, std::less<>> states;
  std::unique_ptr<recovered_rows> rows;  ///< never null
};

}  // namespace tickcast::store
