#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tickcast::net::api {

/// A time as queries write it, in nanoseconds since 1970 UTC: whole microseconds ("1723075200000000"), or
/// ISO 8601 ("2024-08-08", "2024-08-08T09:30:00.5-04:00"; without an offset it is UTC). A blank before the
/// offset is a "+" that a URL has lost. Nothing: it is neither, or outside 1678 to 2262.
std::optional<std::int64_t> parse_time(std::string_view text);

}  // namespace tickcast::net::api
