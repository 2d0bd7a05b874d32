#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace date {
class time_zone;
}

namespace tickcast::analytics {

/// When a market trades, by its own clock and time zone, summer time included.
///
///   hours  = "" | "24x7" | name | [days] ranges zone
///   days   = Mon-Fri (the default) | Sun-Fri | Mon,Wed,Fri …
///   ranges = 0930-1600 | 0930-1130,1300-1500 …      local HHMM, the end excluded; 2400 is midnight
///   zone   = America/New_York …                     of the IANA database, or UTC
///   name   = the MIC of a market (ISO 10383), or FX; see session_hours::known()
///
/// A range that ends at or before its begin runs over midnight. It stands when both the day it begins on and
/// the day it ends on are listed: `Sun-Fri 1700-1600 America/Chicago` opens on Sunday at 17:00, pauses for an
/// hour each day, and closes on Friday at 16:00. Holidays are not known.
///
/// Immutable; any thread. The time zones are those of the machine (tzdata).
class session_hours {
public:
  static constexpr std::int64_t always_ns = std::numeric_limits<std::int64_t>::max();

  /// How the market stands from `since_ns` until `until_ns`, both UTC, the latter excluded.
  struct stretch {
    bool open = true;
    std::int64_t since_ns = -always_ns;
    std::int64_t until_ns = always_ns;

    bool has(std::int64_t time_ns) const noexcept { return time_ns >= since_ns && time_ns < until_ns; }
  };

  /// Round the clock.
  session_hours() = default;
  /// Reads hours as above, or says in a sentence what is wrong with them.
  static tl::expected<session_hours, std::string> parse(std::string_view text);
  /// The names that parse() knows, each with the hours it stands for.
  static const std::vector<std::pair<std::string_view, std::string_view>>& known();

  bool always() const noexcept { return zone_ == nullptr; }
  bool is_open(std::int64_t time_ns) const { return at(time_ns).open; }
  /// The whole stretch around a time; costs some 50 µs, so keep it until it ends.
  stretch at(std::int64_t time_ns) const;

private:
  struct range {
    int begin_minute;
    int end_minute;  ///< above 1440: on the next day
  };
  static tl::expected<session_hours, std::string> parse_hours(std::string_view text);

  std::uint8_t days_ = 0;  ///< bit 0: Sunday
  std::vector<range> ranges_;
  const date::time_zone* zone_ = nullptr;
};

}  // namespace tickcast::analytics
