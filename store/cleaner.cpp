#include "store/cleaner.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

#include "store/bar_codec.hpp"
#include "store/block.hpp"

namespace tickcast::store {
namespace {

constexpr std::int64_t day_ns = 86'400'000'000'000;
constexpr auto earliest = std::numeric_limits<std::int64_t>::min();
constexpr auto latest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t look_again_ns = 3'600'000'000'000;
// Nothing tells of bars which series has old ones.
constexpr std::int64_t bars_every_ns = 600'000'000'000;
constexpr std::size_t blocks_of_piece = 64;
constexpr std::size_t bars_of_piece = 1024;

// Symbols, or intervals of one, with the oldest row in front.
template <class Whose>
using oldest_first = std::priority_queue<std::pair<std::int64_t, Whose>,
                                         std::vector<std::pair<std::int64_t, Whose>>, std::greater<>>;

std::string end_of_blocks(symbol_id id) {
  return key_of_block(id, {latest, ~std::uint32_t{0}});
}

}  // namespace

std::int64_t cleaner::cutoff(std::int64_t newest_ns, std::int64_t written_ns, std::int64_t days) const {
  const auto now = core_.now_ns();
  const auto kept_ns = days * day_ns;
  if (days == 0 || newest_ns == earliest) return earliest;
  if (now - written_ns > kept_ns) return latest;
  return std::min(newest_ns, now) - kept_ns;
}

protocol::expected<void> cleaner::run() {
  if (!core_.db()) return {};
  for (const auto step : {&cleaner::by_age<protocol::trade>, &cleaner::by_size<protocol::trade>,
                          &cleaner::by_age<protocol::quote>, &cleaner::by_size<protocol::quote>,
                          &cleaner::bars_by_age, &cleaner::bars_by_size})
    if (const auto done = (this->*step)(); !done) return done;
  return {};
}

template <class Row>
protocol::expected<void> cleaner::by_age() {
  const auto kept = core_.kept();
  const auto days = tick_series<Row>::kind == data_kind::trade ? kept.trades.days : kept.quotes.days;
  if (days == 0) return {};
  const auto symbols = core_.symbols();
  if (std::exchange(of_, symbols) != symbols) due_ns_.clear();
  for (auto* symbol : symbols->all()) {
    for (bool more = true; more;) {
      std::lock_guard lock(core_.writing);
      if (core_.symbols() != symbols || !core_.db()) return {};
      const auto& state = symbol->ticks<Row>().state();
      const auto before_ns = cutoff(state.newest_ns, state.written_ns, days);
      auto& due_ns = due_ns_.try_emplace(&state, earliest).first->second;
      if (state.bytes == 0 || state.oldest_ns >= before_ns || before_ns < due_ns) break;
      const auto done = delete_ticks<Row>(*symbol, before_ns, blocks_of_piece);
      if (!done) return protocol::unexpected(done.error());
      more = done->more;
      // Until then no block can have become old, but late ones.
      due_ns = std::min(done->next_ns, before_ns == latest ? latest : before_ns + look_again_ns);
    }
  }
  return {};
}

template <class Row>
protocol::expected<void> cleaner::by_size() {
  constexpr auto kind = tick_series<Row>::kind;
  const auto kept = core_.kept();
  const auto bound = kind == data_kind::trade ? kept.trades.bytes : kept.quotes.bytes;
  if (bound == 0 || core_.counts.disk_bytes(kind) <= bound) return {};
  oldest_first<symbol_memory*> queue;
  const auto symbols = core_.symbols();
  {
    std::lock_guard lock(core_.writing);
    for (auto* symbol : symbols->all())
      if (const auto& state = symbol->ticks<Row>().state(); state.bytes > 0)
        queue.emplace(state.oldest_ns, symbol);
  }
  while (!queue.empty() && core_.counts.disk_bytes(kind) > bound) {
    auto* symbol = queue.top().second;
    queue.pop();
    std::lock_guard lock(core_.writing);
    if (core_.symbols() != symbols || !core_.db()) return {};
    const auto done = delete_ticks<Row>(*symbol, latest, 1);
    if (!done) return protocol::unexpected(done.error());
    if (const auto& state = symbol->ticks<Row>().state(); done->deleted && state.bytes > 0)
      queue.emplace(state.oldest_ns, symbol);
  }
  return {};
}

template <class Row>
std::int64_t cleaner::oldest_left(const symbol_memory& symbol, const database& db) const {
  constexpr auto kind = tick_series<Row>::kind;
  auto oldest = latest;
  auto blocks = db.blocks(kind, key_of_block(symbol.id, {}), end_of_blocks(symbol.id));
  blocks->SeekToFirst();
  if (blocks.valid()) oldest = block_key_in(blocks.key()).first_ns;
  auto late = db.blocks(kind, key_of_late(symbol.id, earliest, 0, 0),
                        key_of_late(symbol.id, latest, ~std::uint64_t{0}, 0));
  late->SeekToFirst();
  if (late.valid()) oldest = std::min(oldest, first_in_late(late.key()));
  return std::min(oldest, symbol.ticks<Row>().oldest_open_ns());
}

template <class Row>
auto cleaner::delete_ticks(symbol_memory& symbol, std::int64_t before_ns, std::size_t most)
    -> protocol::expected<piece> {
  constexpr auto kind = tick_series<Row>::kind;
  const auto db = core_.db();
  auto& series = symbol.ticks<Row>();
  auto state = series.state();
  auto into = core_.begin_change();
  std::uint64_t rows = 0;
  auto complete_from_ns = before_ns == latest ? earliest : before_ns;
  piece done;
  const auto take = [&](database::walk walk) -> protocol::expected<void> {
    std::size_t taken = 0;
    for (walk->SeekToFirst(); walk.valid(); walk->Next(), ++taken) {
      const auto span = read_span(walk.value());
      if (!span) return protocol::unexpected(span.error());
      if (span->last_ns >= before_ns && before_ns != latest) {
        done.next_ns = std::min(done.next_ns, span->last_ns);
        break;
      }
      if (taken == most) {
        done.more = true;
        break;
      }
      into.db()->remove_block(kind, std::string(walk.key()));
      state.bytes -= std::min<std::uint64_t>(state.bytes, walk.value().size());
      rows += span->rows;
      complete_from_ns = std::max(complete_from_ns, span->last_ns + 1);
    }
    return walk.outcome();
  };
  auto taken = take(db->blocks(kind, key_of_block(symbol.id, {}), end_of_blocks(symbol.id)));
  if (taken && (rows == 0 || most > 1))
    taken = take(db->blocks(kind, key_of_late(symbol.id, earliest, 0, 0),
                            key_of_late(symbol.id, latest, ~std::uint64_t{0}, 0)));
  if (!taken) return protocol::unexpected(taken.error());
  if (rows == 0) {
    state.oldest_ns = oldest_left<Row>(symbol, *db);
    std::lock_guard lock(symbol.mutex);
    series.state().oldest_ns = state.oldest_ns;
    return done;
  }
  if (kind == data_kind::trade && before_ns != latest) forget_amendments(symbol, before_ns, into);
  state.complete_from_ns = std::max(state.complete_from_ns, complete_from_ns);
  into.db()->put_note(note_key(note_of(kind), symbol.id), encode(state));
  std::lock_guard lock(symbol.mutex);
  if (const auto written = outbox_.write_or_refuse(into, false); !written)
    return protocol::unexpected(written.error());
  core_.counts.disk_bytes(kind) += state.bytes - series.state().bytes;
  core_.counts.deleted_rows += rows;
  const auto before = series.bytes();
  while (!series.sealed().empty() && series.sealed().front()->span.last_ns < complete_from_ns)
    series.drop_oldest();
  core_.counts.memory_bytes += series.bytes() - before;
  state.oldest_ns = oldest_left<Row>(symbol, *db);
  series.state() = state;
  done.deleted = true;
  return done;
}

void cleaner::forget_amendments(symbol_memory& symbol, std::int64_t before_ns, change& into) {
  if (!symbol.amended) return;
  auto left = std::make_shared<amendments>(*symbol.amended);
  left->forget_before(before_ns, [&](const std::string& key) {
    into.db()->remove_note(note_key(note_kind::amendment, symbol.id, key));
  });
  std::lock_guard lock(symbol.mutex);
  symbol.amended = left->all().empty() ? nullptr : shared_amendments(std::move(left));
}

protocol::expected<void> cleaner::bars_by_age() {
  const auto days = core_.kept().bars.days;
  if (days == 0 || core_.now_ns() < bars_again_ns_) return {};
  bars_again_ns_ = core_.now_ns() + bars_every_ns;
  const auto symbols = core_.symbols();
  for (auto* symbol : symbols->all()) {
    std::unique_lock lock(core_.writing);
    if (core_.symbols() != symbols || !core_.db()) return {};
    for (auto& [interval, series] : symbol->bars) {
      for (bool more = true; more;) {
        auto newest_ns = earliest;
        auto walk = core_.db()->bars(key_of_bar(symbol->id, interval, earliest),
                                     key_of_bar(symbol->id, interval, latest));
        walk->SeekToLast();
        if (walk.valid())
          if (const auto newest = decode_bar(walk.value())) newest_ns = newest->time_ns;
        const auto before_ns = cutoff(newest_ns, series.state().written_ns, days);
        if (before_ns == earliest) break;
        const auto done = delete_bars(*symbol, interval, series, before_ns, bars_of_piece);
        if (!done) return protocol::unexpected(done.error());
        more = done->more;
        lock.unlock();
        lock.lock();
        if (core_.symbols() != symbols || !core_.db()) return {};
      }
    }
  }
  return {};
}

protocol::expected<void> cleaner::bars_by_size() {
  const auto bound = core_.kept().bars.bytes;
  if (bound == 0 || core_.counts.bar_bytes <= bound) return {};
  using one = std::pair<symbol_memory*, const std::string*>;
  oldest_first<one> queue;
  const auto symbols = core_.symbols();
  const auto add = [&](const one& which) {
    auto walk = core_.db()->bars(key_of_bar(which.first->id, *which.second, earliest),
                                 key_of_bar(which.first->id, *which.second, latest));
    walk->SeekToFirst();
    if (!walk.valid()) return;
    if (const auto oldest = decode_bar(walk.value())) queue.emplace(oldest->time_ns, which);
  };
  {
    std::lock_guard lock(core_.writing);
    if (!core_.db()) return {};
    for (auto* symbol : symbols->all())
      for (const auto& [interval, series] : symbol->bars) add({symbol, &interval});
  }
  while (!queue.empty() && core_.counts.bar_bytes > bound) {
    const auto which = queue.top().second;
    queue.pop();
    std::lock_guard lock(core_.writing);
    if (core_.symbols() != symbols || !core_.db()) return {};
    const auto done =
        delete_bars(*which.first, *which.second, which.first->bars.find(*which.second)->second, latest, 64);
    if (!done) return protocol::unexpected(done.error());
    if (done->deleted) add(which);
  }
  return {};
}

auto cleaner::delete_bars(symbol_memory& symbol, const std::string& interval, bar_series& series,
                          std::int64_t before_ns, std::size_t most) -> protocol::expected<piece> {
  auto into = core_.begin_change();
  auto state = series.state();
  std::uint64_t rows = 0;
  auto complete_from_ns = before_ns == latest ? earliest : before_ns;
  piece done;
  auto walk =
      core_.db()->bars(key_of_bar(symbol.id, interval, earliest), key_of_bar(symbol.id, interval, before_ns));
  for (walk->SeekToFirst(); walk.valid(); walk->Next()) {
    if (rows == most) {
      done.more = true;
      break;
    }
    const auto value = decode_bar(walk.value());
    if (!value) return protocol::unexpected(value.error());
    into.db()->remove_bar(std::string(walk.key()));
    const auto size = walk.key().size() + walk.value().size();
    state.bytes -= std::min<std::uint64_t>(state.bytes, size);
    state.rows -= std::min<std::uint64_t>(state.rows, 1);
    complete_from_ns = std::max(complete_from_ns, value->time_ns + 1);
    ++rows;
  }
  if (const auto walked = walk.outcome(); !walked) return protocol::unexpected(walked.error());
  if (rows == 0) return done;
  state.complete_from_ns = std::max(state.complete_from_ns, complete_from_ns);
  into.db()->put_note(note_key(note_kind::bars, symbol.id, interval), encode(state));
  std::lock_guard lock(symbol.mutex);
  if (const auto written = outbox_.write_or_refuse(into, false); !written)
    return protocol::unexpected(written.error());
  core_.counts.bar_bytes += state.bytes - series.state().bytes;
  core_.counts.deleted_rows += rows;
  const auto before = series.bytes();
  if (series.is_started() && series.complete_from_ns() < complete_from_ns)
    series.set_complete_from(complete_from_ns);
  core_.counts.memory_bytes += series.bytes() - before;
  series.state() = state;
  done.deleted = true;
  return done;
}

}  // namespace tickcast::store
