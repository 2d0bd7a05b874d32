#include "analytics/calendar.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <stdexcept>

namespace tickcast::analytics {
namespace {

using protocol::day_number;
using nanoseconds = std::chrono::nanoseconds;

constexpr std::int64_t day_ns = 86'400'000'000'000;
/// Further than any exchange is closed; what is closed for longer has no session there.
constexpr int days_searched = 400;
/// A session may begin so many days before its trading day.
constexpr int most_days_before = 6;
constexpr auto first_time = std::numeric_limits<std::int64_t>::min();
constexpr auto last_time = std::numeric_limits<std::int64_t>::max();

day_number floor_day(std::int64_t time_ns) noexcept {
  return static_cast<day_number>(time_ns / day_ns - (time_ns % day_ns < 0 ? 1 : 0));
}

date::local_days local(day_number day) {
  return date::local_days(date::days(day));
}

session_span plain_days(day_number first, day_number last) {
  const auto begin = first * day_ns;
  const auto end = (last + std::int64_t{1}) * day_ns;
  return {begin, end, begin, end, first};
}

struct day_range {
  day_number first;
  day_number last;
};

day_range week_around(day_number day) noexcept {
  // 1970-01-01 was a Thursday.
  const auto since_monday = ((day + 3) % 7 + 7) % 7;
  return {day - since_monday, day - since_monday + 6};
}

day_range month_around(day_number day) {
  const date::year_month_day date(local(day));
  const auto number = [](auto d) {
    return static_cast<day_number>(date::local_days(d).time_since_epoch().count());
  };
  const auto month = date.year() / date.month();
  return {number(month / 1), number(month / date::last)};
}

const date::time_zone* find_zone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

}  // namespace

bool is_time_zone(const std::string& name) {
  return find_zone(name) != nullptr;
}

tl::expected<calendar, std::string> calendar::make(const protocol::trading_hours& hours,
                                                   const std::string& zone) {
  calendar result;
  const auto* found = find_zone(zone);
  if (!found)
    return tl::unexpected(fmt::format(
        "\"{}\" is no time zone of this machine's database; write one such as Asia/Shanghai", zone));
  if (hours.always && hours.days_that_differ.empty() && found == find_zone("UTC")) return result;
  result.hours_ = hours;
  result.zone_ = found;
  return result;
}

std::int64_t calendar::to_utc(day_number day, int minute) const {
  // What begins where another ends must be the same time, so both choose alike.
  return zone_->to_sys(local(day) + std::chrono::minutes(minute), date::choose::earliest).time_since_epoch() /
         nanoseconds(1);
}

std::int64_t calendar::begin_ns(place at) const {
  return to_utc(at.day, hours_.of(at.day)[at.index].begin);
}

std::int64_t calendar::end_ns(place at) const {
  return to_utc(at.day, hours_.of(at.day)[at.index].end);
}

calendar::place calendar::first_ending_behind(std::int64_t time_ns) const {
  const date::sys_time<nanoseconds> time{nanoseconds(time_ns)};
  const auto today =
      static_cast<day_number>(date::floor<date::days>(zone_->to_local(time)).time_since_epoch().count());
  for (auto day = today - 1; day < today + days_searched; ++day) {
    const auto count = hours_.of(day).size();
    for (std::size_t i = 0; i < count; ++i)
      if (end_ns({day, i, true}) > time_ns) return {day, i, true};
  }
  return {today + days_searched, 0, false};
}

calendar::place calendar::before(place at) const {
  if (at.exists && at.index > 0) return {at.day, at.index - 1, true};
  for (auto day = at.day - 1; day > at.day - days_searched - most_days_before; --day)
    if (const auto count = hours_.of(day).size(); count > 0) return {day, count - 1, true};
  return {};
}

calendar::place calendar::behind(place at) const {
  if (at.index + 1 < hours_.of(at.day).size()) return {at.day, at.index + 1, true};
  for (auto day = at.day + 1; day < at.day + days_searched; ++day)
    if (!hours_.of(day).empty()) return {day, 0, true};
  return {};
}

std::int64_t calendar::border(place earlier, place later) const {
  if (!earlier.exists) return first_time;
  if (!later.exists) return last_time;
  const auto end = end_ns(earlier);
  const auto begin = std::max(end, begin_ns(later));
  if (earlier.day == later.day) return end + (begin - end) / 2;
  return std::clamp(to_utc(earlier.day + 1, 0), end, begin);
}

session_span calendar::whole(place at) const {
  return {begin_ns(at), end_ns(at), border(before(at), at), border(at, behind(at)), at.day};
}

session_span calendar::session_of(std::int64_t time_ns) const {
  if (plain()) return plain_days(floor_day(time_ns), floor_day(time_ns));
  const auto next = first_ending_behind(time_ns);
  const auto previous = before(next);
  if (!next.exists && !previous.exists)
    return {time_ns, last_time, first_time, last_time, floor_day(time_ns)};
  return whole(next.exists && time_ns >= border(previous, next) ? next : previous);
}

session_span calendar::session_at_or_after(std::int64_t time_ns) const {
  if (plain()) return session_of(time_ns);
  const auto next = first_ending_behind(time_ns);
  if (!next.exists) return {last_time, last_time, last_time, last_time, next.day};
  return whole(next);
}

session_span calendar::run_of(day_number first, day_number last) const {
  if (plain()) return plain_days(first, last);
  while (first < last && hours_.of(first).empty()) ++first;
  while (last > first && hours_.of(last).empty()) --last;
  if (hours_.of(first).empty()) {
    const auto begin = to_utc(first, 0);
    return {begin, last_time, begin, last_time, first};
  }
  const auto opening = whole({first, 0, true});
  const auto closing = whole({last, hours_.of(last).size() - 1, true});
  return {opening.begin_ns, closing.end_ns, opening.from_ns, closing.until_ns, first};
}

session_span calendar::day_of(std::int64_t time_ns) const {
  const auto day = trading_day(time_ns);
  return run_of(day, day);
}

session_span calendar::week_of(std::int64_t time_ns) const {
  const auto week = week_around(trading_day(time_ns));
  return run_of(week.first, week.last);
}

session_span calendar::month_of(std::int64_t time_ns) const {
  const auto month = month_around(trading_day(time_ns));
  return run_of(month.first, month.last);
}

}  // namespace tickcast::analytics
