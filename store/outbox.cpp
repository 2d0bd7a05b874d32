#include "store/outbox.hpp"

#include <fmt/format.h>

#include <utility>

#include "store/bytes.hpp"

namespace tickcast::store {
namespace {

constexpr std::int64_t try_again_after_ns = 1'000'000'000;

std::string number_text(std::uint64_t value) {
  std::string bytes;
  protocol::appender out(bytes);
  put_number(out, value);
  return bytes;
}

}  // namespace

void outbox::put_names(change& what) {
  const auto symbols = core_.symbols();
  const auto last = symbols->last_id();
  for (; names_told_ < last; ++names_told_)
    if (const auto* symbol = symbols->by_id(names_told_ + 1))
      what.db()->put_note(note_key(note_kind::name, symbol->name), number_text(symbol->id));
}

protocol::expected<void> outbox::write(change& what, bool to_disk) {
  auto done = core_.db()->write(*what.db(), to_disk);
  if (!done) return done;
  core_.counts.written_bytes += what.db()->bytes();
  return {};
}

protocol::expected<void> outbox::fail(const protocol::error& why) {
  failing_ = true;
  why_ = why.message;
  try_again_ns_ = core_.now_ns() + try_again_after_ns;
  core_.counts.failed_flushes += 1;
  return protocol::unexpected(why);
}

protocol::expected<void> outbox::deliver(change what, bool to_disk) {
  if (!what.db()) return {};
  if (!failing_) {
    what.holes.merge(new_holes_);
    for (auto* symbol : std::exchange(broken_, {}))
      if (symbol->is_broken) core_.break_journal_of(*symbol, what);
  }
  const auto names_before = names_told_;
  put_names(what);
  core_.complete(what);
  if (what.db()->empty()) return failing_ ? retry() : protocol::expected<void>();
  // Where the journal goes on even when all of it is deleted.
  what.db()->put_note(note_key(note_kind::next_record), number_text(core_.record + 1));
  const auto size = what.db()->bytes();
  waiting_.push_back({std::move(what), core_.record++, names_before, size});
  bytes_ += size;
  if (failing_) {
    if (auto done = retry(); done) return done;
    if (bytes_ > core_.with.backlog_bytes) lose(waiting_.back());
    core_.counts.backlog_bytes = bytes_;
    return protocol::unexpected(protocol::error{protocol::errc::storage, why_});
  }
  if (const auto done = write(waiting_.front().what, to_disk); !done) {
    core_.counts.backlog_bytes = bytes_;
    return fail(done.error());
  }
  waiting_.pop_front();
  bytes_ -= size;
  return {};
}

protocol::expected<void> outbox::check() const {
  if (failing_) return protocol::unexpected(protocol::error{protocol::errc::storage, why_});
  return {};
}

protocol::expected<void> outbox::retry() {
  if (core_.now_ns() < try_again_ns_)
    return protocol::unexpected(protocol::error{protocol::errc::storage, why_});
  if (const auto done = core_.reopen(bytes_); !done) return fail(done.error());
  while (!waiting_.empty()) {
    if (const auto done = write(waiting_.front().what, false); !done) return fail(done.error());
    bytes_ -= waiting_.front().bytes;
    waiting_.pop_front();
  }
  core_.counts.backlog_bytes = 0;
  failing_ = false;
  why_.clear();
  return {};
}

void outbox::lose(waiting& what) {
  // Names are needed by whatever comes later.
  names_told_ = what.names_before;
  change later;
  for (const auto& block : what.what.blocks) {
    core_.counts.lost_rows += block.span.rows;
    core_.tell_hole(*block.symbol, block.kind, block.span, later);
  }
  core_.counts.lost_rows += what.what.bars;
  new_holes_.merge(later.holes);
  new_holes_.merge(what.what.holes);
  // Its journal record is lost to all whose checkpoint is older.
  for (auto* symbol : core_.symbols()->all())
    if (symbol->uncovered_from != 0) {
      core_.break_journal_of(*symbol, later);
      broken_.insert(symbol);
    }
  bytes_ -= what.bytes;
  waiting_.pop_back();
  lost_ = true;
}

protocol::expected<void> outbox::write_or_refuse(change& what, bool to_disk) {
  if (auto can = check(); !can) return can;
  const auto names_before = names_told_;
  put_names(what);
  core_.complete(what);
  if (what.db()->empty()) return {};
  if (const auto done = write(what, to_disk); !done) {
    names_told_ = names_before;
    return fail(done.error());
  }
  return {};
}

}  // namespace tickcast::store
