#pragma once
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.hpp"
#include "protocol/market.hpp"
#include "store/condition.hpp"
#include "store/lane.hpp"
#include "store/recovery.hpp"
#include "store/settings.hpp"
#include "store/tier.hpp"

namespace tickcast::store {

/// Whether a sync waits for the disk itself or only for the database, which survives the process but not the
/// machine.
enum class durability : std::uint8_t { process, machine };

/// History: what producers append through lanes is written by one thread to memory and to a database in a
/// directory, and read back by anybody. README.md tells how it works.
///
/// Rows can be read `settings.flush` after they were committed. Nothing that fails on the disk stops it: see
/// condition().
class tick_store final : public tier {
public:
  /// Opens the database, or makes it. A directory that cannot be used makes the condition `failing`, not an
  /// exception: the store then keeps what it can in memory, goes on trying, and puts it into the database
  /// when that opens. Throws std::invalid_argument for settings that make no sense.
  explicit tick_store(settings with);
  /// As close().
  ~tick_store() override;

  /// A lane for one producer; lives as long as the store.
  std::shared_ptr<lane> open_lane();

  /// What was in the database when it was opened; nothing without one. Consume it before new rows of the same
  /// symbols are appended. Error: storage.
  protocol::expected<recovery> recovered() const;

  using sync_done = std::function<void(const protocol::expected<void>&)>;
  /// Calls `done` on the writer's thread once all that was committed before is in the database, or with the
  /// error that kept it out of it for now. Without a directory: once it is in memory. After close(): error.
  void sync(sync_done done, durability until = durability::process);
  std::future<protocol::expected<void>> sync(durability until = durability::process);

  /// Writes everything that was committed, blocks and all, so that the journal is empty, and ends the
  /// threads. Lanes take rows but nobody reads them any more; reads go on. Error: storage, the rows are then
  /// as after a crash.
  protocol::expected<void> close();

  // Reading: see history.hpp and tier.hpp.
  protocol::expected<std::vector<protocol::trade>> trades(std::string_view symbol,
                                                          const range& which) const override;
  protocol::expected<std::vector<protocol::quote>> quotes(std::string_view symbol,
                                                          const range& which) const override;
  protocol::expected<std::vector<protocol::bar>> bars(std::string_view interval, std::string_view symbol,
                                                      const range& which) const override;
  std::vector<std::string> symbols() const override;
  std::vector<std::string> intervals(std::string_view symbol) const override;
  std::int64_t complete_from_ns(data_kind kind, std::string_view symbol,
                                std::string_view interval) const override;
  /// The last bytes a lane gave under this key, as they were flushed.
  std::optional<std::string> state(std::string_view key) const;
  /// Where rows of a symbol are missing between from_ns and to_ns, oldest first.
  std::vector<hole> holes(data_kind kind, std::string_view symbol, std::int64_t from_ns,
                          std::int64_t to_ns) const;

  /// Bulk loads, at any time range, beside live writes; the number of rows that were new. What is there
  /// already stays: a row with an id by (time, id), one without as often as the more frequent of the two
  /// sides has it; a bar with a higher revision. Rows come in any order and become readable, and durable as
  /// with sync(), before the call returns. An import that fails midway has brought whole pieces, oldest
  /// first, and can be repeated. Waits for the disk. Errors: storage; bad_field for a name that is no symbol
  /// or no interval.
  protocol::expected<std::size_t> merge_trades(std::string_view symbol,
                                               std::span<const protocol::trade> rows);
  protocol::expected<std::size_t> merge_quotes(std::string_view symbol,
                                               std::span<const protocol::quote> rows);
  protocol::expected<std::size_t> merge_bars(std::string_view interval, std::string_view symbol,
                                             std::span<const protocol::bar> rows);

  /// What may change while it runs.
  void set_flush(std::chrono::milliseconds every);
  void set_kept(const retentions& kept);

  /// Rewrites the database as small as it gets, beside everything else: after large imports. Takes its time,
  /// about a second for 50 MB. Error: storage.
  protocol::expected<void> compact();

  struct condition condition() const;
  figures read_figures() const;

  // For owners without threads (settings.threads), on one thread.

  /// One turn of the writer: drains the lanes and writes.
  void turn();
  /// One round of retention.
  void clean();

private:
  class parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace tickcast::store
