#pragma once
#include <cstdint>

#include "analytics/calendar.hpp"
#include "protocol/topic.hpp"

namespace tickcast::analytics {

/// Where one bar of time lies. It is called by time_ns and its time is over at end_ns; what has a time from
/// from_ns to until_ns (excluded) goes into it.
struct bar_span {
  std::int64_t time_ns = 0;
  std::int64_t end_ns = 0;
  std::int64_t from_ns = 0;
  std::int64_t until_ns = 0;

  friend bool operator==(const bar_span&, const bar_span&) noexcept = default;
};

/// The bar that a time falls into, for intervals of time and months. Below a day bars begin at the open of
/// their session, one behind the other, and the last one ends with it; the first takes what trades before the
/// open, the last what trades behind the close. `1d`, `1w` and `1mo` are whole trading days, weeks from
/// Monday and months, called by the open of their first session. Round the clock in UTC that is: multiples of
/// the interval since 1970, and weeks and months of the civil calendar.
bar_span span_of(const protocol::interval& interval, std::int64_t time_ns, session_cursor& sessions);

}  // namespace tickcast::analytics
