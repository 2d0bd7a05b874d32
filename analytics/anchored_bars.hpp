#pragma once
#include <cstdint>
#include <optional>

#include "analytics/calendar.hpp"
#include "analytics/indicators/bar_input.hpp"
#include "protocol/market.hpp"

namespace tickcast::analytics {

/// Makes of an instrument's bars, given one after the other, what indicators take. The first bar of each
/// trading day is an anchor, and so is the first of all: sessions of one day (before and after lunch) belong
/// together. For one thread.
class anchored_bars {
public:
  /// `hours` must outlive it.
  explicit anchored_bars(const calendar& hours) noexcept : sessions_(hours) {}

  indicators::bar_input next(const protocol::bar& bar);
  /// What `bar` would be as the next one, without going on.
  indicators::bar_input peek(const protocol::bar& bar);
  /// Goes on behind the bar of that time; nothing: before the first.
  void go_behind(std::optional<std::int64_t> bar_ns);

private:
  session_cursor sessions_;
  std::optional<protocol::day_number> day_;  ///< of the bar before
};

}  // namespace tickcast::analytics
