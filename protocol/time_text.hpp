#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tickcast::protocol {

/// A moment of ISO 8601 in nanoseconds since 1970 UTC: a date (`2024-08-08`, `20240808`), or one with `T` or
/// a blank and a time of day behind it (`09:30`, `09:30:00`, `093000`, `09:30:00.123456789`), and perhaps an
/// offset (`Z`, `+08:00`, `-0400`, `+08`). Without an offset it is UTC. Digits behind the ninth are cut.
/// Nothing: it is none, or outside the years 1678 to 2261.
std::optional<std::int64_t> parse_iso_time(std::string_view text) noexcept;

/// A time as queries write it: whole microseconds since 1970, or as parse_iso_time. Digits alone are
/// microseconds; four of them are refused, for who writes 2024 means no 2 ms.
std::optional<std::int64_t> parse_query_time(std::string_view text) noexcept;

/// `2024-08-08T09:30:00.123456789Z`, always with nine digits; parse_iso_time reads it back. Years as above.
std::string iso_time(std::int64_t time_ns);

}  // namespace tickcast::protocol
