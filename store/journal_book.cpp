#include "store/journal_book.hpp"

#include <algorithm>

namespace tickcast::store {
namespace {

template <class Row>
bool is_open_since(const tick_series<Row>& series, std::uint64_t record) {
  return series.has_open() && series.opened_in_record() == record;
}

bool still_open(const journal_book::need& each) {
  return each.kind == data_kind::trade ? is_open_since(each.symbol->trades, each.record)
                                       : is_open_since(each.symbol->quotes, each.record);
}

}  // namespace

void journal_book::add_record(std::uint64_t record, std::size_t bytes) {
  records_.push_back({record, bytes});
  bytes_ += bytes;
}

void journal_book::add_open(std::uint64_t record, symbol_memory& symbol, data_kind kind,
                            std::int64_t now_ns) {
  open_.push_back({record, &symbol, kind, now_ns});
}

void journal_book::add_uncovered(std::uint64_t record, symbol_memory& symbol) {
  uncovered_.push_back({record, &symbol, data_kind::trade, 0});
}

auto journal_book::oldest_open() -> const need* {
  while (!open_.empty() && !still_open(open_.front())) open_.pop_front();
  return open_.empty() ? nullptr : &open_.front();
}

auto journal_book::oldest_uncovered() -> const need* {
  while (!uncovered_.empty() && uncovered_.front().symbol->uncovered_from != uncovered_.front().record)
    uncovered_.pop_front();
  return uncovered_.empty() ? nullptr : &uncovered_.front();
}

std::uint64_t journal_book::needed_from(std::uint64_t next) {
  if (const auto* open = oldest_open()) next = std::min(next, open->record);
  if (const auto* uncovered = oldest_uncovered()) next = std::min(next, uncovered->record);
  return next;
}

std::size_t journal_book::bytes_before(std::uint64_t record) const noexcept {
  std::size_t bytes = 0;
  for (const auto& each : records_) {
    if (each.record >= record) break;
    bytes += each.bytes;
  }
  return bytes;
}

void journal_book::trimmed(std::uint64_t before) {
  while (!records_.empty() && records_.front().record < before) {
    bytes_ -= records_.front().bytes;
    records_.pop_front();
  }
}

void journal_book::clear() {
  *this = {};
}

}  // namespace tickcast::store
