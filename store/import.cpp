#include "store/import.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "store/bar_codec.hpp"
#include "store/merge.hpp"
#include "store/reading.hpp"

namespace tickcast::store {
namespace {

// Rows and bars of a piece; the writer waits for one.
constexpr std::size_t rows_of_piece = 8192;
constexpr std::size_t bars_of_piece = 1024;

constexpr auto by_time = [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; };

template <class Row>
using blocks_of = std::deque<std::shared_ptr<const sealed_block>>;

// The stored blocks that rows from `first_ns` on meet, and until when they may be taken together.
struct meeting {
  std::vector<block_key> keys;
  std::vector<std::string> blocks;
  std::size_t bytes = 0;
};

// The first rows, at most `most` but all of the last one's time, up to and including until_ns.
template <class Row>
std::span<const Row> take_until(std::span<const Row>& from, std::int64_t until_ns, std::size_t most) {
  std::size_t count = 0;
  while (count < from.size() && from[count].time_ns <= until_ns &&
         (count < most || from[count].time_ns == from[count - 1].time_ns))
    ++count;
  const auto taken = from.first(count);
  from = from.subspan(count);
  return taken;
}

// Until when the rows that begin at first_ns meet one block, or none: its end, or what is before the next
// one.
protocol::expected<std::int64_t> end_of_neighbourhood(database::walk& walk, symbol_id id,
                                                      std::int64_t first_ns) {
  walk->SeekForPrev(key_of_block(id, {first_ns, ~std::uint32_t{0}}));
  if (walk.valid()) {
    const auto span = read_span(walk.value());
    if (!span) return protocol::unexpected(span.error());
    if (span->last_ns >= first_ns) return span->last_ns;
    walk->Next();
  } else {
    walk->SeekToFirst();
  }
  if (!walk.valid()) return std::numeric_limits<std::int64_t>::max();
  return block_key_in(walk.key()).first_ns - 1;
}

protocol::expected<meeting> blocks_between(database::walk& walk, symbol_id id, std::int64_t first_ns,
                                           std::int64_t last_ns) {
  meeting found;
  walk->SeekForPrev(key_of_block(id, {last_ns, ~std::uint32_t{0}}));
  for (; walk.valid(); walk->Prev()) {
    const auto span = read_span(walk.value());
    if (!span) return protocol::unexpected(span.error());
    if (span->last_ns < first_ns) break;
    found.keys.push_back(block_key_in(walk.key()));
    found.blocks.emplace_back(walk.value());
    found.bytes += walk.value().size();
  }
  std::reverse(found.keys.begin(), found.keys.end());
  std::reverse(found.blocks.begin(), found.blocks.end());
  if (const auto done = walk.outcome(); !done) return protocol::unexpected(done.error());
  return found;
}

template <class Row>
std::vector<Row> merged(std::vector<Row> present, std::vector<Row> brought) {
  const auto middle = static_cast<std::ptrdiff_t>(present.size());
  present.insert(present.end(), std::make_move_iterator(brought.begin()),
                 std::make_move_iterator(brought.end()));
  std::inplace_merge(present.begin(), present.begin() + middle, present.end(), by_time);
  return present;
}

// Blocks for the place of those at `before` (or of none). They must not take a key of a block outside: the
// first keeps the key of the first before, and none begins at the last time, where the next block may begin.
template <class Row>
std::deque<std::shared_ptr<const sealed_block>> blocks_for(std::span<const Row> rows, const meeting& before,
                                                           std::size_t block_rows) {
  const auto last_ns = rows.back().time_ns;
  std::deque<std::shared_ptr<const sealed_block>> made;
  while (!rows.empty()) {
    auto count = std::min(block_rows, rows.size());
    if (count < rows.size() && rows[count].time_ns == last_ns) count = rows.size();
    const auto piece = rows.first(count);
    rows = rows.subspan(count);
    block_key key{piece.front().time_ns, 0};
    if (!made.empty() && made.back()->key.first_ns == key.first_ns)
      key.serial = made.back()->key.serial + 1;
    else if (made.empty() && !before.keys.empty() && before.keys.front().first_ns == key.first_ns)
      key = before.keys.front();
    made.push_back(std::make_shared<const sealed_block>(
        sealed_block{key,
                     {key.first_ns, piece.back().time_ns, static_cast<std::uint32_t>(piece.size())},
                     encode_block(piece)}));
  }
  return made;
}

template <class Row>
protocol::expected<std::size_t> merge_in_memory(core& into, symbol_memory& symbol,
                                                std::span<const Row>& rows) {
  change unused;
  auto& series = symbol.ticks<Row>();
  if (series.has_open()) into.seal<Row>(symbol, unused, true);
  std::lock_guard lock(symbol.mutex);
  const auto before = series.bytes();
  if (series.late_rows() > 0)
    if (const auto done = series.fold_late(into.with.block_rows); !done)
      return protocol::unexpected(done.error());
  const auto piece = take_until(rows, std::numeric_limits<std::int64_t>::max(), rows_of_piece);
  blocks_of<Row> kept;
  blocks_of<Row> after;
  std::vector<Row> present;
  for (const auto& block : series.sealed()) {
    if (block->span.last_ns < piece.front().time_ns) {
      kept.push_back(block);
    } else if (block->span.first_ns > piece.back().time_ns) {
      after.push_back(block);
    } else if (const auto done = decode_block(block->bytes, present); !done) {
      return protocol::unexpected(done.error());
    }
  }
  auto brought = what_is_new(piece, std::span<const Row>(present));
  const auto count = brought.size();
  if (count == 0) return 0;
  const auto all = merged(std::move(present), std::move(brought));
  auto& state = series.state();
  for (const auto& block : cut_into_blocks(std::span<const Row>(all), into.with.block_rows)) {
    into.units.push_back({into.record, into.now_ns(), &symbol, tick_series<Row>::kind, block->key, nullptr});
    kept.push_back(block);
  }
  kept.insert(kept.end(), after.begin(), after.end());
  state.has_blocks = true;
  state.end_ns = kept.back()->span.last_ns;
  state.newest_ns = std::max(state.newest_ns, all.back().time_ns);
  state.oldest_ns = std::min(state.oldest_ns, all.front().time_ns);
  series.replace_sealed(std::move(kept));
  into.counts.memory_bytes += series.bytes() - before;
  return count;
}

template <class Row>
protocol::expected<void> write_piece(core& into, outbox& way, symbol_memory& symbol, const meeting& met,
                                     std::span<const Row> all) {
  constexpr auto kind = tick_series<Row>::kind;
  auto& series = symbol.ticks<Row>();
  auto to_write = into.begin_change();
  for (const auto& key : met.keys) to_write.db()->remove_block(kind, key_of_block(symbol.id, key));
  const auto blocks = blocks_for(all, met, into.with.block_rows);
  auto state = series.state();
  state.bytes -= met.bytes;
  for (const auto& block : blocks) {
    to_write.db()->put_block(kind, key_of_block(symbol.id, block->key), block->bytes);
    state.bytes += block->bytes.size();
  }
  const bool has_last = !state.has_blocks || blocks.back()->key > state.last ||
                        (!met.keys.empty() && met.keys.back() == state.last);
  if (has_last) {
    state.last = blocks.back()->key;
    state.end_ns = all.back().time_ns;
  }
  state.has_blocks = true;
  state.newest_ns = std::max(state.newest_ns, all.back().time_ns);
  state.oldest_ns = std::min(state.oldest_ns, all.front().time_ns);
  state.written_ns = into.now_ns();
  to_write.db()->put_note(note_key(note_of(kind), symbol.id), encode(state));
  // Together for readers: what memory has of these rows, and the database.
  std::lock_guard lock(symbol.mutex);
  if (const auto done = way.write_or_refuse(to_write, false); !done)
    return protocol::unexpected(done.error());
  into.counts.disk_bytes(kind) += state.bytes - series.state().bytes;
  series.state() = state;
  if (!series.sealed().empty() && all.back().time_ns >= series.sealed().front()->span.first_ns) {
    const auto before = series.bytes();
    series.drop_sealed();
    into.counts.memory_bytes += series.bytes() - before;
  }
  return {};
}

}  // namespace

template <class Row>
protocol::expected<std::size_t> merge_piece(core& into, outbox& way, symbol_memory& symbol,
                                            std::span<const Row>& rows) {
  if (!into.is_attached()) return merge_in_memory(into, symbol, rows);
  const auto db = into.db();
  if (const auto can = way.check(); !can) return protocol::unexpected(can.error());
  constexpr auto kind = tick_series<Row>::kind;
  auto& series = symbol.ticks<Row>();
  auto walk =
      db->blocks(kind, key_of_block(symbol.id, {}),
                 key_of_block(symbol.id, {std::numeric_limits<std::int64_t>::max(), ~std::uint32_t{0}}));
  const auto until = end_of_neighbourhood(walk, symbol.id, rows.front().time_ns);
  if (!until) return protocol::unexpected(until.error());
  auto rest = rows;
  auto piece = take_until(rest, *until, rows_of_piece);
  // Rows among or after the open block's: it is finished first, and becomes one of the blocks to meet.
  if (series.has_open() && piece.back().time_ns >= series.state().end_ns) {
    auto finished = into.begin_change();
    into.seal<Row>(symbol, finished, true);
    if (const auto done = way.deliver(std::move(finished), false); !done)
      return protocol::unexpected(done.error());
    return merge_piece(into, way, symbol, rows);
  }
  const auto met = blocks_between(walk, symbol.id, piece.front().time_ns, piece.back().time_ns);
  if (!met) return protocol::unexpected(met.error());
  std::vector<Row> present;
  for (const auto& block : met->blocks)
    if (const auto done = decode_block(block, present); !done) return protocol::unexpected(done.error());
  auto late = read_late<Row>(*db, symbol.id, piece.front().time_ns, piece.back().time_ns + 1,
                             ~std::uint64_t{0}, nullptr);
  if (!late) return protocol::unexpected(late.error());
  auto brought = late->empty() ? what_is_new(piece, std::span<const Row>(present))
                               : what_is_new(piece, std::span<const Row>(merged(present, std::move(*late))));
  const auto count = brought.size();
  if (count > 0) {
    const auto all = merged(std::move(present), std::move(brought));
    if (const auto done = write_piece(into, way, symbol, *met, std::span<const Row>(all)); !done)
      return protocol::unexpected(done.error());
  }
  rows = rest;
  return count;
}

template <class Row>
protocol::expected<std::size_t> merge_ticks(core& into, outbox& way, std::string_view symbol,
                                            std::span<const Row> given) {
  std::vector<Row> sorted(given.begin(), given.end());
  std::stable_sort(sorted.begin(), sorted.end(), by_time);
  std::size_t count = 0;
  for (std::span<const Row> rest(sorted); !rest.empty();) {
    std::lock_guard lock(into.writing);
    const auto brought = merge_piece(into, way, into.symbols()->find_or_add(symbol), rest);
    if (!brought) return brought;
    into.counts.imported += *brought;
    count += *brought;
  }
  return count;
}

namespace {

// Whether the stored bar of the same time must stay, or is the same already.
bool must_stay(const protocol::bar& stored, const protocol::bar& brought) {
  return stored.rev > brought.rev || stored == brought;
}

struct bar_piece {
  core& into;
  symbol_memory& symbol;
  const std::string& interval;
  bar_series& series;
  change to_write;
  std::vector<protocol::bar> brought;
  bar_series_state state;

  protocol::expected<void> add(protocol::bar value) {
    value.closed = true;
    std::string encoded;
    encode(value, encoded);
    const auto key = key_of_bar(symbol.id, interval, value.time_ns);
    bool is_new = true;
    if (const auto db = into.db()) {
      const auto stored = db->bar(key);
      if (!stored) return protocol::unexpected(stored.error());
      is_new = !*stored;
      if (*stored) {
        const auto present = decode_bar(**stored);
        if (!present) return protocol::unexpected(present.error());
        if (must_stay(*present, value)) return {};
      }
      to_write.db()->put_bar(key, encoded);
    } else {
      const auto present = series.view({value.time_ns, value.time_ns + 1, 1, keep::newest});
      if (!present.empty() && must_stay(present.front(), value)) return {};
    }
    if (is_new) {
      state.rows += 1;
      state.bytes += key.size() + encoded.size();
    }
    brought.push_back(value);
    return {};
  }
};

}  // namespace

protocol::expected<std::size_t> merge_bar_piece(core& into, outbox& way, symbol_memory& symbol,
                                                std::string_view interval,
                                                std::span<const protocol::bar> rows) {
  if (into.is_attached())
    if (const auto can = way.check(); !can) return protocol::unexpected(can.error());
  auto found = symbol.bars.find(interval);
  if (found == symbol.bars.end()) {
    std::lock_guard lock(symbol.mutex);
    found = symbol.bars.try_emplace(std::string(interval)).first;
    found->second.set_complete_from(std::numeric_limits<std::int64_t>::min());
  }
  auto& series = found->second;
  bar_piece piece{into, symbol, found->first, series, into.begin_change(), {}, series.state()};
  for (const auto& value : rows)
    if (const auto done = piece.add(value); !done) return protocol::unexpected(done.error());
  if (piece.brought.empty()) return 0;
  piece.state.written_ns = into.now_ns();
  if (auto* db = piece.to_write.db())
    db->put_note(note_key(note_kind::bars, symbol.id, interval), encode(piece.state));
  std::lock_guard lock(symbol.mutex);
  if (piece.to_write.db())
    if (const auto done = way.write_or_refuse(piece.to_write, false); !done)
      return protocol::unexpected(done.error());
  into.counts.bar_bytes += piece.state.bytes - series.state().bytes;
  series.state() = piece.state;
  const auto before = series.bytes();
  for (const auto& value : piece.brought) {
    if (series.put(value) != bar_series::put_as::fresh || series.bars().size() % core::bars_of_unit != 0)
      continue;
    into.units.push_back({into.record, into.now_ns(), &symbol, data_kind::bar, {}, &found->first});
  }
  into.counts.memory_bytes += series.bytes() - before;
  into.counts.imported += piece.brought.size();
  return piece.brought.size();
}

protocol::expected<std::size_t> merge_bars(core& into, outbox& way, std::string_view interval,
                                           std::string_view symbol, std::span<const protocol::bar> rows) {
  // Of several of one time the one with the highest revision, the last of those.
  std::vector<protocol::bar> sorted;
  std::vector<protocol::bar> all(rows.begin(), rows.end());
  std::stable_sort(all.begin(), all.end(), by_time);
  for (const auto& each : all) {
    if (sorted.empty() || sorted.back().time_ns != each.time_ns)
      sorted.push_back(each);
    else if (each.rev >= sorted.back().rev)
      sorted.back() = each;
  }
  std::size_t count = 0;
  for (std::span<const protocol::bar> rest(sorted); !rest.empty();) {
    const auto piece = rest.first(std::min(bars_of_piece, rest.size()));
    rest = rest.subspan(piece.size());
    std::lock_guard lock(into.writing);
    const auto brought = merge_bar_piece(into, way, into.symbols()->find_or_add(symbol), interval, piece);
    if (!brought) return brought;
    count += *brought;
  }
  return count;
}

template protocol::expected<std::size_t> merge_piece(core&, outbox&, symbol_memory&,
                                                     std::span<const protocol::trade>&);
template protocol::expected<std::size_t> merge_piece(core&, outbox&, symbol_memory&,
                                                     std::span<const protocol::quote>&);
template protocol::expected<std::size_t> merge_ticks(core&, outbox&, std::string_view,
                                                     std::span<const protocol::trade>);
template protocol::expected<std::size_t> merge_ticks(core&, outbox&, std::string_view,
                                                     std::span<const protocol::quote>);

}  // namespace tickcast::store
