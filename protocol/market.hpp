#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/decimal.hpp"

namespace tickcast::protocol {

/// Which side took liquidity.
enum class side : std::uint8_t { none = 0, buy = 1, sell = 2 };

/// A venue's name for a trade: a number, or text where the venue writes text. Unique within one feed and
/// symbol.
struct trade_id {
  enum class kind : std::uint8_t { none, number, text };
  kind is = kind::none;
  std::uint64_t number = 0;
  std::shared_ptr<const std::string> text;

  friend bool operator==(const trade_id& a, const trade_id& b) noexcept {
    return a.is == b.is && a.number == b.number && (a.is != kind::text || *a.text == *b.text);
  }
};

/// One trade. `time_ns`: the venue's time, nanoseconds since 1970 UTC. `size` in units of the instrument.
struct trade {
  std::int64_t time_ns = 0;
  decimal price;
  decimal size;
  side aggressor = side::none;
  trade_id id;

  friend bool operator==(const trade&, const trade&) noexcept = default;
};

/// Best bid and ask. A side without orders has size 0 and price 0.
struct quote {
  std::int64_t time_ns = 0;
  decimal bid;
  decimal bid_size;
  decimal ask;
  decimal ask_size;

  friend bool operator==(const quote&, const quote&) noexcept = default;
};

/// One bar of an interval that begins at time_ns. `trades` counts the trades (or quotes) in it; `closed` says
/// that it is complete. A closed bar that late trades, cancels or corrections change comes again with a
/// higher `rev`; one that they leave without a trade comes with `trades` 0 and its last prices.
struct bar {
  std::int64_t time_ns = 0;
  decimal open;
  decimal high;
  decimal low;
  decimal close;
  decimal volume;
  std::uint64_t trades = 0;
  bool closed = false;
  decimal value{};        ///< sum of price × size; zero beside a volume where a feed's bars do not tell it
  std::uint32_t rev = 0;  ///< revision, from 0

  friend bool operator==(const bar&, const bar&) noexcept = default;

  /// Whether `value` is known.
  bool has_value() const noexcept { return !value.is_zero() || volume.is_zero(); }
};

/// Volume-weighted average price: value / volume, rounded half to even to 12 significant digits (at most 18
/// decimal places), so that every double holds it. Nothing where either is zero.
std::optional<decimal> vwap(const bar& of) noexcept;

/// What a venue says of a trade it has reported before: it does not stand, or not as reported.
struct trade_amendment {
  trade_id id;               ///< of the trade; never none
  std::int64_t time_ns = 0;  ///< of the trade, as it was reported
  bool cancels = false;      ///< the trade is taken back; else price and size are those that stand
  decimal price;
  decimal size;

  friend bool operator==(const trade_amendment&, const trade_amendment&) noexcept = default;
};

/// The current day's figures (UTC day until instruments have sessions). Valid when `trades` > 0.
struct day_totals {
  std::int64_t day_ns = 0;  ///< start of the day
  decimal open;
  decimal high;
  decimal low;
  decimal volume;
  std::uint64_t trades = 0;
  decimal previous_close;  ///< the last price before this day began
  bool has_previous_close = false;
};

}  // namespace tickcast::protocol
