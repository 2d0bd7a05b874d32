#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/error.hpp"
#include "protocol/market.hpp"

/// What the cells of a table say. Errors: bad_field, number_overflow.
namespace tickcast::feeds {

/// How a column writes times: a count of units since 1970 UTC, or ISO 8601, a date alone too
/// (protocol/time_text.hpp).
enum class time_unit : std::uint8_t { s, ms, us, ns, iso };

/// "s", "ms", "us", "ns", "iso" or "date", which is iso.
std::optional<time_unit> time_unit_called(std::string_view name);
/// What the column's name tells by its ending: `trade_ms`, `unix_s`.
std::optional<time_unit> time_unit_of_column(std::string_view column);

/// In nanoseconds. A count may have a fraction, of which whole nanoseconds are kept, and a sign.
protocol::expected<std::int64_t> read_time(std::string_view text, time_unit unit);

/// `what` is named in the error.
protocol::expected<protocol::decimal> read_number(std::string_view text, std::string_view what);
protocol::expected<std::uint64_t> read_count(std::string_view text, std::string_view what);
/// buy or sell in any case; empty: none.
protocol::expected<protocol::side> read_side(std::string_view text);
/// Digits alone are a number; empty: none.
protocol::trade_id read_id(std::string_view text);
protocol::trade_id text_id(std::string_view text);

}  // namespace tickcast::feeds
