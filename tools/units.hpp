#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

/// JSON values of the admin API as a person reads them. What is not known is "-"; what has another type than
/// expected is shown as it is.
namespace tickcast::tools {

std::string as_text(const nlohmann::json& value);
/// A whole number with its thousands apart: 12,345.
std::string as_count(const nlohmann::json& value);
/// Something a second: 0, 7.5, 812, 12.3k, 4.6M.
std::string as_rate(const nlohmann::json& value);
/// 512 B, 1.5 kB, 2.3 MB; a kB is 1000 bytes.
std::string as_bytes(const nlohmann::json& value);
/// Milliseconds: 0, 12 ms, 1.5 s, 3m 12s, 2h 05m, 3d 4h.
std::string as_duration(const nlohmann::json& value);
/// Microseconds: 0, 8.2 µs, 340 µs, 1.5 ms, 2.0 s.
std::string as_micros(const nlohmann::json& value);
/// A share of one: 12.5%.
std::string as_share(const nlohmann::json& value);
/// µs since 1970 as a moment in UTC: 2026-11-20 17:50:51Z.
std::string as_time(const nlohmann::json& value);
/// The same with milliseconds, for logs.
std::string as_log_time(const nlohmann::json& value);
/// yes or no.
std::string as_yes(const nlohmann::json& value);

/// The member of that name, null when there is none.
const nlohmann::json& member(const nlohmann::json& of, std::string_view name);
/// Without bytes that would disturb a terminal: each is a '?'.
std::string printable(std::string text);
/// At most `width` code points of UTF-8.
std::string cut(const std::string& text, std::size_t width);

}  // namespace tickcast::tools
