#include "store/writer.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "store/import.hpp"
#include "store/opening.hpp"

namespace tickcast::store {
namespace {

constexpr std::int64_t open_again_after_ns = 1'000'000'000;
// A journal is cut when a sixteenth of its bound is not needed any more: seldom, and never much at once.
constexpr std::size_t helpings_of_journal = 16;

std::int64_t cpu_time_us() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return spent.tv_sec * 1'000'000 + spent.tv_nsec / 1000;
}

}  // namespace

void writer::open() {
  std::lock_guard lock(core_.writing);
  try_open();
}

void writer::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void writer::run(const std::stop_token& stop) {
  ::pthread_setname_np(::pthread_self(), "store writer");
  const std::stop_callback on_stop(stop, [this] { ring(); });
  std::unique_lock lock(mutex_);
  auto next = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    // A turn that took long is not made up for.
    next = std::max(next + flush_, std::chrono::steady_clock::now());
    wake_.wait_until(lock, next, [&] { return rung_; });
    rung_ = false;
    lock.unlock();
    turn();
    core_.counts.writer_cpu_us = cpu_time_us();
    lock.lock();
  }
}

void writer::ring() {
  {
    std::lock_guard lock(mutex_);
    rung_ = true;
  }
  wake_.notify_one();
}

std::shared_ptr<lane> writer::open_lane() {
  auto made = std::make_shared<lane>(core_.with.lane_bytes, [this] { ring(); });
  std::lock_guard lock(mutex_);
  lanes_.push_back(made);
  return made;
}

void writer::sync(answer when, bool to_disk) {
  {
    std::lock_guard lock(mutex_);
    if (!closed_) {
      syncs_.push_back({std::move(when), to_disk});
      rung_ = true;
      wake_.notify_one();
      return;
    }
  }
  when(protocol::unexpected(protocol::error{protocol::errc::storage, "the store is closed"}));
}

void writer::set_flush(std::chrono::milliseconds every) {
  std::lock_guard lock(mutex_);
  flush_ = every;
}

std::uint64_t writer::waiting_bytes() const {
  std::lock_guard lock(mutex_);
  std::uint64_t bytes = 0;
  for (const auto& each : lanes_) bytes += each->waiting_bytes();
  return bytes;
}

std::uint64_t writer::dropped_rows() const {
  std::lock_guard lock(mutex_);
  std::uint64_t rows = core_.counts.unnamed;
  for (const auto& each : lanes_) rows += each->dropped_rows();
  return rows;
}

void writer::turn() {
  std::vector<waiting_sync> syncs;
  bool half_full = false;
  {
    std::lock_guard lock(mutex_);
    syncs.swap(syncs_);
    for (std::size_t i = sources_.size(); i < lanes_.size(); ++i) sources_.push_back({lanes_[i], {}});
    for (const auto& each : lanes_) half_full |= each->waiting_bytes() > each->capacity_bytes() / 2;
  }
  const bool to_disk = std::any_of(syncs.begin(), syncs.end(), [](const auto& each) { return each.to_disk; });
  const auto began = std::chrono::steady_clock::now();
  protocol::expected<void> outcome;
  {
    std::lock_guard lock(core_.writing);
    if (core_.wants_database() && !core_.is_attached() && core_.now_ns() >= open_again_ns_) try_open();
    outcome = flush(to_disk, false);
    move_in_some();
    give_memory_back();
  }
  const auto took = std::chrono::steady_clock::now() - began;
  judge(outcome, std::chrono::duration_cast<std::chrono::microseconds>(took).count(), half_full);
  for (const auto& each : syncs) each.when(outcome);
}

void writer::try_open() {
  if (!core_.wants_database()) return;
  const auto before = core_.symbols();
  // Later than at the start producers have begun without what lies there.
  const bool go_on = !std::exchange(tried_, true);
  if (const auto done = open_database(core_, outbox_, go_on); !done) {
    open_again_ns_ = core_.now_ns() + open_again_after_ns;
    core_.set_condition(condition::state::failing, done.error().message);
    return;
  }
  intake_.move_to(*core_.symbols(), sources_);
  to_move_ = before;
  for (auto* symbol : before->all()) left_to_move_.push_back(symbol);
  core_.set_condition(condition::state::ok, {});
}

template <class Row>
bool writer::move_in(const symbol_memory& from) {
  auto view = from.ticks<Row>().view({.limit = std::numeric_limits<std::size_t>::max()}, 0);
  std::vector<Row> rows;
  for (const auto& block : view.blocks) static_cast<void>(decode_block(block->bytes, rows));
  rows.insert(rows.end(), view.open.begin(), view.open.end());
  rows.insert(rows.end(), view.late.begin(), view.late.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.time_ns < b.time_ns; });
  auto& to = core_.symbols()->find_or_add(from.name);
  for (std::span<const Row> rest(rows); !rest.empty();)
    if (!merge_piece(core_, outbox_, to, rest)) return false;
  return true;
}

void writer::move_in_some() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  while (!left_to_move_.empty() && !outbox_.failing() && std::chrono::steady_clock::now() < until) {
    const auto& from = *left_to_move_.front();
    if (!move_in<protocol::trade>(from) || !move_in<protocol::quote>(from)) return;
    auto& to = core_.symbols()->find_or_add(from.name);
    for (const auto& [interval, series] : from.bars) {
      const std::vector<protocol::bar> bars(series.bars().begin(), series.bars().end());
      if (!merge_bar_piece(core_, outbox_, to, interval, bars)) return;
    }
    intake_.move_amendments(from, to);
    left_to_move_.pop_front();
  }
  if (left_to_move_.empty()) to_move_.reset();
}

protocol::expected<void> writer::flush(bool to_disk, bool last) {
  auto into = core_.begin_change();
  for (std::size_t i = 0; i < sources_.size(); ++i) intake_.take(sources_[i], i, into);
  intake_.seal_waiting(into);
  if (last) {
    intake_.seal_all(into);
    intake_.tell_bar_counts(into);
  }
  intake_.finish(into);
  core_.counts.flushes += 1;
  if (!core_.is_attached()) {
    ++core_.record;
    if (!core_.wants_database()) return {};
    return protocol::unexpected(protocol::error{protocol::errc::storage, core_.condition().why});
  }
  trim_journal(into, last);
  const auto record = core_.record;
  auto outcome = outbox_.deliver(std::move(into), to_disk);
  if (outcome) intake_.written(record);
  if (outbox_.take_lost()) intake_.tell_all_again();
  core_.counts.journal_bytes = core_.journal.bytes();
  return outcome;
}

void writer::trim_journal(change& into, bool all) {
  auto& journal = core_.journal;
  if (all)
    while (const auto* uncovered = journal.oldest_uncovered())
      core_.break_journal_of(*uncovered->symbol, into);
  const auto needed = all ? core_.record + 1 : journal.needed_from(core_.record);
  const auto enough = all ? 1 : std::max<std::size_t>(1, core_.with.journal_bytes / helpings_of_journal);
  if (journal.bytes_before(needed) < enough) return;
  into.db()->trim_journal(needed);
  journal.trimmed(needed);
}

void writer::give_memory_back() {
  const auto& with = core_.with;
  const auto old_ns =
      core_.now_ns() - std::chrono::duration_cast<std::chrono::nanoseconds>(with.memory_age).count();
  auto& units = core_.units;
  while (!units.empty() &&
         (core_.counts.memory_bytes > with.memory_bytes || units.front().arrived_ns < old_ns)) {
    // What the database has not got yet is kept a while longer.
    if (core_.is_attached() && outbox_.failing() && core_.counts.memory_bytes < 2 * with.memory_bytes) break;
    drop(units.front());
    units.pop_front();
  }
}

void writer::drop(const core::unit& which) {
  auto& symbol = *which.symbol;
  std::lock_guard lock(symbol.mutex);
  const auto drop_blocks = [&](auto& series) {
    const auto before = series.bytes();
    while (!series.sealed().empty() && series.sealed().front()->key <= which.key) {
      if (!core_.is_attached()) {
        auto& state = series.state();
        state.complete_from_ns = series.sealed().front()->span.last_ns + 1;
        state.oldest_ns = state.complete_from_ns;
      }
      series.drop_oldest();
    }
    core_.counts.memory_bytes += series.bytes() - before;
  };
  if (which.kind == data_kind::trade) return drop_blocks(symbol.trades);
  if (which.kind == data_kind::quote) return drop_blocks(symbol.quotes);
  auto& series = symbol.bars.find(*which.interval)->second;
  if (series.bars().size() <= core::bars_of_unit) return;
  const auto before = series.bytes();
  series.set_complete_from(series.bars()[core::bars_of_unit].time_ns);
  if (!core_.is_attached()) series.state().complete_from_ns = series.complete_from_ns();
  core_.counts.memory_bytes += series.bytes() - before;
}

void writer::judge(const protocol::expected<void>& outcome, std::int64_t took_us, bool half_full) {
  auto& counts = core_.counts;
  counts.last_flush_us = took_us;
  counts.longest_flush_us = std::max(counts.longest_flush_us.load(), took_us);
  if (!outcome) return core_.set_condition(condition::state::failing, outcome.error().message);
  if (half_full)
    return core_.set_condition(
        condition::state::behind,
        fmt::format("rows come faster than they are written (the last flush took {} ms); when the lanes are "
                    "full rows are dropped: use a faster disk, or raise store.queue_bytes",
                    took_us / 1000));
  core_.set_condition(condition::state::ok, {});
}

protocol::expected<void> writer::close() {
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true)) return {};
  }
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  turn();
  protocol::expected<void> outcome;
  std::lock_guard lock(core_.writing);
  while (!left_to_move_.empty() && core_.is_attached() && !outbox_.failing()) move_in_some();
  outcome = flush(true, true);
  if (!outcome) core_.set_condition(condition::state::failing, outcome.error().message);
  return outcome;
}

}  // namespace tickcast::store
