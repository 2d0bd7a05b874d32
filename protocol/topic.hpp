#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/error.hpp"

namespace tickcast::protocol {

inline constexpr std::size_t max_topic_bytes = 128;

/// The first word of a topic. The engine alone writes all but `user` and `other`.
enum class topic_kind : std::uint8_t {
  trade,
  quote,
  bar,
  book,
  feed,
  chart,
  indicator,
  presence,
  user,
  other
};

/// A bar's interval as it stands in topics: `1m`, `1mo`, `100t`, `50v`, `10000q`, each with `@bid|@ask|@mid`.
struct interval {
  enum class unit : std::uint8_t { time, month, ticks, volume, value };
  enum class source : std::uint8_t { trades, bid, ask, mid };
  unit by = unit::time;
  std::int64_t count = 0;  ///< nanoseconds for `time`, else a number of months, trades, or units
  source of = source::trades;

  friend bool operator==(const interval&, const interval&) noexcept = default;
};

/// Takes one of `1s 5s 1m 5m 15m 30m 1h 4h 1d 1w 1mo`, `<n>t`, `<n>v`, `<n>q`, with an optional `@source`.
expected<interval> parse_interval(std::string_view text);

/// A topic taken apart; the views point into the text it was parsed from.
struct topic_name {
  topic_kind kind = topic_kind::other;
  std::string_view whole;
  std::string_view word;           ///< the kind as written: "trade", "monitor", …
  std::string_view interval_text;  ///< bars and indicators only
  interval bar_interval;           ///< bars and indicators only
  std::string_view call;           ///< indicators only: "rsi(14)", not looked into
  std::string_view name;           ///< symbol, user id or the rest
  /// True when a quote topic publishes it (trade, quote, bar, book, indicator).
  bool has_symbol() const noexcept {
    return kind == topic_kind::trade || kind == topic_kind::quote || kind == topic_kind::bar ||
           kind == topic_kind::book || kind == topic_kind::indicator;
  }
};

/// Grammar: kind, for bars and indicators the interval, for indicators the call (dots within its parentheses
/// belong to it), and the rest, joined by dots, none of them empty; letters, digits and `._-:@/+(),`; at most
/// max_topic_bytes. Errors: bad_topic, too_large.
expected<topic_name> parse_topic(std::string_view text);

/// Whether there is nothing in it that a topic cannot hold.
bool has_topic_bytes_alone(std::string_view text) noexcept;

/// A symbol by itself must fit into `bar.10000q@mid.<symbol>`: same characters, at most 100 bytes.
bool is_valid_symbol(std::string_view symbol) noexcept;

/// Whether only the engine may write topics of this kind.
bool is_reserved(topic_kind kind) noexcept;

}  // namespace tickcast::protocol
