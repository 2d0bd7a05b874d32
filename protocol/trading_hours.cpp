#include "protocol/trading_hours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace tickcast::protocol {
namespace {

constexpr int day_minutes = 24 * 60;
constexpr int week_minutes = 7 * day_minutes;
constexpr std::string_view digits = "0123456789";

using ranges = std::vector<session_minutes>;

tl::unexpected<std::string> wrong(std::string_view text, std::string_view what) {
  return tl::unexpected(fmt::format("\"{}\" {}", text, what));
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<int> number_of(std::string_view text) {
  if (text.empty() || text.size() > 4 || text.find_first_not_of(digits) != std::string_view::npos)
    return std::nullopt;
  int result = 0;
  for (const char c : text) result = result * 10 + (c - '0');
  return result;
}

struct clock_time {
  int minute;
  int days_before;
  bool says_days;
};

std::optional<clock_time> time_of(std::string_view text) {
  const auto parts = split(text, 'F');
  if (parts.size() > 2 || parts[0].size() != 4) return std::nullopt;
  const auto written = number_of(parts[0]);
  if (!written) return std::nullopt;
  const int minute = *written / 100 * 60 + *written % 100;
  if (*written % 100 > 59 || minute > day_minutes) return std::nullopt;
  if (parts.size() == 1) return clock_time{minute, 0, false};
  const auto before = number_of(parts[1]);
  if (!before || parts[1].size() != 1 || *before > 6) return std::nullopt;
  return clock_time{minute, *before, true};
}

std::optional<session_minutes> range_of(std::string_view text) {
  const auto ends = split(text, '-');
  if (ends.size() != 2) return std::nullopt;
  auto begin = time_of(ends[0]);
  const auto end = time_of(ends[1]);
  if (!begin || !end || begin->minute == day_minutes) return std::nullopt;
  int until = end->minute - end->days_before * day_minutes;
  // 0000-0000 is the day itself, not the one before.
  if (begin->minute == 0 && end->minute == 0 && !begin->says_days && !end->says_days) until = day_minutes;
  if (!begin->says_days && begin->minute >= until + end->days_before * day_minutes)
    begin->days_before = end->days_before + 1;
  else if (!begin->says_days)
    begin->days_before = end->days_before;
  const session_minutes result{begin->minute - begin->days_before * day_minutes, until};
  if (result.end <= result.begin) return std::nullopt;
  return result;
}

tl::expected<ranges, std::string> ranges_of(std::string_view text) {
  ranges result;
  for (const auto part : split(text, ',')) {
    const auto range = range_of(part);
    if (!range) return wrong(part, "is no range of hours; write 0930-1600, or 1700-1600 for over midnight");
    result.push_back(*range);
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < result.size(); ++i)
    if (result[i].begin < result[i - 1].end) return wrong(text, "has ranges that overlap");
  return result;
}

/// Sessions of one trading day must be over before those of the next begin.
bool week_overlaps(const trading_hours& hours) {
  ranges week;
  for (int day = 0; day < 7; ++day)
    for (const auto& each : hours.by_weekday[static_cast<std::size_t>(day)])
      for (const int turn : {-week_minutes, 0, week_minutes})
        week.push_back({each.begin + day * day_minutes + turn, each.end + day * day_minutes + turn});
  std::sort(week.begin(), week.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < week.size(); ++i)
    if (week[i].begin < week[i - 1].end) return true;
  return false;
}

constexpr bool is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

}  // namespace

tl::expected<day_number, std::string> parse_day(std::string_view text) {
  constexpr std::array<int, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const auto no_day = [&] { return wrong(text, "is no day; write it as 20241129"); };
  if (text.size() != 8 || text.find_first_not_of(digits) != std::string_view::npos) return no_day();
  const int year = *number_of(text.substr(0, 4));
  const int month = *number_of(text.substr(4, 2));
  const int day = *number_of(text.substr(6, 2));
  if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1) return no_day();
  const auto length_of = [&](int m) {
    return lengths[static_cast<std::size_t>(m - 1)] + (m == 2 && is_leap(year) ? 1 : 0);
  };
  if (day > length_of(month)) return no_day();
  int result = day - 1;
  for (int y = 1970; y < year; ++y) result += is_leap(y) ? 366 : 365;
  for (int m = 1; m < month; ++m) result += length_of(m);
  return result;
}

const std::vector<session_minutes>& trading_hours::of(day_number day) const {
  static const ranges whole_day{{0, day_minutes}};
  if (const auto found = days_that_differ.find(day); found != days_that_differ.end()) return found->second;
  if (always) return whole_day;
  constexpr int thursday = 4;  // 1970-01-01
  return by_weekday[static_cast<std::size_t>(((day + thursday) % 7 + 7) % 7)];
}

tl::expected<trading_hours, std::string> parse_trading_hours(std::string_view text) {
  trading_hours result;
  if (text.empty() || text == "24x7") return result;
  result.always = false;
  std::array<bool, 7> named{};
  std::optional<ranges> others;
  for (const auto part : split(text, '|')) {
    const auto colon = part.find(':');
    auto read = ranges_of(part.substr(0, colon));
    if (!read) return tl::unexpected(std::move(read.error()));
    if (colon == std::string_view::npos) {
      if (others) return wrong(text, "has two parts without days");
      others = std::move(*read);
      continue;
    }
    const auto days = part.substr(colon + 1);
    if (days.empty() || days.find_first_not_of("1234567") != std::string_view::npos)
      return wrong(part, "names no days behind the colon; write digits, 1 is Sunday");
    for (const char c : days) {
      const auto day = static_cast<std::size_t>(c - '1');
      if (named[day]) return wrong(text, fmt::format("names day {} twice", c));
      named[day] = true;
      result.by_weekday[day] = *read;
    }
  }
  for (std::size_t day = 1; others && day <= 5; ++day)
    if (!named[day]) result.by_weekday[day] = *others;
  if (week_overlaps(result)) return wrong(text, "has sessions that reach into those of the next day");
  return result;
}

tl::expected<void, std::string> add_holiday(trading_hours& to, std::string_view day) {
  const auto read = parse_day(day);
  if (!read) return tl::unexpected(read.error());
  to.days_that_differ[*read] = {};
  return {};
}

tl::expected<void, std::string> add_correction(trading_hours& to, std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return wrong(text, "names no day; write hours and days as in 1000-1400:20241129");
  ranges read;
  if (text.substr(0, colon) != "closed") {
    auto hours = ranges_of(text.substr(0, colon));
    if (!hours) return tl::unexpected(std::move(hours.error()));
    read = std::move(*hours);
  }
  std::vector<day_number> days;
  for (const auto each : split(text.substr(colon + 1), ',')) {
    const auto day = parse_day(each);
    if (!day) return tl::unexpected(day.error());
    days.push_back(*day);
  }
  for (const auto day : days) to.days_that_differ[day] = read;
  return {};
}

}  // namespace tickcast::protocol
