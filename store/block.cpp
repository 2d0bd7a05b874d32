#include "store/block.hpp"

#include <array>

#include "store/columns.hpp"

namespace tickcast::store {
namespace {

using protocol::decimal;
using protocol::quote;
using protocol::trade;
using protocol::trade_id;

constexpr std::uint8_t trade_block = 1;
constexpr std::uint8_t quote_block = 2;
// More than any block of ours has; what claims more is malformed.
constexpr std::uint64_t most_rows = 1 << 24;

protocol::unexpected<protocol::error> malformed() {
  return protocol::unexpected(protocol::error{protocol::errc::storage, "a stored block is malformed"});
}

struct block_head {
  std::uint8_t kind = 0;
  block_span span;
};

block_head take_head(byte_reader& from) {
  block_head head;
  head.kind = from.byte();
  const auto rows = from.number();
  head.span.first_ns = from.signed_number();
  head.span.last_ns = sum(head.span.first_ns, static_cast<std::int64_t>(from.number()));
  head.span.rows = rows <= most_rows ? static_cast<std::uint32_t>(rows) : 0;
  return head;
}

// Room that a block needs at a time; kept, because blocks come by the thousand.
struct scratch {
  std::vector<std::int64_t> times;
  std::vector<decimal> decimals;
  std::vector<std::uint8_t> small;
};
scratch& scratch_of_thread() {
  thread_local scratch kept;
  return kept;
}

template <class Row>
void put_head(protocol::appender& to, std::uint8_t kind, std::span<const Row> rows) {
  to.append(static_cast<char>(kind));
  put_number(to, rows.size());
  put_number(to, fold(rows.front().time_ns));
  put_number(to, static_cast<std::uint64_t>(difference(rows.back().time_ns, rows.front().time_ns)));
  auto& times = scratch_of_thread().times;
  times.clear();
  for (const auto& row : rows) times.push_back(row.time_ns);
  put_times(to, times);
}

template <class Row, class Get>
void put_column(protocol::appender& to, std::span<const Row> rows, Get get, steps as) {
  auto& values = scratch_of_thread().decimals;
  values.clear();
  for (const auto& row : rows) values.push_back(get(row));
  put_decimals(to, values, as);
}

void put_ids(protocol::appender& to, std::span<const trade> rows) {
  std::uint64_t before = 0;
  for (const auto& row : rows) {
    if (row.id.is == trade_id::kind::number) {
      put_number(to, fold(static_cast<std::int64_t>(row.id.number - before)));
      before = row.id.number;
    } else if (row.id.is == trade_id::kind::text) {
      put_text(to, *row.id.text);
    }
  }
}

void take_ids(byte_reader& from, std::span<trade> rows) {
  std::uint64_t before = 0;
  for (auto& row : rows) {
    if (row.id.is == trade_id::kind::number)
      row.id.number = before += static_cast<std::uint64_t>(from.signed_number());
    else if (row.id.is == trade_id::kind::text)
      row.id.text = std::make_shared<const std::string>(from.text());
  }
}

// What a quote can change, in the order of its columns.
constexpr std::array quote_fields{&quote::bid, &quote::bid_size, &quote::ask, &quote::ask_size};
constexpr std::array quote_steps{steps::yes, steps::no, steps::yes, steps::no};

template <class Row>
std::span<Row> make_room(std::vector<Row>& to, std::uint32_t rows) {
  to.resize(to.size() + rows);
  return std::span(to).last(rows);
}

template <class Row>
bool read_times(byte_reader& in, const block_head& head, std::span<Row> rows) {
  auto& times = scratch_of_thread().times;
  times.resize(rows.size());
  take_times(in, head.span.first_ns, times);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].time_ns = times[i];
  return in.ok();
}

void take_trades(byte_reader& in, std::span<trade> rows) {
  auto& kept = scratch_of_thread();
  kept.decimals.resize(rows.size());
  take_decimals(in, kept.decimals, steps::yes);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].price = kept.decimals[i];
  take_decimals(in, kept.decimals, steps::no);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].size = kept.decimals[i];
  kept.small.resize(rows.size());
  take_small(in, kept.small, 2);
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i].aggressor = static_cast<protocol::side>(kept.small[i]);
  take_small(in, kept.small, 2);
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i].id.is = static_cast<trade_id::kind>(kept.small[i] % 3);
  take_ids(in, rows);
}

void take_quotes(byte_reader& in, std::span<quote> rows) {
  auto& kept = scratch_of_thread();
  kept.small.resize(rows.size());
  take_small(in, kept.small, 4);
  for (std::size_t field = 0; field < quote_fields.size(); ++field) {
    const auto changed = [&](std::size_t i) { return (kept.small[i] >> field & 1) != 0; };
    std::size_t changes = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) changes += changed(i) ? 1 : 0;
    kept.decimals.resize(changes);
    take_decimals(in, kept.decimals, quote_steps[field]);
    std::size_t at = 0;
    decimal now;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (changed(i)) now = kept.decimals[at++];
      rows[i].*quote_fields[field] = now;
    }
  }
}

template <class Row, class Take>
protocol::expected<void> decode(std::string_view block, std::uint8_t kind, std::vector<Row>& to, Take take) {
  byte_reader in(block);
  const auto head = take_head(in);
  // Each row has at least the byte of its time, but the first.
  if (!in.ok() || head.kind != kind || head.span.rows == 0 || head.span.rows > in.left()) return malformed();
  const auto before = to.size();
  const auto rows = make_room(to, head.span.rows);
  if (read_times(in, head, rows)) take(in, rows);
  if (in.ok() && in.left() == 0) return {};
  to.resize(before);
  return malformed();
}

}  // namespace

std::string encode_block(std::span<const trade> rows) {
  std::string block;
  block.reserve(64 + rows.size() * 12);
  protocol::appender out(block);
  put_head(out, trade_block, rows);
  put_column(
      out, rows, [](const trade& row) { return row.price; }, steps::yes);
  put_column(
      out, rows, [](const trade& row) { return row.size; }, steps::no);
  auto& small = scratch_of_thread().small;
  small.clear();
  for (const auto& row : rows) small.push_back(static_cast<std::uint8_t>(row.aggressor));
  put_small(out, small, 2);
  small.clear();
  for (const auto& row : rows) small.push_back(static_cast<std::uint8_t>(row.id.is));
  put_small(out, small, 2);
  put_ids(out, rows);
  return block;
}

std::string encode_block(std::span<const quote> rows) {
  std::string block;
  block.reserve(64 + rows.size() * 12);
  protocol::appender out(block);
  put_head(out, quote_block, rows);
  auto& changes = scratch_of_thread().small;
  changes.clear();
  quote before;
  for (const auto& row : rows) {
    unsigned changed = 0;
    for (std::size_t field = 0; field < quote_fields.size(); ++field)
      changed |= (row.*quote_fields[field] == before.*quote_fields[field] ? 0U : 1U) << field;
    changes.push_back(static_cast<std::uint8_t>(changed));
    before = row;
  }
  put_small(out, changes, 4);
  auto& values = scratch_of_thread().decimals;
  for (std::size_t field = 0; field < quote_fields.size(); ++field) {
    values.clear();
    for (std::size_t i = 0; i < rows.size(); ++i)
      if ((changes[i] >> field & 1) != 0) values.push_back(rows[i].*quote_fields[field]);
    put_decimals(out, values, quote_steps[field]);
  }
  return block;
}

protocol::expected<block_span> read_span(std::string_view block) {
  byte_reader in(block);
  const auto head = take_head(in);
  if (!in.ok() || head.span.rows == 0) return malformed();
  return head.span;
}

protocol::expected<void> decode_block(std::string_view block, std::vector<trade>& to) {
  return decode(block, trade_block, to, take_trades);
}

protocol::expected<void> decode_block(std::string_view block, std::vector<quote>& to) {
  return decode(block, quote_block, to, take_quotes);
}

}  // namespace tickcast::store
