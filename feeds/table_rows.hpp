#pragma once
#include <string_view>
#include <vector>

#include "feeds/table_columns.hpp"
#include "protocol/error.hpp"
#include "protocol/market.hpp"

/// Rows of a table as values. `cells` has as many cells as the table has columns; `where` holds what the row
/// needs. Errors: missing_field, bad_field and number_overflow with a sentence.
namespace tickcast::feeds {

using table_cells = std::vector<std::string_view>;

protocol::expected<protocol::trade> read_trade(const table_cells& cells, const table_columns& where,
                                               std::int64_t time_ns);
/// An empty cell is a side without orders.
protocol::expected<protocol::quote> read_quote(const table_cells& cells, const table_columns& where,
                                               std::int64_t time_ns);

/// Which columns a bar's prices stand in.
struct price_columns {
  field open, high, low, close;
};
inline constexpr price_columns trade_prices{field::open, field::high, field::low, field::close};
inline constexpr price_columns bid_prices{field::bid_open, field::bid_high, field::bid_low, field::bid_close};
inline constexpr price_columns ask_prices{field::ask_open, field::ask_high, field::ask_low, field::ask_close};

/// A closed bar. Volume, value, trades and revision are the row's, 0 where it has none.
protocol::expected<protocol::bar> read_bar(const table_cells& cells, const table_columns& where,
                                           const price_columns& prices, std::int64_t time_ns);

}  // namespace tickcast::feeds
