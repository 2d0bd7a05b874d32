#include "store/intake.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "store/bar_codec.hpp"

namespace tickcast::store {
namespace {

constexpr std::int64_t bar_counts_every_ns = 60'000'000'000;
// Without a database late rows are folded into the blocks in helpings of this many.
constexpr std::size_t late_rows_in_memory = 1024;

hole span_of(const auto& rows) {
  return {rows.front().time_ns, rows.back().time_ns, rows.size()};
}

}  // namespace

void intake::take(source& lane, std::size_t lane_number, change& into) {
  lane.from->drain(
      [&](std::uint32_t symbol, std::string_view name) {
        if (lane.symbols.size() <= symbol) lane.symbols.resize(std::size_t{symbol} + 1);
        lane.symbols[symbol] = &core_.symbols()->find_or_add(name);
      },
      [&](const word* row) { take_row(lane, lane_number, row, into); });
  take_losses(lane, into);
  core_.counts.trades += std::exchange(trades_, 0);
  core_.counts.quotes += std::exchange(quotes_, 0);
}

void intake::take_row(source& lane, std::size_t lane_number, const word* row, change& into) {
  const auto kind = kind_of(row);
  if (kind == row_kind::offset) return take_offset(lane_number, row, into);
  if (kind == row_kind::state) {
    core_.set_state(first_of(row), second_of(row));
    if (!into.db()) return;
    const auto key = note_key(note_kind::state, first_of(row));
    return second_of(row).empty() ? into.db()->remove_note(key) : into.db()->put_note(key, second_of(row));
  }
  const auto number = symbol_of(row);
  auto* symbol = number < lane.symbols.size() ? lane.symbols[number] : nullptr;
  if (!symbol) {
    core_.counts.unnamed += 1;
    return;
  }
  switch (kind) {
    case row_kind::trade:
      return take_tick<protocol::trade>(*symbol, row, into);
    case row_kind::quote:
      return take_tick<protocol::quote>(*symbol, row, into);
    case row_kind::cancel:
    case row_kind::correct:
      return take_amendment(*symbol, row);
    case row_kind::bar:
      return take_bar(*symbol, row, into);
    default:
      return take_checkpoint(*symbol, row, into);
  }
}

// First blocks end early by another length each: symbols with equally many rows would all fill theirs in one
// turn.
template <class Row>
std::size_t intake::full_block(const symbol_memory& symbol, const tick_series<Row>& series) const {
  const std::size_t rows = core_.with.block_rows;
  return series.state().has_blocks ? rows : rows / 2 + symbol.id % (rows / 2);
}

template <class Row>
void intake::take_tick(symbol_memory& symbol, const word* row, change& into) {
  constexpr auto kind = tick_series<Row>::kind;
  auto& series = symbol.ticks<Row>();
  const auto before = series.bytes();
  auto taken = tick_series<Row>::taken::added;
  {
    std::lock_guard lock(symbol.mutex);
    taken = series.add(row, length_of(row), core_.record);
  }
  if (const auto after = series.bytes(); after != before) core_.counts.memory_bytes += after - before;
  ++(kind == data_kind::trade ? trades_ : quotes_);
  note_in_journal(symbol, row);
  if (taken == tick_series<Row>::taken::opened) {
    core_.journal.add_open(core_.record, symbol, kind, core_.now_ns());
  } else if (taken == tick_series<Row>::taken::late) {
    core_.counts.late += 1;
    late_.emplace(&symbol, kind);
  }
  if (series.open_rows() >= full_block(symbol, series)) core_.seal<Row>(symbol, into, false);
}

void intake::note_in_journal(symbol_memory& symbol, const word* row) {
  if (!core_.is_attached()) return;
  journal_.add(row, symbol.id);
  // What comes after lost rows is of no use before the next checkpoint.
  if (symbol.uncovered_from == 0 && !symbol.is_broken) {
    symbol.uncovered_from = core_.record;
    core_.journal.add_uncovered(core_.record, symbol);
  }
}

void intake::take_amendment(symbol_memory& symbol, const word* row) {
  protocol::trade value;
  unpack(row, value);
  core_.counts.amendments += 1;
  note_in_journal(symbol, row);
  auto key = id_key(value.id);
  if (key.empty()) return;
  symbol.new_amendments.emplace_back(
      std::move(key), amendment{value.time_ns, kind_of(row) == row_kind::cancel, value.price, value.size});
  amended_.insert(&symbol);
}

void intake::take_bar(symbol_memory& symbol, const word* row, change& into) {
  const auto value = decode_bar(second_of(row));
  // The lane encoded it a moment ago.
  if (!value) return;
  core_.counts.bars += 1;
  into.bars += 1;
  const auto interval = first_of(row);
  auto found = symbol.bars.find(interval);
  if (found == symbol.bars.end()) {
    std::lock_guard lock(symbol.mutex);
    found = symbol.bars.try_emplace(std::string(interval)).first;
    found->second.set_complete_from(std::numeric_limits<std::int64_t>::min());
    counted_bars_.emplace(&symbol, &found->first);
    bar_counts_told_ns_ = 0;
  }
  if (!found->second.is_started()) start_bars(symbol, found->first, found->second);
  put_bar(symbol, found->first, found->second, *value, second_of(row), into);
}

// The database may hold bars of this series; memory is complete from the newest of them on.
void intake::start_bars(symbol_memory& symbol, const std::string& interval, bar_series& series) {
  auto from = std::numeric_limits<std::int64_t>::min();
  const auto db = core_.db();
  // While it cannot be read memory stays out of it, and every bar goes to the database unseen.
  if (core_.is_attached() && !db) return;
  if (db) {
    auto walk = db->bars(key_of_bar(symbol.id, interval, from),
                         key_of_bar(symbol.id, interval, std::numeric_limits<std::int64_t>::max()));
    walk->SeekToLast();
    if (walk.valid())
      if (const auto newest = decode_bar(walk.value())) from = newest->time_ns + 1;
  }
  std::lock_guard lock(symbol.mutex);
  series.set_complete_from(from);
}

void intake::put_bar(symbol_memory& symbol, const std::string& interval, bar_series& series,
                     const protocol::bar& value, std::string_view encoded, change& into) {
  const auto before = series.bytes();
  auto as = bar_series::put_as::below;
  {
    std::lock_guard lock(symbol.mutex);
    as = series.put(value);
  }
  core_.counts.memory_bytes += series.bytes() - before;
  if (as == bar_series::put_as::fresh && series.bars().size() % core_.bars_of_unit == 0)
    core_.units.push_back({core_.record, core_.now_ns(), &symbol, data_kind::bar, {}, &interval});
  if (!into.db() || as == bar_series::put_as::outdated) return;
  const auto key = key_of_bar(symbol.id, interval, value.time_ns);
  bool is_new = as == bar_series::put_as::fresh;
  if (as == bar_series::put_as::below) {
    is_new = false;
    if (const auto db = core_.db()) {
      const auto stored = db->bar(key);
      is_new = stored && !*stored;
      if (stored && *stored)
        if (const auto present = decode_bar(**stored); present && present->rev > value.rev) return;
    }
  }
  into.db()->put_bar(key, encoded);
  series.state().written_ns = core_.now_ns();
  if (is_new) {
    series.state().rows += 1;
    series.state().bytes += key.size() + encoded.size();
    core_.counts.bar_bytes += key.size() + encoded.size();
  }
  counted_bars_.emplace(&symbol, &interval);
}

void intake::take_checkpoint(symbol_memory& symbol, const word* row, change& into) {
  symbol.has_checkpoint = true;
  symbol.checkpoint_position = position_of(row);
  symbol.uncovered_from = 0;
  if (!into.db()) return;
  std::string bytes;
  {
    protocol::appender out(bytes);
    put_number(out, position_of(row));
    out.append(second_of(row));
  }
  into.db()->put_note(note_key(note_kind::checkpoint, symbol.id), bytes);
  if (symbol.is_broken) into.db()->remove_note(note_key(note_kind::broken, symbol.id));
  symbol.is_broken = false;
}

void intake::take_offset(std::size_t lane_number, const word* row, change& into) {
  auto found = offsets_.find(first_of(row));
  if (found == offsets_.end()) found = offsets_.try_emplace(std::string(first_of(row))).first;
  auto& of_lanes = found->second;
  of_lanes[lane_number] = position_of(row);
  if (!into.db()) return;
  const auto [lowest, highest] = std::minmax_element(
      of_lanes.begin(), of_lanes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  std::string bytes;
  {
    protocol::appender out(bytes);
    put_number(out, lowest->second);
    put_number(out, highest->second);
  }
  into.db()->put_note(note_key(note_kind::offset, first_of(row)), bytes);
}

void intake::take_losses(source& lane, change& into) {
  for (const auto& lost : lane.from->take_losses()) {
    auto* symbol = lost.symbol < lane.symbols.size() ? lane.symbols[lost.symbol] : nullptr;
    if (!symbol) continue;
    const auto kind = lost.kind == row_kind::quote ? data_kind::quote
                      : lost.kind == row_kind::bar ? data_kind::bar
                                                   : data_kind::trade;
    core_.tell_hole(*symbol, kind, lost.span, into);
    if (kind != data_kind::bar) core_.break_journal_of(*symbol, into);
  }
}

void intake::seal(const journal_book::need& which, change& into) {
  if (which.kind == data_kind::trade)
    core_.seal<protocol::trade>(*which.symbol, into, true);
  else
    core_.seal<protocol::quote>(*which.symbol, into, true);
}

void intake::seal_waiting(change& into) {
  const auto old_ns =
      core_.now_ns() - std::chrono::duration_cast<std::chrono::nanoseconds>(core_.with.block_age).count();
  while (const auto* open = core_.journal.oldest_open()) {
    if (open->arrived_ns > old_ns) break;
    seal(*open, into);
  }
  // Where the journal is longer than its bound, blocks are finished until half of it will do, so that this
  // happens in helpings; what checkpoints still need is kept up to the bound itself.
  const auto bound = core_.with.journal_bytes;
  if (core_.journal.bytes() <= bound) return;
  const auto left_over = [&] {
    return core_.journal.bytes() - core_.journal.bytes_before(core_.journal.needed_from(core_.record));
  };
  while (left_over() > bound / 2) {
    const auto* open = core_.journal.oldest_open();
    const auto* uncovered = core_.journal.oldest_uncovered();
    if (open && (!uncovered || open->record <= uncovered->record))
      seal(*open, into);
    else if (uncovered && left_over() > bound)
      core_.break_journal_of(*uncovered->symbol, into);
    else
      break;
  }
}

void intake::seal_all(change& into) {
  while (const auto* open = core_.journal.oldest_open()) seal(*open, into);
}

template <class Row>
void intake::write_late(symbol_memory& symbol, change& into) {
  constexpr auto kind = tick_series<Row>::kind;
  auto& series = symbol.ticks<Row>();
  if (!into.db()) {
    const auto before = series.bytes();
    std::lock_guard lock(symbol.mutex);
    if (series.late_rows() >= late_rows_in_memory) static_cast<void>(series.fold_late(core_.with.block_rows));
    core_.counts.memory_bytes += series.bytes() - before;
    return;
  }
  std::shared_ptr<const std::vector<Row>> late;
  {
    std::lock_guard lock(symbol.mutex);
    late = series.late_of(core_.record);
  }
  if (!late) return;
  std::uint32_t serial = 0;
  for (std::span<const Row> rest(*late); !rest.empty();) {
    const auto start = start_of_late_span(rest.front().time_ns);
    const auto last = std::find_if(rest.begin(), rest.end(),
                                   [&](const Row& row) { return start_of_late_span(row.time_ns) != start; });
    const auto piece = rest.first(static_cast<std::size_t>(last - rest.begin()));
    const auto bytes = encode_block(piece);
    into.db()->put_block(kind, key_of_late(symbol.id, piece.front().time_ns, core_.record, serial++), bytes);
    into.blocks.push_back({&symbol, kind, span_of(piece)});
    series.state().bytes += bytes.size();
    core_.counts.disk_bytes(kind) += bytes.size();
    rest = rest.subspan(piece.size());
  }
  {
    std::lock_guard lock(symbol.mutex);
    series.state().late_until_ns = std::max(series.state().late_until_ns, late->back().time_ns);
    series.state().written_ns = core_.now_ns();
  }
  into.series.emplace(&symbol, kind);
  unsaved_late_.emplace(&symbol, kind);
}

void intake::finish(change& into) {
  for (const auto& [symbol, kind] : late_)
    kind == data_kind::trade ? write_late<protocol::trade>(*symbol, into)
                             : write_late<protocol::quote>(*symbol, into);
  late_.clear();
  for (auto* symbol : amended_) {
    // Readers hold the one that is shared; it is replaced as a whole.
    auto all =
        symbol->amended ? std::make_shared<amendments>(*symbol->amended) : std::make_shared<amendments>();
    for (const auto& [key, value] : symbol->new_amendments)
      if (all->add(key, value) && into.db())
        into.db()->put_note(note_key(note_kind::amendment, symbol->id, key), encode(value));
    symbol->new_amendments.clear();
    std::lock_guard lock(symbol->mutex);
    symbol->amended = std::move(all);
  }
  amended_.clear();
  if (core_.now_ns() - bar_counts_told_ns_ >= bar_counts_every_ns) tell_bar_counts(into);
  if (journal_.rows() > 0 && into.db()) {
    into.db()->put_journal(core_.record, journal_.bytes());
    core_.journal.add_record(core_.record, journal_.bytes().size());
  }
  journal_.clear();
}

void intake::tell_bar_counts(change& into) {
  bar_counts_told_ns_ = core_.now_ns();
  if (!into.db()) return;
  for (const auto& [symbol, interval] : counted_bars_)
    into.db()->put_note(note_key(note_kind::bars, symbol->id, *interval),
                        encode(symbol->bars.find(*interval)->second.state()));
  counted_bars_.clear();
}

void intake::written(std::uint64_t record) {
  for (const auto& [symbol, kind] : unsaved_late_) {
    std::lock_guard lock(symbol->mutex);
    const auto drop = [&](auto& series) {
      const auto before = series.bytes();
      series.drop_late(record);
      core_.counts.memory_bytes += series.bytes() - before;
    };
    kind == data_kind::trade ? drop(symbol->trades) : drop(symbol->quotes);
  }
  unsaved_late_.clear();
}

void intake::tell_all_again() {
  for (auto* symbol : core_.symbols()->all())
    for (const auto& [interval, series] : symbol->bars) counted_bars_.emplace(symbol, &interval);
  bar_counts_told_ns_ = 0;
}

void intake::move_amendments(const symbol_memory& from, symbol_memory& to) {
  if (!from.amended) return;
  for (const auto& [key, value] : from.amended->all()) to.new_amendments.emplace_back(key, value);
  amended_.insert(&to);
}

void intake::move_to(symbol_directory& symbols, std::vector<source>& sources) {
  for (auto& lane : sources)
    for (auto& symbol : lane.symbols)
      if (symbol) symbol = &symbols.find_or_add(symbol->name);
  late_.clear();
  unsaved_late_.clear();
  amended_.clear();
  counted_bars_.clear();
  offsets_.clear();
}

}  // namespace tickcast::store
