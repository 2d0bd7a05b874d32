#pragma once
#include <string>
#include <string_view>

#include "protocol/error.hpp"
#include "protocol/market.hpp"
#include "protocol/topic.hpp"

/// Rows of history as CSV text that import_table reads back unchanged. Times are nanoseconds since 1970 UTC.
namespace tickcast::feeds {

/// The header of a topic's rows, with its line end. `kind`: trade, quote or bar.
std::string_view table_header(protocol::topic_kind kind);

/// Appends a row with its line end. Error: bad_field for an id with a line break in it, which no row can
/// hold; nothing is appended then.
protocol::expected<void> append_row(std::string& to, std::string_view symbol, const protocol::trade& value);
void append_row(std::string& to, std::string_view symbol, const protocol::quote& value);
void append_row(std::string& to, std::string_view symbol, std::string_view interval,
                const protocol::bar& value);

}  // namespace tickcast::feeds
