#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "store/condition.hpp"
#include "store/database.hpp"
#include "store/journal_book.hpp"
#include "store/settings.hpp"
#include "store/symbol_memory.hpp"

namespace tickcast::store {

/// What will be written to the database together. Without a database it only counts.
struct change {
  std::optional<batch> to_database;
  std::set<std::pair<symbol_memory*, data_kind>> series;  ///< whose state has changed
  std::set<std::pair<symbol_memory*, data_kind>> holes;   ///< whose holes have changed
  struct block {
    symbol_memory* symbol;
    data_kind kind;
    hole span;
  };
  std::vector<block> blocks;  ///< lost when the change is
  std::uint64_t bars = 0;

  batch* db() noexcept { return to_database ? &*to_database : nullptr; }
};

/// Written by whoever holds core::writing, read by anybody.
struct counters {
  std::atomic<std::uint64_t> trades{0}, quotes{0}, bars{0}, amendments{0}, late{0}, unnamed{0}, imported{0};
  std::atomic<std::uint64_t> flushes{0}, failed_flushes{0}, lost_rows{0}, blocks{0}, written_bytes{0},
      deleted_rows{0};
  std::atomic<std::int64_t> last_flush_us{0}, longest_flush_us{0}, writer_cpu_us{0};
  std::atomic<std::uint64_t> backlog_bytes{0}, memory_bytes{0}, journal_bytes{0};
  std::atomic<std::uint64_t> trade_bytes{0}, quote_bytes{0}, bar_bytes{0};

  std::atomic<std::uint64_t>& disk_bytes(data_kind kind) noexcept {
    return kind == data_kind::trade ? trade_bytes : kind == data_kind::quote ? quote_bytes : bar_bytes;
  }
};

/// What the writer, imports, retention and reads have in common.
class core {
public:
  explicit core(settings with);

  const settings with;
  std::int64_t now_ns() const { return with.now_ns(); }
  retentions kept() const;
  void set_kept(const retentions& kept);

  /// Null: memory alone, or not open now.
  std::shared_ptr<database> db() const;
  std::shared_ptr<symbol_directory> symbols() const;
  /// Both at once, so that no read mixes old and new.
  std::pair<std::shared_ptr<database>, std::shared_ptr<symbol_directory>> view() const;
  void replace(std::shared_ptr<database> db, std::shared_ptr<symbol_directory> symbols);
  bool wants_database() const noexcept { return !with.directory.empty(); }
  std::string database_directory() const;
  /// What is in memory belongs to the database: it has been opened once.
  bool is_attached() const noexcept { return attached_.load(std::memory_order_relaxed); }
  /// After a failure: closes the database and opens it again, when `bytes` can be written then. Reads that
  /// come meanwhile wait; those that go on for long put it off. For who holds `writing`. Error: storage.
  protocol::expected<void> reopen(std::size_t bytes);

  struct condition condition() const;
  void set_condition(condition::state is, std::string why);

  std::optional<std::string> state(std::string_view key) const;
  void set_state(std::string_view key, std::string_view bytes);
  std::map<std::string, std::string, std::less<>> states() const;
  void clear_states();

  counters counts;

  /// Held by whoever changes rows or writes to the database: the writer for a turn, an import for a piece,
  /// retention for a few blocks. What follows belongs to its holder.
  std::mutex writing;
  std::uint64_t record = 1;  ///< of the journal, the next to be written
  journal_book journal;

  change begin_change() const;
  /// Finishes a series' open block, which must have rows.
  template <class Row>
  void seal(symbol_memory& symbol, change& into, bool join_short);
  /// Rows of a symbol are missing.
  void tell_hole(symbol_memory& symbol, data_kind kind, const hole& made, change& into);
  /// Rows after the symbol's checkpoint will not come back from the journal.
  void break_journal_of(symbol_memory& symbol, change& into);
  /// Puts what a change knows by name (states of series, holes) into its batch; the last thing before it is
  /// written.
  void complete(change& of) const;

  /// Memory that may be given back, oldest first.
  struct unit {
    std::uint64_t record;
    std::int64_t arrived_ns;
    symbol_memory* symbol;
    data_kind kind;
    block_key key;                ///< trades and quotes: blocks up to this one
    const std::string* interval;  ///< bars: the next bars_of_unit of them
  };
  static constexpr std::size_t bars_of_unit = 64;
  std::deque<unit> units;

private:
  mutable std::mutex shared_;  // of what follows
  std::shared_ptr<database> db_;
  std::atomic<bool> attached_{false};
  bool reopening_ = false;
  mutable std::condition_variable reopened_;
  std::shared_ptr<symbol_directory> symbols_ = std::make_shared<symbol_directory>();
  std::map<std::string, std::string, std::less<>> states_;
  struct condition condition_;
  retentions kept_;
};

/// The note that holds the state of a series.
inline note_kind note_of(data_kind kind) noexcept {
  return kind == data_kind::trade ? note_kind::trades : note_kind::quotes;
}

extern template void core::seal<protocol::trade>(symbol_memory&, change&, bool);
extern template void core::seal<protocol::quote>(symbol_memory&, change&, bool);

}  // namespace tickcast::store
