#include "actors/storage/storage_room.hpp"

#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <utility>

#include "actors/runtime/inspection.hpp"
#include "actors/runtime/log.hpp"
#include "actors/storage/storage.hpp"
#include "actors/storage/storage_keys.hpp"
#include "actors/users/user_state.hpp"

namespace tickcast::actors {
namespace {

constexpr std::int64_t us_per_day = 86'400'000'000;
/// How long the end of the process waits for the writer to make room for the last checkpoints.
constexpr std::chrono::seconds closing_patience{10};

store::settings settings_from(const config::store_section& section) {
  store::settings result;
  result.directory = section.directory;
  result.flush = std::chrono::milliseconds(section.flush_ms);
  result.memory_bytes = section.memory;
  result.memory_age = std::chrono::hours(section.memory_hours);
  result.lane_bytes = section.queue_bytes;
  // Rows of several seconds at full speed: what a checkpoint comes too late for cannot be taken again.
  result.journal_bytes = std::size_t{256} << 20;
  const auto& kept = section.retention;
  result.kept = {{kept.trade, kept.trade_bytes}, {kept.quote, kept.quote_bytes}, {kept.bar, kept.bar_bytes}};
  return result;
}

/// The closed bars that a snapshot shows; a checkpoint has none.
void restore_bars(quote_state& state, const store::history& from) {
  std::vector<std::string> intervals;
  state.each_series([&](const bar_series& each) { intervals.push_back(each.interval()); });
  for (const auto& each : intervals)
    if (const auto bars = from.bars(each, state.of().name, {.limit = snapshot_bars}))
      state.restore_bars(each, *bars);
}

}  // namespace

storage_room::storage_room(engine& parts)
    : engine_(parts), store_(settings_from(parts.settings.store)), lane_(store_.open_lane()) {
  for (std::uint32_t i = 0; i < parts.shards; ++i) parts.keep.lanes.push_back(store_.open_lane());
  parts.keep.history = &store_;
}

storage_room::~storage_room() = default;

void storage_room::restore(const shard_rooms& shards) {
  auto found = store_.recovered();
  if (!found) {
    log(component::storage)
        .error("what was kept cannot be read, topics begin anew: {}", found.error().message);
    return;
  }
  const bool orderly = found->states.contains(orderly_key);
  for (const auto& each : found->offsets) engine_.keep.offsets.add(each.feed, each.lowest);
  const auto days = engine_.settings.store.retention.user;
  const auto oldest_message = days == 0 ? 0 : wall_us() - days * us_per_day;
  for (const auto& [key, bytes] : found->states) {
    if (const auto user = user_of_key(key); !user.empty()) {
      auto message = kept_message::from_bytes(bytes);
      if (message && message->time_us >= oldest_message)
        engine_.keep.messages[std::string(user)].push_back(std::move(*message));
      else
        lane_->state(key, {});
      continue;
    }
    const auto topic = event_topic_of(key);
    auto record = topic ? event_record::from_bytes(bytes) : std::nullopt;
    if (!record) continue;
    if (!orderly) record->epoch = make_epoch();
    engine_.keep.events.emplace(*topic, std::move(*record));
  }
  restore_symbols(*found, shards, orderly);
  forget_the_end();
}

void storage_room::restore_symbols(store::recovery& found, const shard_rooms& shards, bool orderly) {
  const auto began = std::chrono::steady_clock::now();
  // By symbol of the recovery: whose state it is. None: it begins anew.
  std::vector<quote_state*> states(found.symbols.size());
  std::size_t unread = 0;
  for (std::size_t i = 0; i < found.symbols.size(); ++i) {
    const auto& each = found.symbols[i];
    const auto* of = engine_.symbols.intern(each.name);
    if (!of) continue;
    if (each.has_checkpoint) states[i] = shards[of->shard]->restore(*of, each.checkpoint);
    if (states[i])
      restore_bars(*states[i], store_);
    else
      ++unread;
  }
  // Those whose count goes on without a doubt keep their epoch.
  std::vector<bool> goes_on(states.size());
  for (std::size_t i = 0; i < states.size(); ++i) goes_on[i] = orderly && found.symbols[i].whole;
  store::recovered_row row;
  std::uint64_t rows = 0;
  while (true) {
    const auto more = found.rows->next(row);
    if (!more) log(component::storage).error("the journal ends too early: {}", more.error().message);
    if (!more || !*more) break;
    goes_on[row.symbol] = false;
    if (auto* state = states[row.symbol]) {
      state->take_again(row);
      ++rows;
    }
  }
  for (std::size_t i = 0; i < states.size(); ++i)
    if (states[i] && !goes_on[i]) states[i]->begin_epoch();
  if (found.symbols.empty()) return;
  const auto took = std::chrono::steady_clock::now() - began;
  log(component::storage)
      .info("{} symbols go on {}, {} rows were taken again, in {} ms", found.symbols.size() - unread,
            orderly ? "where they ended" : "as of the last flush", rows,
            std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
  if (unread > 0)
    log(component::storage).warn("{} symbols begin anew: they have no checkpoint that reads", unread);
}

void storage_room::forget_the_end() {
  // Before anything new is taken: a process that is killed from here on has not ended in order.
  lane_->state(orderly_key, {});
  lane_->commit();
  if (const auto done = store_.sync().get(); !done)
    log(component::storage).error("the store cannot be written: {}", done.error().message);
}

caf::actor storage_room::start(caf::actor_system& system) {
  // What waited for one that failed is lost.
  if (std::exchange(started_, true)) engine_.keep.lost_states = true;
  auto made = system.spawn<storage>(std::ref(engine_), std::ref(store_), std::ref(*lane_));
  engine_.routes.set_storage(made);
  return caf::actor_cast<caf::actor>(made);
}

void storage_room::close(const shard_rooms& shards) {
  if (std::exchange(closed_, true)) return;
  const auto deadline = std::chrono::steady_clock::now() + closing_patience;
  bool whole = true;
  for (const auto& each : shards) whole = each->keep_all(deadline) && whole;
  if (whole && !engine_.keep.lost_states) lane_->state(orderly_key, "1");
  lane_->commit();
  if (const auto done = store_.close(); !done)
    log(component::storage).error("the store was not closed in order: {}", done.error().message);
}

void storage_room::read_metrics(metric_writer& to) const {
  const auto is = store_.condition();
  const auto f = store_.read_figures();
  const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t value,
                           metric_labels labels = {}) {
    to.counter(name, help, std::move(labels), static_cast<double>(value));
  };
  const auto gauge = [&](std::string_view name, std::string_view help, double value,
                         metric_labels labels = {}) { to.gauge(name, help, std::move(labels), value); };
  using state = store::condition::state;
  for (const auto each : {state::ok, state::behind, state::failing})
    gauge("tickcast_store_state", "1 for the state the store is in.", is.is == each ? 1 : 0,
          {{"state", std::string(store::to_string(each))}});
  const auto rows = [&](const char* kind, std::uint64_t value) {
    counter("tickcast_store_rows_total", "Rows that came in.", value, {{"kind", kind}});
  };
  rows("trade", f.trades);
  rows("quote", f.quotes);
  rows("bar", f.bars);
  rows("amendment", f.amendments);
  counter("tickcast_store_late_rows_total", "Rows older than what was written already.", f.late);
  counter("tickcast_store_imported_rows_total", "Rows that imports brought.", f.imported);
  counter("tickcast_store_dropped_rows_total", "Rows dropped because the writer could not keep up.",
          f.dropped_rows);
  counter("tickcast_store_lost_rows_total", "Rows that never reached the database.", f.lost_rows);
  counter("tickcast_store_deleted_rows_total", "Rows deleted by retention.", f.deleted_rows);
  counter("tickcast_store_flushes_total", "Writes to the database.", f.flushes);
  counter("tickcast_store_failed_flushes_total", "Writes that failed and were tried again.",
          f.failed_flushes);
  counter("tickcast_store_written_bytes_total", "Bytes handed to the database.", f.written_bytes);
  to.counter("tickcast_store_writer_cpu_seconds_total", "CPU time of the store's writer.", {},
             static_cast<double>(f.writer_cpu_us) * 1e-6);
  gauge("tickcast_store_longest_flush_seconds", "The longest write since the start.",
        static_cast<double>(f.longest_flush_us) * 1e-6);
  gauge("tickcast_store_waiting_bytes", "Rows that wait to be written.",
        static_cast<double>(f.lane_bytes + f.backlog_bytes));
  gauge("tickcast_store_memory_bytes", "Rows held in memory.", static_cast<double>(f.memory_bytes));
  const auto size = [&](const char* kind, std::uint64_t value) {
    gauge("tickcast_store_bytes", "Rows in the database, before it compresses them.",
          static_cast<double>(value), {{"kind", kind}});
  };
  size("trade", f.trade_bytes);
  size("quote", f.quote_bytes);
  size("bar", f.bar_bytes);
  size("journal", f.journal_bytes);
}

}  // namespace tickcast::actors
