#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "analytics/bar_builder.hpp"
#include "analytics/calendar.hpp"
#include "protocol/market.hpp"
#include "protocol/topic.hpp"

namespace tickcast::plugins {

/// A price that goes into bars.
struct bar_tick {
  std::int64_t time_ns;
  protocol::decimal price;
  protocol::decimal size;
  std::uint64_t number;    ///< of its arrival
  std::int64_t newest_ns;  ///< the newest time of those before it
};

/// The interval of that name; where the name does not say of what, made of `source` as far as that can be.
std::optional<protocol::interval> made_of(std::string_view name, protocol::interval::source source);

/// The bars of one interval of one symbol as the engine forms and pushes them (docs/bars.md), on a virtual
/// clock: forming ones at most every push_ns, what completes or revises a bar at once. What is to be told is
/// appended, in order.
class bar_former {
public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  bar_former(const protocol::interval& what, std::int32_t lateness_ms, std::int64_t push_ns, bool clock_close)
      : builder_(what, lateness_ms), push_ns_(push_ns), clock_close_(clock_close) {}

  void take(const bar_tick& next, analytics::session_cursor& sessions, std::int64_t now_ns,
            std::vector<protocol::bar>& tell);
  /// When it has something to tell by the clock alone.
  std::int64_t due_ns() const noexcept;
  /// Tells what is due.
  void look(std::int64_t now_ns, std::vector<protocol::bar>& tell);

private:
  analytics::bar_builder builder_;
  std::int64_t push_ns_;
  bool clock_close_;
  std::int64_t pushed_ns_ = std::numeric_limits<std::int64_t>::min() / 2;
  bool waiting_ = false;  ///< the newest bar has changed since it was told
};

}  // namespace tickcast::plugins
