#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/market.hpp"
#include "store/bytes.hpp"
#include "store/keys.hpp"
#include "store/packed_row.hpp"

namespace tickcast::store {

/// One row of the journal.
struct journal_row {
  row_kind kind = row_kind::trade;  ///< trade, cancel, correct or quote
  symbol_id symbol = 0;
  std::uint64_t position = 0;
  protocol::trade trade;
  protocol::quote quote;
};

/// All rows of one flush in the order in which they came. Short, but above all quick to write: each row is
/// written by itself, only its time refers to the row before.
class journal_record {
public:
  /// `row`: trade, cancel, correct or quote.
  void add(const word* row, symbol_id symbol);

  std::uint64_t rows() const noexcept { return rows_; }
  /// The bytes since the last clear().
  std::string_view bytes() const noexcept { return {bytes_.data(), used_}; }
  void clear() noexcept {
    used_ = 0;
    rows_ = 0;
    time_ns_ = 0;
  }

private:
  std::string bytes_;  // grown in advance; what counts is `used_`
  std::size_t used_ = 0;
  std::uint64_t rows_ = 0;
  std::int64_t time_ns_ = 0;
};

/// Reads a record back.
class journal_record_reader {
public:
  /// `record` must outlive the reader.
  explicit journal_record_reader(std::string_view record) : in_(record) {}
  /// False at the end, and when the record is malformed: then ok() is false.
  bool next(journal_row& to);
  bool ok() const noexcept { return in_.ok() && !malformed_; }

private:
  byte_reader in_;
  std::int64_t time_ns_ = 0;
  bool malformed_ = false;
};

}  // namespace tickcast::store
