#include "store/core.hpp"

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "store/bytes.hpp"

namespace tickcast::store {
namespace {

settings checked(settings with) {
  if (with.flush.count() < 1) throw std::invalid_argument("store.flush_ms must be at least 1");
  if (with.block_rows < 2) throw std::invalid_argument("a block of the store needs room for two rows");
  if (!with.now_ns)
    with.now_ns = [] {
      return std::chrono::duration_cast<std::chrono::nanoseconds>(
                 std::chrono::system_clock::now().time_since_epoch())
          .count();
    };
  return with;
}

std::string encode(const std::vector<hole>& holes) {
  std::string bytes;
  protocol::appender out(bytes);
  for (const auto& each : holes) {
    put_number(out, fold(each.from_ns));
    put_number(out, fold(each.to_ns));
    put_number(out, each.rows);
  }
  return bytes;
}

}  // namespace

std::string_view to_string(condition::state state) noexcept {
  switch (state) {
    case condition::state::ok:
      return "ok";
    case condition::state::behind:
      return "behind";
    case condition::state::failing:
      return "failing";
  }
  return "unknown";
}

core::core(settings given) : with(checked(std::move(given))), kept_(with.kept) {
  condition_.since_ns = now_ns();
}

retentions core::kept() const {
  std::lock_guard lock(shared_);
  return kept_;
}

void core::set_kept(const retentions& kept) {
  std::lock_guard lock(shared_);
  kept_ = kept;
}

std::shared_ptr<database> core::db() const {
  std::lock_guard lock(shared_);
  return db_;
}

std::shared_ptr<symbol_directory> core::symbols() const {
  std::lock_guard lock(shared_);
  return symbols_;
}

std::pair<std::shared_ptr<database>, std::shared_ptr<symbol_directory>> core::view() const {
  std::unique_lock lock(shared_);
  reopened_.wait(lock, [&] { return !reopening_; });
  return {db_, symbols_};
}

std::string core::database_directory() const {
  return history_directory(with.directory);
}

protocol::expected<void> core::reopen(std::size_t bytes) {
  if (auto room = database::check_room(database_directory(), bytes); !room) return room;
  std::shared_ptr<database> old;
  {
    std::lock_guard lock(shared_);
    reopening_ = true;
    old = std::move(db_);
    db_.reset();
  }
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (old.use_count() > 1 && std::chrono::steady_clock::now() < patience)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  protocol::expected<void> outcome;
  if (old.use_count() <= 1) {
    old.reset();
    auto opened = database::open(database_directory());
    if (opened)
      old = std::move(*opened);
    else
      outcome = protocol::unexpected(opened.error());
  } else {
    outcome = protocol::unexpected(protocol::error{
        protocol::errc::storage, "the database is to be opened anew, but is still being read"});
  }
  std::lock_guard lock(shared_);
  db_ = std::move(old);
  reopening_ = false;
  reopened_.notify_all();
  return outcome;
}

void core::replace(std::shared_ptr<database> db, std::shared_ptr<symbol_directory> symbols) {
  std::lock_guard lock(shared_);
  db_ = std::move(db);
  attached_.store(db_ != nullptr, std::memory_order_relaxed);
  symbols_ = std::move(symbols);
}

struct condition core::condition() const {
  std::lock_guard lock(shared_);
  return condition_;
}

void core::set_condition(condition::state is, std::string why) {
  std::lock_guard lock(shared_);
  if (condition_.is != is) condition_.since_ns = now_ns();
  condition_.is = is;
  condition_.why = std::move(why);
}

std::optional<std::string> core::state(std::string_view key) const {
  std::lock_guard lock(shared_);
  const auto found = states_.find(key);
  return found == states_.end() ? std::nullopt : std::optional(found->second);
}

void core::set_state(std::string_view key, std::string_view bytes) {
  std::lock_guard lock(shared_);
  if (!bytes.empty())
    states_.insert_or_assign(std::string(key), std::string(bytes));
  else if (const auto found = states_.find(key); found != states_.end())
    states_.erase(found);
}

std::map<std::string, std::string, std::less<>> core::states() const {
  std::lock_guard lock(shared_);
  return states_;
}

void core::clear_states() {
  std::lock_guard lock(shared_);
  states_.clear();
}

change core::begin_change() const {
  change made;
  if (is_attached()) made.to_database.emplace();
  return made;
}

template <class Row>
void core::seal(symbol_memory& symbol, change& into, bool join_short) {
  constexpr auto kind = tick_series<Row>::kind;
  auto& series = symbol.ticks<Row>();
  std::shared_ptr<const sealed_block> block;
  {
    std::lock_guard lock(symbol.mutex);
    const auto memory = series.bytes();
    const auto disk = series.state().bytes;
    block = series.seal(record, join_short ? with.block_rows / 2 : 0, now_ns());
    counts.memory_bytes += series.bytes() - memory;
    if (into.db()) counts.disk_bytes(kind) += series.state().bytes - disk;
  }
  units.push_back({record, now_ns(), &symbol, kind, block->key, nullptr});
  if (!into.db()) return;
  into.db()->put_block(kind, key_of_block(symbol.id, block->key), block->bytes);
  into.series.emplace(&symbol, kind);
  into.blocks.push_back({&symbol, kind, {block->span.first_ns, block->span.last_ns, block->span.rows}});
  counts.blocks += 1;
}

void core::tell_hole(symbol_memory& symbol, data_kind kind, const hole& made, change& into) {
  {
    std::lock_guard lock(symbol.mutex);
    add_hole(symbol.holes[static_cast<std::size_t>(kind)], made);
  }
  into.holes.emplace(&symbol, kind);
}

void core::break_journal_of(symbol_memory& symbol, change& into) {
  symbol.uncovered_from = 0;
  symbol.is_broken = true;
  if (!into.db()) return;
  std::string bytes;
  {
    protocol::appender out(bytes);
    put_number(out, symbol.checkpoint_position);
  }
  into.db()->put_note(note_key(note_kind::broken, symbol.id), bytes);
}

void core::complete(change& of) const {
  if (!of.db()) return;
  for (const auto& [symbol, kind] : of.series)
    of.db()->put_note(note_key(note_of(kind), symbol->id),
                      encode(kind == data_kind::trade ? symbol->trades.state() : symbol->quotes.state()));
  for (const auto& [symbol, kind] : of.holes)
    of.db()->put_note(note_key(note_kind::hole, symbol->id, std::string(1, static_cast<char>(kind))),
                      encode(symbol->holes[static_cast<std::size_t>(kind)]));
}

template void core::seal<protocol::trade>(symbol_memory&, change&, bool);
template void core::seal<protocol::quote>(symbol_memory&, change&, bool);

}  // namespace tickcast::store
