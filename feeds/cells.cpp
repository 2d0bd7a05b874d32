#include "feeds/cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <utility>

#include "protocol/time_text.hpp"

namespace tickcast::feeds {
namespace {

using protocol::errc;

constexpr std::array<std::pair<std::string_view, time_unit>, 6> unit_names{{{"s", time_unit::s},
                                                                            {"ms", time_unit::ms},
                                                                            {"us", time_unit::us},
                                                                            {"ns", time_unit::ns},
                                                                            {"iso", time_unit::iso},
                                                                            {"date", time_unit::iso}}};

std::int64_t nanoseconds_of(time_unit unit) {
  switch (unit) {
    case time_unit::s:
      return 1'000'000'000;
    case time_unit::ms:
      return 1'000'000;
    case time_unit::us:
      return 1'000;
    default:
      return 1;
  }
}

protocol::unexpected<protocol::error> refuse(errc code, std::string why) {
  return protocol::unexpected(protocol::error{code, std::move(why)});
}

/// A whole number of units, or one with a fraction.
std::optional<std::int64_t> parse_units(std::string_view text, std::int64_t unit_ns) {
  const bool negative = text.starts_with('-');
  const auto digits = text.substr(negative ? 1 : 0);
  const auto point = std::min(digits.find('.'), digits.size());
  std::int64_t whole = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + point, whole);
  if (fault != std::errc() || end != digits.data() + point || whole < 0) return std::nullopt;
  std::int64_t time_ns = 0;
  if (__builtin_mul_overflow(whole, unit_ns, &time_ns)) return std::nullopt;
  std::int64_t place = unit_ns;
  for (const char digit : digits.substr(std::min(point + 1, digits.size()))) {
    if (digit < '0' || digit > '9') return std::nullopt;
    place /= 10;
    if (__builtin_add_overflow(time_ns, place * (digit - '0'), &time_ns)) return std::nullopt;
  }
  return negative ? -time_ns : time_ns;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

}  // namespace

std::optional<time_unit> time_unit_called(std::string_view name) {
  for (const auto& [known, unit] : unit_names)
    if (known == name) return unit;
  return std::nullopt;
}

std::optional<time_unit> time_unit_of_column(std::string_view column) {
  const auto ending = column.rfind('_');
  if (ending == std::string_view::npos || ending == 0) return std::nullopt;
  const auto unit = time_unit_called(column.substr(ending + 1));
  return unit == time_unit::iso ? std::nullopt : unit;
}

protocol::expected<std::int64_t> read_time(std::string_view text, time_unit unit) {
  const auto time_ns =
      unit == time_unit::iso ? protocol::parse_iso_time(text) : parse_units(text, nanoseconds_of(unit));
  if (!time_ns) return refuse(errc::bad_field, fmt::format("'{}' is not a time", text));
  return *time_ns;
}

protocol::expected<protocol::decimal> read_number(std::string_view text, std::string_view what) {
  auto number = protocol::decimal::parse(text);
  if (!number) return refuse(number.error().code, fmt::format("{} '{}' is not a number", what, text));
  return number;
}

protocol::expected<std::uint64_t> read_count(std::string_view text, std::string_view what) {
  const auto count = whole_number(text);
  if (!count) return refuse(errc::bad_field, fmt::format("{} '{}' is not a whole number", what, text));
  return *count;
}

protocol::expected<protocol::side> read_side(std::string_view text) {
  if (text.empty()) return protocol::side::none;
  if (equals_ignoring_case(text, "buy")) return protocol::side::buy;
  if (equals_ignoring_case(text, "sell")) return protocol::side::sell;
  return refuse(errc::bad_field, fmt::format("the side '{}' is neither buy nor sell", text));
}

protocol::trade_id read_id(std::string_view text) {
  if (text.empty()) return {};
  const auto number = whole_number(text);
  if (!number) return text_id(text);
  return {protocol::trade_id::kind::number, *number, nullptr};
}

protocol::trade_id text_id(std::string_view text) {
  return {protocol::trade_id::kind::text, 0, std::make_shared<const std::string>(text)};
}

}  // namespace tickcast::feeds
