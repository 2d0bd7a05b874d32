#include "store/store.hpp"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <set>
#include <stop_token>
#include <thread>
#include <utility>

#include "protocol/topic.hpp"
#include "store/cleaner.hpp"
#include "store/core.hpp"
#include "store/import.hpp"
#include "store/opening.hpp"
#include "store/outbox.hpp"
#include "store/reading.hpp"
#include "store/writer.hpp"

namespace tickcast::store {
namespace {

constexpr std::chrono::seconds clean_every{10};

protocol::unexpected<protocol::error> bad_field(std::string_view what, std::string_view value) {
  return protocol::unexpected(
      protocol::error{protocol::errc::bad_field, std::string(what).append(": ").append(value)});
}

template <class Row>
bool has_rows(const tick_series<Row>& series) {
  return series.state().oldest_ns != std::numeric_limits<std::int64_t>::max();
}

bool has_rows(const bar_series& series) {
  return series.state().rows > 0 || !series.bars().empty();
}

}  // namespace

class tick_store::parts {
public:
  explicit parts(settings with) : core_(std::move(with)), outbox_(core_), writer_(core_, outbox_) {
    writer_.open();
    if (!core_.with.threads) return;
    writer_.start();
    if (core_.wants_database())
      cleaning_ = std::jthread([this](const std::stop_token& stop) { clean_now_and_then(stop); });
  }

  void clean_now_and_then(const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "store cleaner");
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested())
      if (!wake.wait_for(lock, stop, clean_every, [] { return false; }) && !stop.stop_requested())
        // What could not be deleted now is tried again; the writer tells when the database fails.
        static_cast<void>(cleaner_.run());
  }

  protocol::expected<void> close() {
    if (cleaning_.joinable()) {
      cleaning_.request_stop();
      cleaning_.join();
    }
    return writer_.close();
  }

  core core_;
  outbox outbox_;
  writer writer_;
  cleaner cleaner_{core_, outbox_};
  std::jthread cleaning_;
};

tick_store::tick_store(settings with) : parts_(std::make_unique<parts>(std::move(with))) {}

tick_store::~tick_store() {
  static_cast<void>(parts_->close());
}

std::shared_ptr<lane> tick_store::open_lane() {
  return parts_->writer_.open_lane();
}

protocol::expected<recovery> tick_store::recovered() const {
  return read_recovery(parts_->core_);
}

void tick_store::sync(sync_done done, durability until) {
  parts_->writer_.sync(std::move(done), until == durability::machine);
}

std::future<protocol::expected<void>> tick_store::sync(durability until) {
  auto promised = std::make_shared<std::promise<protocol::expected<void>>>();
  auto future = promised->get_future();
  sync([promised](const protocol::expected<void>& outcome) { promised->set_value(outcome); }, until);
  return future;
}

protocol::expected<void> tick_store::close() {
  return parts_->close();
}

protocol::expected<std::vector<protocol::trade>> tick_store::trades(std::string_view symbol,
                                                                    const range& which) const {
  return read_ticks<protocol::trade>(parts_->core_, symbol, which);
}

protocol::expected<std::vector<protocol::quote>> tick_store::quotes(std::string_view symbol,
                                                                    const range& which) const {
  return read_ticks<protocol::quote>(parts_->core_, symbol, which);
}

protocol::expected<std::vector<protocol::bar>> tick_store::bars(std::string_view interval,
                                                                std::string_view symbol,
                                                                const range& which) const {
  return read_bars(parts_->core_, interval, symbol, which);
}

std::vector<std::string> tick_store::symbols() const {
  std::set<std::string> names;
  const auto symbols = parts_->core_.symbols();
  for (const auto* symbol : symbols->all()) {
    std::lock_guard lock(symbol->mutex);
    const bool any_bars = std::any_of(symbol->bars.begin(), symbol->bars.end(),
                                      [](const auto& each) { return has_rows(each.second); });
    if (any_bars || has_rows(symbol->trades) || has_rows(symbol->quotes)) names.insert(symbol->name);
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> tick_store::intervals(std::string_view symbol) const {
  std::vector<std::string> found;
  const auto symbols = parts_->core_.symbols();
  const auto* memory = symbols->find(symbol);
  if (!memory) return found;
  std::lock_guard lock(memory->mutex);
  for (const auto& [interval, series] : memory->bars)
    if (has_rows(series)) found.push_back(interval);
  return found;
}

std::int64_t tick_store::complete_from_ns(data_kind kind, std::string_view symbol,
                                          std::string_view interval) const {
  constexpr auto always = std::numeric_limits<std::int64_t>::min();
  const auto symbols = parts_->core_.symbols();
  const auto* memory = symbols->find(symbol);
  if (!memory) return always;
  std::lock_guard lock(memory->mutex);
  if (kind == data_kind::trade) return memory->trades.state().complete_from_ns;
  if (kind == data_kind::quote) return memory->quotes.state().complete_from_ns;
  const auto found = memory->bars.find(interval);
  return found == memory->bars.end() ? always : found->second.state().complete_from_ns;
}

std::optional<std::string> tick_store::state(std::string_view key) const {
  return parts_->core_.state(key);
}

std::vector<hole> tick_store::holes(data_kind kind, std::string_view symbol, std::int64_t from_ns,
                                    std::int64_t to_ns) const {
  std::vector<hole> found;
  const auto symbols = parts_->core_.symbols();
  const auto* memory = symbols->find(symbol);
  if (!memory) return found;
  std::lock_guard lock(memory->mutex);
  for (const auto& each : memory->holes[static_cast<std::size_t>(kind)])
    if (each.to_ns >= from_ns && each.from_ns < to_ns) found.push_back(each);
  std::sort(found.begin(), found.end(), [](const hole& a, const hole& b) { return a.from_ns < b.from_ns; });
  return found;
}

protocol::expected<std::size_t> tick_store::merge_trades(std::string_view symbol,
                                                         std::span<const protocol::trade> rows) {
  if (!protocol::is_valid_symbol(symbol)) return bad_field("not a symbol", symbol);
  return merge_ticks(parts_->core_, parts_->outbox_, symbol, rows);
}

protocol::expected<std::size_t> tick_store::merge_quotes(std::string_view symbol,
                                                         std::span<const protocol::quote> rows) {
  if (!protocol::is_valid_symbol(symbol)) return bad_field("not a symbol", symbol);
  return merge_ticks(parts_->core_, parts_->outbox_, symbol, rows);
}

protocol::expected<std::size_t> tick_store::merge_bars(std::string_view interval, std::string_view symbol,
                                                       std::span<const protocol::bar> rows) {
  if (!protocol::is_valid_symbol(symbol)) return bad_field("not a symbol", symbol);
  if (!protocol::parse_interval(interval)) return bad_field("not an interval", interval);
  return store::merge_bars(parts_->core_, parts_->outbox_, interval, symbol, rows);
}

protocol::expected<void> tick_store::compact() {
  const auto db = parts_->core_.db();
  return db ? db->compact() : protocol::expected<void>();
}

void tick_store::set_flush(std::chrono::milliseconds every) {
  parts_->writer_.set_flush(every);
}
void tick_store::set_kept(const retentions& kept) {
  parts_->core_.set_kept(kept);
}

struct condition tick_store::condition() const {
  return parts_->core_.condition();
}

figures tick_store::read_figures() const {
  const auto& from = parts_->core_.counts;
  figures now;
  now.trades = from.trades;
  now.quotes = from.quotes;
  now.bars = from.bars;
  now.amendments = from.amendments;
  now.late = from.late;
  now.dropped_rows = parts_->writer_.dropped_rows();
  now.imported = from.imported;
  now.flushes = from.flushes;
  now.failed_flushes = from.failed_flushes;
  now.lost_rows = from.lost_rows;
  now.blocks = from.blocks;
  now.written_bytes = from.written_bytes;
  now.deleted_rows = from.deleted_rows;
  now.last_flush_us = from.last_flush_us;
  now.longest_flush_us = from.longest_flush_us;
  now.writer_cpu_us = from.writer_cpu_us;
  now.lane_bytes = parts_->writer_.waiting_bytes();
  now.backlog_bytes = from.backlog_bytes;
  now.memory_bytes = from.memory_bytes;
  now.journal_bytes = from.journal_bytes;
  now.trade_bytes = from.trade_bytes;
  now.quote_bytes = from.quote_bytes;
  now.bar_bytes = from.bar_bytes;
  now.symbols = parts_->core_.symbols()->last_id();
  return now;
}

void tick_store::turn() {
  parts_->writer_.turn();
}
void tick_store::clean() {
  static_cast<void>(parts_->cleaner_.run());
}

}  // namespace tickcast::store
