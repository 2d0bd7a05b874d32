#include "store/reading.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "store/bar_codec.hpp"

namespace tickcast::store {
namespace {

constexpr auto by_time = [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; };

// Rows of a range from one end of it until there are enough; they come run by run, each ascending.
template <class Row>
class gathering {
public:
  gathering(const range& which, shared_amendments amended) : which_(which), amended_(std::move(amended)) {}

  bool full() const noexcept { return count_ >= which_.limit; }
  void add(std::vector<Row> run) {
    std::erase_if(run, [&](Row& row) { return !stands(row); });
    count_ += run.size();
    runs_.push_back(std::move(run));
  }
  protocol::expected<void> add_block(std::string_view bytes) {
    std::vector<Row> run;
    if (const auto done = decode_block(bytes, run); !done) return done;
    add(std::move(run));
    return {};
  }
  std::vector<Row> ascending() {
    if (which_.which == keep::newest) std::reverse(runs_.begin(), runs_.end());
    std::vector<Row> rows;
    rows.reserve(count_);
    for (auto& run : runs_)
      rows.insert(rows.end(), std::make_move_iterator(run.begin()), std::make_move_iterator(run.end()));
    return rows;
  }

private:
  bool stands(Row& row) const {
    if (row.time_ns < which_.from_ns || row.time_ns >= which_.to_ns) return false;
    if constexpr (std::is_same_v<Row, protocol::trade>) return !amended_ || amended_->apply(row);
    return true;
  }

  const range which_;
  const shared_amendments amended_;
  std::vector<std::vector<Row>> runs_;
  std::size_t count_ = 0;
};

template <class Row>
void cut(std::vector<Row>& rows, const range& which) {
  if (rows.size() <= which.limit) return;
  if (which.which == keep::newest)
    rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(which.limit));
  else
    rows.resize(which.limit);
}

template <class Row>
struct seen_in_memory {
  tick_view<Row> ticks;
  shared_amendments amended;
  std::optional<database::snapshot> as_of;
};

// Blocks of the database below `before`, from the newest backwards.
template <class Row>
protocol::expected<void> add_newest(const database& db, symbol_id id, const range& which, block_key before,
                                    const database::snapshot* as_of, gathering<Row>& to) {
  const auto end = std::min(before, block_key{which.to_ns, 0});
  auto walk = db.blocks(tick_series<Row>::kind, key_of_block(id, {}), key_of_block(id, end), as_of);
  for (walk->SeekToLast(); walk.valid() && !to.full(); walk->Prev()) {
    const auto span = read_span(walk.value());
    if (!span) return protocol::unexpected(span.error());
    if (span->last_ns < which.from_ns) break;
    if (const auto done = to.add_block(walk.value()); !done) return done;
  }
  return walk.outcome();
}

// The same from the oldest on.
template <class Row>
protocol::expected<void> add_oldest(const database& db, symbol_id id, const range& which, block_key before,
                                    const database::snapshot* as_of, gathering<Row>& to) {
  const auto end = std::min(before, block_key{which.to_ns, 0});
  auto walk = db.blocks(tick_series<Row>::kind, key_of_block(id, {}), key_of_block(id, end), as_of);
  // The block that begins before the range may reach into it.
  walk->SeekForPrev(key_of_block(id, {which.from_ns, 0}));
  if (!walk.valid()) walk->SeekToFirst();
  for (; walk.valid() && !to.full(); walk->Next())
    if (const auto done = to.add_block(walk.value()); !done) return done;
  return walk.outcome();
}

// Where late rows can matter: where a full answer ends they cannot.
template <class Row>
range narrowed(const range& which, const std::vector<Row>& rows, bool full) {
  auto rest = which;
  if (!full || rows.empty()) return rest;
  if (which.which == keep::newest)
    rest.from_ns = std::max(rest.from_ns, rows.front().time_ns);
  else
    rest.to_ns = std::min(rest.to_ns, rows.back().time_ns);
  return rest;
}

template <class Row>
protocol::expected<void> add_late(const database* db, symbol_id id, const range& which,
                                  seen_in_memory<Row>& seen, bool full, std::vector<Row>& rows) {
  const auto where = narrowed(which, rows, full);
  gathering<Row> late({where.from_ns, where.to_ns, std::numeric_limits<std::size_t>::max(), keep::oldest},
                      seen.amended);
  if (db && seen.as_of && where.from_ns <= seen.ticks.late_until_ns) {
    auto stored = read_late<Row>(*db, id, where.from_ns, where.to_ns, seen.ticks.late_before, &*seen.as_of);
    if (!stored) return protocol::unexpected(stored.error());
    late.add(std::move(*stored));
  }
  late.add(std::move(seen.ticks.late));
  auto all = late.ascending();
  if (all.empty()) return {};
  std::stable_sort(all.begin(), all.end(), by_time);
  const auto middle = static_cast<std::ptrdiff_t>(rows.size());
  rows.insert(rows.end(), std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()));
  std::inplace_merge(rows.begin(), rows.begin() + middle, rows.end(), by_time);
  return {};
}

}  // namespace

template <class Row>
protocol::expected<std::vector<Row>> read_late(const database& db, symbol_id id, std::int64_t from_ns,
                                               std::int64_t to_ns, std::uint64_t before_record,
                                               const database::snapshot* as_of) {
  std::vector<std::pair<std::uint64_t, std::string>> blocks;
  auto walk = db.blocks(tick_series<Row>::kind, key_of_late(id, start_of_late_span(from_ns), 0, 0),
                        key_of_late(id, to_ns, 0, 0), as_of);
  for (walk->SeekToFirst(); walk.valid(); walk->Next())
    if (const auto record = record_in_late(walk.key()); record < before_record)
      blocks.emplace_back(record, walk.value());
  if (const auto done = walk.outcome(); !done) return protocol::unexpected(done.error());
  std::stable_sort(blocks.begin(), blocks.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Row> rows;
  for (const auto& block : blocks)
    if (const auto done = decode_block(block.second, rows); !done) return protocol::unexpected(done.error());
  std::erase_if(rows, [&](const Row& row) { return row.time_ns < from_ns || row.time_ns >= to_ns; });
  std::stable_sort(rows.begin(), rows.end(), by_time);
  return rows;
}

template <class Row>
protocol::expected<std::vector<Row>> read_ticks(const core& of, std::string_view symbol, const range& which) {
  const auto [held, symbols] = of.view();
  const auto& db = held;
  const auto* memory = symbols->find(symbol);
  if (!memory || which.limit == 0 || which.from_ns >= which.to_ns) return std::vector<Row>();
  seen_in_memory<Row> seen;
  {
    std::lock_guard lock(memory->mutex);
    seen.amended = memory->amended;
    seen.ticks = memory->ticks<Row>().view(which, seen.amended ? seen.amended->all().size() : 0);
    if (db) seen.as_of.emplace(*db);
  }
  gathering<Row> found(which, seen.amended);
  const bool newest = which.which == keep::newest;
  const auto add_memory = [&]() -> protocol::expected<void> {
    if (newest) found.add(std::move(seen.ticks.open));
    if (newest) std::reverse(seen.ticks.blocks.begin(), seen.ticks.blocks.end());
    for (const auto& block : seen.ticks.blocks)
      if (!found.full())
        if (const auto done = found.add_block(block->bytes); !done) return done;
    if (!newest) found.add(std::move(seen.ticks.open));
    return {};
  };
  const auto add_database = [&]() -> protocol::expected<void> {
    if (!db || found.full() || seen.ticks.before == block_key{}) return {};
    return newest ? add_newest(*db, memory->id, which, seen.ticks.before, &*seen.as_of, found)
                  : add_oldest(*db, memory->id, which, seen.ticks.before, &*seen.as_of, found);
  };
  if (const auto done = newest ? add_memory() : add_database(); !done)
    return protocol::unexpected(done.error());
  if (const auto done = newest ? add_database() : add_memory(); !done)
    return protocol::unexpected(done.error());
  const bool full = found.full();
  auto rows = found.ascending();
  cut(rows, which);
  if (const auto done = add_late(db.get(), memory->id, which, seen, full, rows); !done)
    return protocol::unexpected(done.error());
  cut(rows, which);
  return rows;
}

protocol::expected<std::vector<protocol::bar>> read_bars(const core& of, std::string_view interval,
                                                         std::string_view symbol, const range& which) {
  const auto [held, symbols] = of.view();
  const auto& db = held;
  const auto* memory = symbols->find(symbol);
  std::vector<protocol::bar> bars;
  if (!memory || which.limit == 0 || which.from_ns >= which.to_ns) return bars;
  std::int64_t below_ns = std::numeric_limits<std::int64_t>::max();
  std::optional<database::snapshot> as_of;
  {
    std::lock_guard lock(memory->mutex);
    const auto found = memory->bars.find(interval);
    if (found == memory->bars.end()) return bars;
    bars = found->second.view(which);
    below_ns = found->second.complete_from_ns();
    if (db) as_of.emplace(*db);
  }
  const auto newest = which.which == keep::newest;
  if (!db || which.from_ns >= below_ns || (newest && bars.size() >= which.limit)) return bars;
  auto walk = db->bars(key_of_bar(memory->id, interval, which.from_ns),
                       key_of_bar(memory->id, interval, std::min(which.to_ns, below_ns)), &*as_of);
  std::vector<protocol::bar> stored;
  const auto wanted = newest ? which.limit - bars.size() : which.limit;
  for (newest ? walk->SeekToLast() : walk->SeekToFirst(); walk.valid() && stored.size() < wanted;
       newest ? walk->Prev() : walk->Next()) {
    auto value = decode_bar(walk.value());
    if (!value) return protocol::unexpected(value.error());
    stored.push_back(std::move(*value));
  }
  if (const auto done = walk.outcome(); !done) return protocol::unexpected(done.error());
  if (newest) std::reverse(stored.begin(), stored.end());
  stored.insert(stored.end(), bars.begin(), bars.end());
  cut(stored, which);
  return stored;
}

template protocol::expected<std::vector<protocol::trade>> read_ticks(const core&, std::string_view,
                                                                     const range&);
template protocol::expected<std::vector<protocol::quote>> read_ticks(const core&, std::string_view,
                                                                     const range&);
template protocol::expected<std::vector<protocol::trade>> read_late(const database&, symbol_id, std::int64_t,
                                                                    std::int64_t, std::uint64_t,
                                                                    const database::snapshot*);
template protocol::expected<std::vector<protocol::quote>> read_late(const database&, symbol_id, std::int64_t,
                                                                    std::int64_t, std::uint64_t,
                                                                    const database::snapshot*);

}  // namespace tickcast::store
