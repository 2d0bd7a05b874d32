#include "feeds/table_rows.hpp"

#include <array>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include "protocol/utf8.hpp"

namespace tickcast::feeds {
namespace {

using protocol::decimal;
using protocol::errc;

/// A cell that may be left out or empty.
std::string_view cell_of(const table_cells& cells, const table_columns& where, field what) {
  return where.has(what) ? cells[where[what]] : std::string_view();
}

protocol::unexpected<protocol::error> refuse(errc code, std::string why) {
  return protocol::unexpected(protocol::error{code, std::move(why)});
}

/// Whether a feed message could hold the id.
bool is_fit(std::string_view id) {
  constexpr std::size_t most_bytes = 128;
  return id.size() <= most_bytes && protocol::is_valid_utf8(id);
}

/// The first number that is none is the error.
template <std::size_t Count>
protocol::expected<void> read_numbers(
    const table_cells& cells, const table_columns& where,
    const std::array<std::tuple<field, std::string_view, decimal*>, Count>& parts, bool may_be_empty) {
  for (const auto& [what, called, into] : parts) {
    const auto text = cell_of(cells, where, what);
    if (may_be_empty && text.empty()) continue;
    const auto number = read_number(text, called);
    if (!number) return protocol::unexpected(number.error());
    *into = *number;
  }
  return {};
}

}  // namespace

protocol::expected<protocol::trade> read_trade(const table_cells& cells, const table_columns& where,
                                               std::int64_t time_ns) {
  protocol::trade trade{time_ns, {}, {}, protocol::side::none, {}};
  const auto read = read_numbers<2>(
      cells, where, {{{field::price, "price", &trade.price}, {field::size, "size", &trade.size}}}, false);
  if (!read) return protocol::unexpected(read.error());
  if (trade.size.is_negative()) return refuse(errc::bad_field, "the size is negative");
  const auto side = read_side(cell_of(cells, where, field::side));
  if (!side) return protocol::unexpected(side.error());
  trade.aggressor = *side;
  const auto text = cell_of(cells, where, field::id_text);
  trade.id = text.empty() ? read_id(cell_of(cells, where, field::id)) : text_id(text);
  if (trade.id.is == protocol::trade_id::kind::text && !is_fit(*trade.id.text))
    return refuse(errc::bad_field, "the id is longer than 128 bytes or no UTF-8");
  return trade;
}

protocol::expected<protocol::quote> read_quote(const table_cells& cells, const table_columns& where,
                                               std::int64_t time_ns) {
  protocol::quote quote{time_ns, {}, {}, {}, {}};
  const auto read = read_numbers<4>(cells, where,
                                    {{{field::bid, "bid", &quote.bid},
                                      {field::bid_size, "bid size", &quote.bid_size},
                                      {field::ask, "ask", &quote.ask},
                                      {field::ask_size, "ask size", &quote.ask_size}}},
                                    true);
  if (!read) return protocol::unexpected(read.error());
  if (cells[where[field::bid]].empty() && cells[where[field::ask]].empty())
    return refuse(errc::missing_field, "neither bid nor ask");
  if (quote.bid_size.is_negative() || quote.ask_size.is_negative())
    return refuse(errc::bad_field, "a size is negative");
  return quote;
}

protocol::expected<protocol::bar> read_bar(const table_cells& cells, const table_columns& where,
                                           const price_columns& prices, std::int64_t time_ns) {
  protocol::bar bar;
  bar.time_ns = time_ns;
  bar.closed = true;
  auto read = read_numbers<4>(cells, where,
                              {{{prices.open, to_string(prices.open), &bar.open},
                                {prices.high, to_string(prices.high), &bar.high},
                                {prices.low, to_string(prices.low), &bar.low},
                                {prices.close, to_string(prices.close), &bar.close}}},
                              false);
  if (read)
    read = read_numbers<2>(
        cells, where, {{{field::volume, "volume", &bar.volume}, {field::value, "value", &bar.value}}}, true);
  if (!read) return protocol::unexpected(read.error());
  if (bar.high < bar.low) return refuse(errc::bad_field, "the high is below the low");
  if (bar.volume.is_negative()) return refuse(errc::bad_field, "the volume is negative");
  if (const auto text = cell_of(cells, where, field::trades); !text.empty()) {
    const auto trades = read_count(text, "trades");
    if (!trades) return protocol::unexpected(trades.error());
    bar.trades = *trades;
  }
  if (const auto text = cell_of(cells, where, field::rev); !text.empty()) {
    const auto rev = read_count(text, "rev");
    if (!rev) return protocol::unexpected(rev.error());
    if (*rev > std::numeric_limits<std::uint32_t>::max())
      return refuse(errc::bad_field, "the rev is too large");
    bar.rev = static_cast<std::uint32_t>(*rev);
  }
  return bar;
}

}  // namespace tickcast::feeds
