#include "analytics/session_hours.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

namespace tickcast::analytics {
namespace {

using nanoseconds = std::chrono::nanoseconds;
using minutes = std::chrono::minutes;

constexpr int day_minutes = 24 * 60;
/// Further than any weekend reaches; what is closed for longer than that is looked at again after it.
constexpr int days_around = 8;
constexpr std::array<std::string_view, 7> day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::uint8_t monday_to_friday = 0b0111110;

constexpr std::uint8_t bit(unsigned day) {
  return static_cast<std::uint8_t>(1U << (day % 7));
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

std::optional<unsigned> day_of(std::string_view name) {
  const auto found = std::find(day_names.begin(), day_names.end(), name);
  if (found == day_names.end()) return std::nullopt;
  return static_cast<unsigned>(found - day_names.begin());
}

std::optional<std::uint8_t> days_of(std::string_view text) {
  std::uint8_t days = 0;
  for (const auto part : split(text, ',')) {
    const auto ends = split(part, '-');
    const auto first = day_of(ends.front());
    const auto last = day_of(ends.back());
    if (!first || !last || ends.size() > 2) return std::nullopt;
    for (unsigned day = *first;; ++day) {
      days |= bit(day);
      if (day % 7 == *last) break;
    }
  }
  return days;
}

std::optional<int> minute_of(std::string_view text) {
  if (text.size() != 4 || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[2] - '0') * 10 + (text[3] - '0');
  if (minute > 59 || hour > 24 || (hour == 24 && minute > 0)) return std::nullopt;
  return hour * 60 + minute;
}

nanoseconds to_utc(const date::time_zone& zone, date::local_days day, int minute, date::choose which) {
  return zone.to_sys(day + minutes(minute), which).time_since_epoch();
}

}  // namespace

const std::vector<std::pair<std::string_view, std::string_view>>& session_hours::known() {
  static const std::vector<std::pair<std::string_view, std::string_view>> names{
      {"FX", "Sun-Fri 1700-1700 America/New_York"},  {"GLBX", "Sun-Fri 1700-1600 America/Chicago"},
      {"XETR", "0900-1730 Europe/Berlin"},           {"XHKG", "0930-1200,1300-1610 Asia/Hong_Kong"},
      {"XLON", "0800-1635 Europe/London"},           {"XNAS", "0930-1600 America/New_York"},
      {"XNYS", "0930-1600 America/New_York"},        {"XSHE", "0930-1130,1300-1500 Asia/Shanghai"},
      {"XSHG", "0930-1130,1300-1500 Asia/Shanghai"}, {"XTKS", "0900-1130,1230-1530 Asia/Tokyo"},
  };
  return names;
}

tl::expected<session_hours, std::string> session_hours::parse(std::string_view text) {
  if (text.empty() || text == "24x7") return session_hours{};
  for (const auto& [name, hours] : known())
    if (name == text) return parse_hours(hours);
  return parse_hours(text);
}

tl::expected<session_hours, std::string> session_hours::parse_hours(std::string_view text) {
  const auto wrong = [&](std::string_view what) {
    return tl::unexpected(fmt::format(
        "\"{}\": {}; hours look like \"0930-1130,1300-1500 Asia/Shanghai\" or \"Sun-Fri 1700-1600 "
        "America/Chicago\", or are a name such as XNYS, or 24x7",
        text, what));
  };
  auto words = split(text, ' ');
  if (words.size() != 2 && words.size() != 3)
    return wrong("neither a known name nor ranges with a time zone");
  session_hours result;
  result.days_ = monday_to_friday;
  if (words.size() == 3) {
    const auto days = days_of(words.front());
    if (!days) return wrong(fmt::format("{} names no days", words.front()));
    result.days_ = *days;
    words.erase(words.begin());
  }
  for (const auto part : split(words[0], ',')) {
    const auto ends = split(part, '-');
    const auto begin = minute_of(ends.front());
    auto end = minute_of(ends.back());
    if (!begin || !end || ends.size() != 2 || *begin == day_minutes)
      return wrong(fmt::format("{} is no range of hours", part));
    if (*end <= *begin) *end += day_minutes;
    result.ranges_.push_back({*begin, *end});
  }
  try {
    result.zone_ = date::locate_zone(std::string(words[1]));
  } catch (const std::runtime_error&) {
    return wrong(fmt::format("{} is no time zone of this machine's database", words[1]));
  }
  return result;
}

session_hours::stretch session_hours::at(std::int64_t time_ns) const {
  if (always()) return {};
  const date::sys_time<nanoseconds> time{nanoseconds(time_ns)};
  const auto today = date::floor<date::days>(zone_->to_local(time));
  std::vector<std::pair<std::int64_t, std::int64_t>> open;
  for (int off = -days_around; off <= days_around; ++off) {
    const auto day = today + date::days(off);
    const unsigned weekday = date::weekday(day).c_encoding();
    for (const auto& each : ranges_) {
      const bool over_midnight = each.end_minute > day_minutes;
      if (!(days_ & bit(weekday)) || (over_midnight && !(days_ & bit(weekday + 1)))) continue;
      open.emplace_back(to_utc(*zone_, day, each.begin_minute, date::choose::earliest).count(),
                        to_utc(*zone_, day, each.end_minute, date::choose::latest).count());
    }
  }
  std::sort(open.begin(), open.end());
  stretch result{false, time_ns - nanoseconds(date::days(days_around)).count(),
                 time_ns + nanoseconds(date::days(days_around)).count()};
  for (std::size_t i = 0; i < open.size();) {
    auto [begin, end] = open[i];
    // Ranges that touch or overlap are one stretch.
    for (++i; i < open.size() && open[i].first <= end; ++i) end = std::max(end, open[i].second);
    if (end <= time_ns)
      result.since_ns = end;
    else if (begin <= time_ns)
      return {true, begin, end};
    else
      return {false, result.since_ns, begin};
  }
  return result;
}

}  // namespace tickcast::analytics
