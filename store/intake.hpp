#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/core.hpp"
#include "store/journal_record.hpp"
#include "store/lane.hpp"

namespace tickcast::store {

/// Takes what lanes bring into memory and into the change that is about to be written.
///
/// Thread: who holds core::writing.
class intake {
public:
  /// What is known of one lane.
  struct source {
    std::shared_ptr<store::lane> from;
    std::vector<symbol_memory*> symbols;  ///< by the lane's numbers
  };

  explicit intake(core& of) : core_(of) {}

  /// Takes what the lane has committed; blocks that become full are finished.
  void take(source& lane, std::size_t lane_number, change& into);
  /// Finishes blocks that have waited long enough, or whose rows keep the journal too long.
  void seal_waiting(change& into);
  void seal_all(change& into);
  /// After the last lane: late rows, cancels and corrections, the journal record, what bars count.
  void finish(change& into);
  /// All changes up to this record, the last one, are in the database.
  void written(std::uint64_t record);
  /// A change was lost: what is told only once is told again with the next one.
  void tell_all_again();
  /// The symbols are others: those of the sources are looked up by name.
  void move_to(symbol_directory& symbols, std::vector<source>& sources);
  /// Takes over what another memory of the symbol knows of cancels and corrections; written with the next
  /// change.
  void move_amendments(const symbol_memory& from, symbol_memory& to);
  /// Makes every bar series' counts part of the change; also done now and then.
  void tell_bar_counts(change& into);

private:
  void take_row(source& lane, std::size_t lane_number, const word* row, change& into);
  template <class Row>
  void take_tick(symbol_memory& symbol, const word* row, change& into);
  template <class Row>
  std::size_t full_block(const symbol_memory& symbol, const tick_series<Row>& series) const;
  void take_amendment(symbol_memory& symbol, const word* row);
  void take_bar(symbol_memory& symbol, const word* row, change& into);
  void start_bars(symbol_memory& symbol, const std::string& interval, bar_series& series);
  void put_bar(symbol_memory& symbol, const std::string& interval, bar_series& series,
               const protocol::bar& value, std::string_view encoded, change& into);
  void take_checkpoint(symbol_memory& symbol, const word* row, change& into);
  void take_offset(std::size_t lane_number, const word* row, change& into);
  void take_losses(source& lane, change& into);
  void note_in_journal(symbol_memory& symbol, const word* row);
  template <class Row>
  void write_late(symbol_memory& symbol, change& into);
  void seal(const journal_book::need& which, change& into);

  core& core_;
  journal_record journal_;
  std::uint64_t trades_ = 0;  // not in the counters yet: adding there costs more than the rest of a row
  std::uint64_t quotes_ = 0;
  std::set<std::pair<symbol_memory*, data_kind>> late_;          // of this change
  std::set<std::pair<symbol_memory*, data_kind>> unsaved_late_;  // in memory until the database has them
  std::set<symbol_memory*> amended_;
  std::set<std::pair<symbol_memory*, const std::string*>> counted_bars_;  // their states are to be written
  std::int64_t bar_counts_told_ns_ = 0;
  std::map<std::string, std::map<std::size_t, std::uint64_t>, std::less<>> offsets_;  // feed, lane -> seq
};

}  // namespace tickcast::store
