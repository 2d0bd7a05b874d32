#pragma once
#include <cstdint>
#include <deque>
#include <string>

#include "protocol/error.hpp"
#include "store/core.hpp"

namespace tickcast::store {

/// Changes on their way into the database, in order. While it cannot be written they wait here, within a
/// bound; what does not fit is lost to the database, not to memory, and told as holes.
///
/// Thread: who holds core::writing.
class outbox {
public:
  explicit outbox(core& of) : core_(of) {}

  /// Writes the change as the journal record core::record, behind those that wait; then the record is the
  /// next one. Nothing to write: nothing happens. Error: storage; the change then waits, or is lost.
  protocol::expected<void> deliver(change what, bool to_disk);
  /// Writes the change now or not at all: for who can come again. Error: storage.
  protocol::expected<void> write_or_refuse(change& what, bool to_disk);

  bool failing() const noexcept { return failing_; }
  /// Error: storage, while it is failing.
  protocol::expected<void> check() const;
  /// Tries what waits again when it is time.
  protocol::expected<void> retry();
  /// A change was lost since the last call.
  bool take_lost() noexcept { return std::exchange(lost_, false); }
  /// Symbols up to this id are known to the database.
  void names_known(symbol_id last) { names_told_ = last; }

private:
  struct waiting {
    change what;
    std::uint64_t record;
    symbol_id names_before;
    std::size_t bytes;
  };
  void put_names(change& what);
  protocol::expected<void> write(change& what, bool to_disk);
  protocol::expected<void> fail(const protocol::error& why);
  void lose(waiting& what);

  core& core_;
  std::deque<waiting> waiting_;
  std::size_t bytes_ = 0;
  bool failing_ = false;
  bool lost_ = false;
  std::int64_t try_again_ns_ = 0;
  std::string why_;
  symbol_id names_told_ = 0;
  // Told to the database with the next change.
  std::set<std::pair<symbol_memory*, data_kind>> new_holes_;
  std::set<symbol_memory*> broken_;
};

}  // namespace tickcast::store
