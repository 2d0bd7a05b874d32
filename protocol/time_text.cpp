#include "protocol/time_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

namespace tickcast::protocol {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t minute_ns = 60 * second_ns;
constexpr std::int64_t hour_ns = 60 * minute_ns;
constexpr std::int64_t day_ns = 24 * hour_ns;
// Years that fit into 64 bits of nanoseconds as a whole.
constexpr int first_year = 1678;
constexpr int last_year = 2261;

/// Takes a text from its front; what does not fit leaves it as it is.
class scanner {
public:
  explicit scanner(std::string_view text) noexcept : rest_(text) {}

  bool at_end() const noexcept { return rest_.empty(); }
  bool next_is(char c) const noexcept { return !rest_.empty() && rest_.front() == c; }
  bool take(char c) noexcept {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Exactly so many digits.
  std::optional<int> digits(std::size_t count) noexcept {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (!is_digit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  /// The digits of a fraction of a second, at least one; what is below a nanosecond is cut.
  std::optional<std::int64_t> fraction_ns() noexcept {
    std::int64_t value = 0;
    std::int64_t place = second_ns;
    std::size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
      place /= 10;
      value += place * (rest_[count] - '0');
    }
    if (count == 0) return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }

private:
  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

  std::string_view rest_;
};

std::optional<std::int64_t> take_date(scanner& from) noexcept {
  namespace calendar = std::chrono;
  const auto year = from.digits(4);
  const bool dashes = from.take('-');
  const auto month = from.digits(2);
  if (dashes && !from.take('-')) return std::nullopt;
  const auto day = from.digits(2);
  if (!year || !month || !day || *year < first_year || *year > last_year) return std::nullopt;
  const calendar::year_month_day date{calendar::year(*year), calendar::month(static_cast<unsigned>(*month)),
                                      calendar::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return calendar::sys_days(date).time_since_epoch().count() * day_ns;
}

std::optional<std::int64_t> take_time_of_day(scanner& from) noexcept {
  const auto hours = from.digits(2);
  const bool colons = from.take(':');
  const auto minutes = from.digits(2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  std::int64_t time_ns = *hours * hour_ns + *minutes * minute_ns;
  const bool offset_follows =
      from.next_is('Z') || from.next_is('z') || from.next_is('+') || from.next_is('-');
  if (from.at_end() || offset_follows) return time_ns;
  if (colons && !from.take(':')) return std::nullopt;
  const auto seconds = from.digits(2);
  if (!seconds || *seconds > 59) return std::nullopt;
  time_ns += *seconds * second_ns;
  if (!from.take('.') && !from.take(',')) return time_ns;
  const auto fraction = from.fraction_ns();
  if (!fraction) return std::nullopt;
  return time_ns + *fraction;
}

/// How far ahead of UTC.
std::optional<std::int64_t> take_offset(scanner& from) noexcept {
  if (from.at_end() || from.take('Z') || from.take('z')) return 0;
  const bool behind = from.next_is('-');
  if (!from.take('+') && !from.take('-')) return std::nullopt;
  const auto hours = from.digits(2);
  if (!hours || *hours > 23) return std::nullopt;
  std::int64_t ahead_ns = *hours * hour_ns;
  if (!from.at_end()) {
    from.take(':');
    const auto minutes = from.digits(2);
    if (!minutes || *minutes > 59) return std::nullopt;
    ahead_ns += *minutes * minute_ns;
  }
  return behind ? -ahead_ns : ahead_ns;
}

}  // namespace

std::optional<std::int64_t> parse_iso_time(std::string_view text) noexcept {
  scanner from(text);
  const auto date = take_date(from);
  if (!date || from.at_end()) return date;
  if (!from.take('T') && !from.take('t') && !from.take(' ')) return std::nullopt;
  const auto time_of_day = take_time_of_day(from);
  if (!time_of_day) return std::nullopt;
  const auto offset = take_offset(from);
  if (!offset || !from.at_end()) return std::nullopt;
  return *date + *time_of_day - *offset;
}

std::optional<std::int64_t> parse_query_time(std::string_view text) noexcept {
  std::int64_t us = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), us);
  if (fault != std::errc() || end != text.data() + text.size()) return parse_iso_time(text);
  constexpr std::size_t digits_of_a_year = 4;
  std::int64_t time_ns = 0;
  if (text.size() == digits_of_a_year || __builtin_mul_overflow(us, std::int64_t{1000}, &time_ns))
    return std::nullopt;
  return time_ns;
}

std::string iso_time(std::int64_t time_ns) {
  namespace calendar = std::chrono;
  const auto days = time_ns / day_ns - (time_ns % day_ns < 0 ? 1 : 0);
  const auto within = time_ns - days * day_ns;
  const calendar::year_month_day date{calendar::sys_days(calendar::days(days))};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), within / hour_ns,
                     within / minute_ns % 60, within / second_ns % 60, within % second_ns);
}

}  // namespace tickcast::protocol
