#include "store/recovery.hpp"

#include <map>
#include <utility>
#include <vector>

#include "store/bytes.hpp"
#include "store/journal_record.hpp"
#include "store/opening.hpp"

namespace tickcast::store {
namespace {

struct place {
  std::size_t index = 0;
  std::uint64_t checkpoint_position = 0;
  bool is_known = false;
};
// By symbol_id, which are dense.
using places = std::vector<place>;

class journal_rows final : public recovered_rows {
public:
  journal_rows(std::shared_ptr<database> db, places of)
      : db_(std::move(db)), places_(std::move(of)), walk_(db_->journal(0)), reader_({}) {
    walk_->SeekToFirst();
    if (walk_.valid()) reader_ = journal_record_reader(walk_.value());
  }

  protocol::expected<bool> next(recovered_row& to) override {
    while (walk_.valid()) {
      while (reader_.next(row_)) {
        if (row_.symbol >= places_.size()) continue;
        const auto& found = places_[row_.symbol];
        if (!found.is_known || row_.position <= found.checkpoint_position) continue;
        to.kind = row_.kind;
        to.symbol = found.index;
        to.position = row_.position;
        (row_.kind == row_kind::quote) ? static_cast<void>(to.quote = row_.quote)
                                       : static_cast<void>(to.trade = row_.trade);
        return true;
      }
      if (!reader_.ok())
        return protocol::unexpected(
            protocol::error{protocol::errc::storage, "the database's journal cannot be read"});
      walk_->Next();
      if (walk_.valid()) reader_ = journal_record_reader(walk_.value());
    }
    if (const auto done = walk_.outcome(); !done) return protocol::unexpected(done.error());
    return false;
  }

private:
  const std::shared_ptr<database> db_;  // outlives the walk
  const places places_;
  database::walk walk_;
  journal_record_reader reader_;
  journal_row row_;
};

class no_rows final : public recovered_rows {
public:
  protocol::expected<bool> next(recovered_row&) override { return false; }
};

protocol::expected<void> read_symbols(const database& db, const symbol_directory& symbols, recovery& to,
                                      places& seen) {
  std::map<std::string_view, symbol_memory*> by_name;
  for (auto* symbol : symbols.all()) by_name.emplace(symbol->name, symbol);
  for (const auto& [name, symbol] : by_name) {
    recovered_symbol found;
    found.name = symbol->name;
    const auto stored = db.note(note_key(note_kind::checkpoint, symbol->id));
    if (!stored) return protocol::unexpected(stored.error());
    if (*stored) {
      byte_reader in(**stored);
      found.has_checkpoint = true;
      found.position = in.number();
      found.checkpoint = in.bytes(in.left());
    }
    const auto broken = db.note(note_key(note_kind::broken, symbol->id));
    if (!broken) return protocol::unexpected(broken.error());
    found.whole = !*broken;
    if (symbol->id >= seen.size()) seen.resize(symbol->id + std::size_t{1});
    seen[symbol->id] = {to.symbols.size(), found.position, true};
    to.symbols.push_back(std::move(found));
  }
  return {};
}

}  // namespace

protocol::expected<recovery> read_recovery(const core& of) {
  recovery found;
  const auto [db, symbols] = of.view();
  found.states = of.states();
  if (!db) {
    found.rows = std::make_unique<no_rows>();
    return found;
  }
  places seen;
  if (const auto done = read_symbols(*db, *symbols, found, seen); !done)
    return protocol::unexpected(done.error());
  const auto done = db->for_each_note(note_kind::offset, [&](std::string_view key, std::string_view bytes) {
    byte_reader in(bytes);
    const auto lowest = in.number();
    found.offsets.push_back({std::string(key.substr(1)), lowest, in.number()});
  });
  if (!done) return protocol::unexpected(done.error());
  found.rows = std::make_unique<journal_rows>(db, std::move(seen));
  return found;
}

}  // namespace tickcast::store
