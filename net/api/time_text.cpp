#include "net/api/time_text.hpp"

// g++ 12 takes a variable of the parser for unset that is set where it is read.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <date/date.h>

#include <charconv>
#include <limits>
#include <sstream>

namespace tickcast::net::api {
namespace {

constexpr std::int64_t ns_a_us = 1000;
constexpr std::int64_t most_us = std::numeric_limits<std::int64_t>::max() / ns_a_us;
/// Years whose times fit into 64 bits of nanoseconds.
constexpr date::year first_year{1678};
constexpr date::year last_year{2261};

using time_ns = date::sys_time<std::chrono::nanoseconds>;

std::optional<std::int64_t> parse_as(const std::string& text, const char* format) {
  std::istringstream in(text);
  time_ns time;
  in >> date::parse(format, time);
  if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  return time.time_since_epoch().count();
}

/// A year out of range would overflow before it could be refused.
bool has_possible_year(std::string_view text) {
  int year = 0;
  const auto [end, fault] =
      std::from_chars(text.data(), text.data() + std::min<std::size_t>(4, text.size()), year);
  return fault == std::errc{} && end == text.data() + 4 && date::year{year} >= first_year &&
         date::year{year} <= last_year;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  std::int64_t us = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), us);
  if (fault == std::errc{} && end == text.data() + text.size()) {
    constexpr std::size_t digits_of_a_year = 4;
    if (text.size() == digits_of_a_year)
      return std::nullopt;  // who writes 2024 does not mean 2 ms after 1970
    if (us > most_us || us < -most_us) return std::nullopt;
    return us * ns_a_us;
  }
  if (!has_possible_year(text)) return std::nullopt;
  std::string whole(text);
  if (const auto blank = whole.find(' '); blank != std::string::npos && blank > 10) whole[blank] = '+';
  if (whole.size() == 10) whole += "T00:00:00Z";
  if (whole.back() == 'Z') return parse_as(whole, "%FT%TZ");
  if (const auto sign = whole.find_first_of("+-", 10); sign != std::string::npos && whole.size() - sign < 5)
    return std::nullopt;  // an offset has hours and minutes
  if (const auto offset = parse_as(whole, "%FT%T%Ez")) return offset;
  return parse_as(whole, "%FT%T");
}

}  // namespace tickcast::net::api
