#include "store/opening.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <utility>

#include "store/bytes.hpp"
#include "store/journal_record.hpp"

namespace tickcast::store {
namespace {

constexpr std::string_view form = "1";

protocol::unexpected<protocol::error> malformed(std::string_view what) {
  return protocol::unexpected(
      protocol::error{protocol::errc::storage, fmt::format("the database's {} cannot be read", what)});
}

// What is being read, before it takes the place of what was there.
struct loading {
  std::shared_ptr<database> db;
  std::shared_ptr<symbol_directory> symbols = std::make_shared<symbol_directory>();
  std::map<std::string, std::string, std::less<>> states;
  std::uint64_t next_record = 1;
  std::array<std::uint64_t, 3> bytes_of_kind{};
  protocol::expected<void> outcome{};

  void blame(std::string_view what) {
    if (outcome) outcome = malformed(what);
  }
  void each(note_kind kind,
            const std::function<void(symbol_memory*, std::string_view, std::string_view)>& take);
  void series(note_kind note, data_kind kind);
  void bars();
  void holes();
  void amended();
  void records();
};

void loading::each(note_kind kind,
                   const std::function<void(symbol_memory*, std::string_view, std::string_view)>& take) {
  if (!outcome) return;
  const auto done = db->for_each_note(kind, [&](std::string_view key, std::string_view bytes) {
    take(symbols->by_id(id_in(key)), key, bytes);
  });
  if (!done) outcome = done;
}

void loading::series(note_kind note, data_kind kind) {
  each(note, [&](symbol_memory* symbol, std::string_view, std::string_view stored) {
    const auto state = decode_series_state(stored);
    if (!symbol || !state) return blame("states of series");
    (kind == data_kind::trade ? symbol->trades.state() : symbol->quotes.state()) = *state;
    bytes_of_kind[static_cast<std::size_t>(kind)] += state->bytes;
    next_record = std::max(next_record, state->sealed_record + 1);
  });
}

void loading::bars() {
  each(note_kind::bars, [&](symbol_memory* symbol, std::string_view key, std::string_view stored) {
    const auto state = decode_bar_series_state(stored);
    if (!symbol || !state) return blame("states of bars");
    symbol->bars[std::string(text_after_id(key))].state() = *state;
    bytes_of_kind[static_cast<std::size_t>(data_kind::bar)] += state->bytes;
  });
}

void loading::holes() {
  each(note_kind::hole, [&](symbol_memory* symbol, std::string_view key, std::string_view stored) {
    const auto kind = text_after_id(key);
    if (!symbol || kind.size() != 1 || static_cast<unsigned char>(kind[0]) >= symbol->holes.size())
      return blame("holes");
    byte_reader in(stored);
    while (in.left() > 0 && in.ok()) {
      const auto from_ns = in.signed_number();
      const auto to_ns = in.signed_number();
      symbol->holes[static_cast<std::size_t>(kind[0])].push_back({from_ns, to_ns, in.number()});
    }
  });
}

void loading::amended() {
  std::map<symbol_memory*, std::shared_ptr<amendments>> all;
  each(note_kind::amendment, [&](symbol_memory* symbol, std::string_view key, std::string_view stored) {
    const auto value = decode_amendment(stored);
    if (!symbol || !value) return blame("cancels and corrections");
    auto& of_symbol = all[symbol];
    if (!of_symbol) of_symbol = std::make_shared<amendments>();
    of_symbol->add(std::string(text_after_id(key)), *value);
  });
  for (auto& [symbol, made] : all) symbol->amended = std::move(made);
}

void loading::records() {
  each(note_kind::next_record, [&](symbol_memory*, std::string_view, std::string_view stored) {
    next_record = std::max(next_record, byte_reader(stored).number());
  });
  each(note_kind::checkpoint, [&](symbol_memory* symbol, std::string_view, std::string_view stored) {
    if (!symbol) return blame("checkpoints");
    symbol->has_checkpoint = true;
    symbol->checkpoint_position = byte_reader(stored).number();
  });
  each(note_kind::broken, [&](symbol_memory* symbol, std::string_view, std::string_view) {
    if (symbol) symbol->is_broken = true;
  });
}

protocol::expected<loading> load(const core& of, bool to_read = false) {
  auto opened =
      to_read ? database::open_to_read(of.database_directory()) : database::open(of.database_directory());
  if (!opened) return protocol::unexpected(opened.error());
  loading found;
  found.db = std::move(*opened);
  const auto version = found.db->note(note_key(note_kind::version));
  if (!version) return protocol::unexpected(version.error());
  if (*version && **version != form)
    return protocol::unexpected(protocol::error{
        protocol::errc::storage,
        fmt::format("the database in {} is of form {}, this program writes form {}; name another directory",
                    of.with.directory, **version, form)});
  const auto named = found.db->for_each_note(note_kind::name, [&](std::string_view key, std::string_view id) {
    found.symbols->find_or_add(key.substr(1), static_cast<symbol_id>(byte_reader(id).number()));
  });
  if (!named) return protocol::unexpected(named.error());
  found.series(note_kind::trades, data_kind::trade);
  found.series(note_kind::quotes, data_kind::quote);
  found.bars();
  found.holes();
  found.amended();
  found.records();
  if (!found.outcome) return protocol::unexpected(found.outcome.error());
  if (auto done = found.db->for_each_note(
          note_kind::state,
          [&](std::string_view key, std::string_view bytes) { found.states.emplace(key.substr(1), bytes); });
      !done)
    return protocol::unexpected(done.error());
  return found;
}

// Puts the rows of the journal that are in no block yet into blocks.
class journal_replay {
public:
  journal_replay(core& of, bool go_on) : core_(of), go_on_(go_on), into_(of.begin_change()) {}

  /// Leaves them open in memory.
  protocol::expected<void> run_to_read() {
    auto walk = core_.db()->journal(0);
    for (walk->SeekToFirst(); walk.valid(); walk->Next())
      if (auto done = take(record_in(walk.key()), walk.value()); !done) return done;
    return walk.outcome();
  }

  protocol::expected<change> run() {
    auto walk = core_.db()->journal(0);
    for (walk->SeekToFirst(); walk.valid(); walk->Next()) {
      const auto record = record_in(walk.key());
      core_.record = std::max(core_.record, record + 1);
    }
    for (walk->SeekToFirst(); walk.valid(); walk->Next())
      if (const auto done = take(record_in(walk.key()), walk.value()); !done)
        return protocol::unexpected(done.error());
    if (const auto done = walk.outcome(); !done) return protocol::unexpected(done.error());
    for (auto* symbol : touched_) {
      if (symbol->trades.has_open()) core_.seal<protocol::trade>(*symbol, into_, false);
      if (symbol->quotes.has_open()) core_.seal<protocol::quote>(*symbol, into_, false);
    }
    return std::move(into_);
  }

private:
  protocol::expected<void> take(std::uint64_t record, std::string_view bytes) {
    core_.journal.add_record(record, bytes.size());
    const auto symbols = core_.symbols();
    journal_record_reader in(bytes);
    journal_row row;
    while (in.next(row)) {
      auto* symbol = symbols->by_id(row.symbol);
      if (!symbol) return malformed("journal");
      if (go_on_ && symbol->uncovered_from == 0 && !symbol->is_broken &&
          (!symbol->has_checkpoint || row.position > symbol->checkpoint_position)) {
        symbol->uncovered_from = record;
        core_.journal.add_uncovered(record, *symbol);
      }
      if (row.kind == row_kind::trade) add(*symbol, record, row.position, row.trade);
      if (row.kind == row_kind::quote) add(*symbol, record, row.position, row.quote);
    }
    if (!in.ok()) return malformed("journal");
    return {};
  }

  /// A series as it was when the last block of it was written: blocks made here do not count.
  struct before {
    series_state state;
    std::uint64_t record = 0;
    std::uint32_t rows = 0;

    /// The next row of a record: which one of this series it is, from 1.
    std::uint32_t row_of(std::uint64_t now) noexcept {
      if (record != now) rows = 0;
      record = now;
      return ++rows;
    }
  };

  template <class Row>
  void add(symbol_memory& symbol, std::uint64_t record, std::uint64_t position, const Row& value) {
    auto& series = symbol.ticks<Row>();
    auto& found = found_.try_emplace(&series.state(), before{series.state()}).first->second;
    const auto number = found.row_of(record);
    const auto& state = found.state;
    const bool in_block =
        record < state.sealed_record || (record == state.sealed_record && number <= state.sealed_rows);
    const bool was_late = state.has_blocks && value.time_ns < state.end_ns;
    if (in_block || was_late) return;
    std::vector<word> packed;
    if constexpr (std::is_same_v<Row, protocol::trade>) {
      packed.resize(length_of(value));
      pack(packed.data(), row_kind::trade, symbol.id, position, value);
    } else {
      packed.resize(quote_words);
      pack(packed.data(), symbol.id, position, value);
    }
    touched_.insert(&symbol);
    const auto bytes = series.bytes();
    series.add(packed.data(), packed.size(), core_.record);
    core_.counts.memory_bytes += series.bytes() - bytes;
  }

  core& core_;
  const bool go_on_;
  change into_;
  std::set<symbol_memory*> touched_;
  std::unordered_map<const series_state*, before> found_;
};

protocol::expected<void> forget_producers(const database& db, const symbol_directory& symbols, change& into) {
  for (const auto kind : {note_kind::checkpoint, note_kind::offset, note_kind::broken}) {
    const auto done = db.for_each_note(
        kind, [&](std::string_view key, std::string_view) { into.db()->remove_note(std::string(key)); });
    if (!done) return done;
  }
  for (auto* symbol : symbols.all()) {
    symbol->has_checkpoint = false;
    symbol->checkpoint_position = 0;
    symbol->uncovered_from = 0;
    symbol->is_broken = false;
  }
  return {};
}

}  // namespace

protocol::expected<void> open_database(core& of, outbox& way, bool go_on) {
  auto found = load(of);
  if (!found) return protocol::unexpected(found.error());
  const auto symbols_before = of.symbols();
  const auto record_before = of.record;
  of.replace(found->db, found->symbols);
  of.record = std::max(of.record, found->next_record);
  of.journal.clear();
  of.units.clear();
  of.counts.memory_bytes = 0;
  of.counts.trade_bytes = found->bytes_of_kind[0];
  of.counts.quote_bytes = found->bytes_of_kind[1];
  of.counts.bar_bytes = found->bytes_of_kind[2];
  auto replayed = journal_replay(of, go_on).run();
  if (replayed && !go_on) {
    if (const auto done = forget_producers(*found->db, *found->symbols, *replayed); !done)
      replayed = protocol::unexpected(done.error());
    else
      replayed->db()->trim_journal(of.record);
    if (replayed)
      for (const auto& [key, bytes] : of.states())
        replayed->db()->put_note(note_key(note_kind::state, key), bytes);
    of.journal.clear();
  }
  auto done = protocol::expected<void>();
  if (!replayed) {
    done = protocol::unexpected(replayed.error());
  } else {
    replayed->db()->put_note(note_key(note_kind::version), form);
    way.names_known(found->symbols->last_id());
    done = way.write_or_refuse(*replayed, true);
  }
  if (!done) {
    of.replace(nullptr, symbols_before);
    of.record = record_before;
    of.journal.clear();
    of.units.clear();
    return done;
  }
  ++of.record;
  for (const auto& [key, bytes] : found->states)
    if (go_on || !of.state(key)) of.set_state(key, bytes);
  return {};
}

protocol::expected<void> open_database_to_read(core& of) {
  auto found = load(of, true);
  if (!found) return protocol::unexpected(found.error());
  of.replace(found->db, found->symbols);
  return journal_replay(of, false).run_to_read();
}

}  // namespace tickcast::store
