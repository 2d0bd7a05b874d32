#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace tickcast::protocol {

/// A day as its number since 1970-01-01, by the exchange's own calendar.
using day_number = std::int32_t;

/// The day `20241129` names, if there is such a day. Years 1970 to 2200.
tl::expected<day_number, std::string> parse_day(std::string_view text);

/// One session of a trading day, in minutes from that day's midnight; negative on a day before. The end is
/// excluded.
struct session_minutes {
  int begin;
  int end;

  friend bool operator==(const session_minutes&, const session_minutes&) noexcept = default;
};

/// When an instrument trades, by the exchange's clock, trading day by trading day: the sessions of each
/// weekday, and days that differ. A trading day has the name of the day that its sessions end on. Plain
/// values; the time zone is beside it (protocol/instrument.hpp), analytics/calendar.hpp makes times of them.
///
///   hours   = "24x7" | part | part…
///   part    = ranges [:days]                 without days: Monday to Friday, but those that another part
///   names ranges  = range,range… range   = HHMM[Fn]-HHMM[Fn]              Fn: n days before; 2400 is the
///   midnight at the end days    = digits, 1 is Sunday
///
/// A range whose end is not behind its begin begins the day before: `1700-1600` opens on Sunday at 17:00 for
/// Monday. `1700F3-1600:2|1700-1600:3456` opens on Friday instead. This is the grammar that TradingView's
/// charts use (https://www.tradingview.com/charting-library-docs/latest/connecting_data/Trading-Sessions).
struct trading_hours {
  bool always = true;                                      ///< round the clock, each day from midnight
  std::array<std::vector<session_minutes>, 7> by_weekday;  ///< from Sunday; ascending, none overlaps another
  std::map<day_number, std::vector<session_minutes>> days_that_differ;  ///< empty: no trading

  /// The sessions of a trading day.
  const std::vector<session_minutes>& of(day_number day) const;

  friend bool operator==(const trading_hours&, const trading_hours&) = default;
};

/// Reads hours, or says in a sentence what is wrong with them.
tl::expected<trading_hours, std::string> parse_trading_hours(std::string_view text);

/// Makes a day off of each named day, e.g. "20241225". Nothing is changed where it says what is wrong.
tl::expected<void, std::string> add_holiday(trading_hours& to, std::string_view day);

/// Gives days hours of their own: `1000-1400:20241129,20241224`, or `closed:20241225`.
tl::expected<void, std::string> add_correction(trading_hours& to, std::string_view text);

}  // namespace tickcast::protocol
