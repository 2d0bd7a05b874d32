#pragma once
#include <cstdint>
#include <deque>

#include "store/symbol_memory.hpp"

namespace tickcast::store {

/// What still needs the journal: open blocks, whose rows are nowhere else in the database, and rows after a
/// symbol's checkpoint, which its owner wants back after a crash. Both come in the order of the records, so
/// the oldest needs stand in front; what is no longer needed is found out when it comes to the front.
///
/// Thread: who holds core::writing.
class journal_book {
public:
  struct need {
    std::uint64_t record;
    symbol_memory* symbol;
    data_kind kind;           ///< of an open block
    std::int64_t arrived_ns;  ///< wall clock
  };

  void add_record(std::uint64_t record, std::size_t bytes);
  void add_open(std::uint64_t record, symbol_memory& symbol, data_kind kind, std::int64_t now_ns);
  /// The symbol's uncovered_from has just become `record`.
  void add_uncovered(std::uint64_t record, symbol_memory& symbol);

  /// The need that reaches back furthest; null when there is none.
  const need* oldest_open();
  const need* oldest_uncovered();
  /// Records before this one are needed by nobody; `next` when none is.
  std::uint64_t needed_from(std::uint64_t next);

  std::size_t bytes() const noexcept { return bytes_; }
  std::size_t bytes_before(std::uint64_t record) const noexcept;
  /// The records before this one are gone.
  void trimmed(std::uint64_t before);
  void clear();

private:
  struct written {
    std::uint64_t record;
    std::size_t bytes;
  };
  std::deque<written> records_;
  std::deque<need> open_;
  std::deque<need> uncovered_;
  std::size_t bytes_ = 0;
};

}  // namespace tickcast::store
