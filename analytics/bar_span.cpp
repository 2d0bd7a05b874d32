#include "analytics/bar_span.hpp"

#include <algorithm>

namespace tickcast::analytics {
namespace {

constexpr std::int64_t day_ns = 86'400'000'000'000;
constexpr std::int64_t week_ns = 7 * day_ns;

std::int64_t floor_to(std::int64_t time_ns, std::int64_t interval_ns) noexcept {
  auto rest = time_ns % interval_ns;
  if (rest < 0) rest += interval_ns;
  return time_ns - rest;
}

bar_span whole(const session_span& run) noexcept {
  return {run.begin_ns, run.end_ns, run.from_ns, run.until_ns};
}

bar_span within(const session_span& session, std::int64_t time_ns, std::int64_t interval_ns) noexcept {
  const auto traded = std::clamp(time_ns, session.begin_ns, session.end_ns - 1) - session.begin_ns;
  const auto begin = session.begin_ns + traded / interval_ns * interval_ns;
  const bool last = session.end_ns - begin <= interval_ns;
  const auto end = last ? session.end_ns : begin + interval_ns;
  return {begin, end, begin == session.begin_ns ? session.from_ns : begin, last ? session.until_ns : end};
}

}  // namespace

bar_span span_of(const protocol::interval& interval, std::int64_t time_ns, session_cursor& sessions) {
  if (interval.by == protocol::interval::unit::month) return whole(sessions.of().month_of(time_ns));
  if (interval.count == week_ns) return whole(sessions.of().week_of(time_ns));
  if (sessions.of().plain()) {
    const auto begin = floor_to(time_ns, interval.count);
    const auto end = begin + interval.count;
    return {begin, end, begin, end};
  }
  if (interval.count == day_ns) return whole(sessions.of().day_of(time_ns));
  return within(sessions.at(time_ns), time_ns, interval.count);
}

}  // namespace tickcast::analytics
