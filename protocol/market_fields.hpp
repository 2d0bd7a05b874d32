#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/client_message.hpp"
#include "protocol/indicator_message.hpp"
#include "protocol/market.hpp"

/// The fields of what the engine sends, described once for every encoder: those of the client protocol
/// (client_frames.cpp) and of the egress (egress_message.cpp). `Writer`: json_writer or msgpack_writer.
namespace tickcast::protocol::fields {

/// In which unit times leave.
enum class time_unit : std::uint8_t { microseconds, nanoseconds };

// Room that one frame or one element usually needs, so that the buffer grows once.
inline constexpr std::size_t head_room = 112;
inline constexpr std::size_t trade_room = 112;
inline constexpr std::size_t quote_room = 128;
inline constexpr std::size_t bar_room = 224;

inline std::int64_t whole_microseconds(std::int64_t ns) noexcept {
  return ns / 1000 - (ns % 1000 < 0 ? 1 : 0);
}

template <time_unit Unit, class Writer>
void write_time(Writer& to, std::int64_t ns) {
  to.key("time");
  to.whole(Unit == time_unit::nanoseconds ? ns : whole_microseconds(ns));
}

template <class Writer, std::size_t Size>
void write_number(Writer& to, const char (&name)[Size], decimal value) {
  to.key(name);
  to.number(value);
}

template <time_unit Unit, class Writer>
void write_trade(Writer& to, const trade& value) {
  const bool has_side = value.aggressor != side::none;
  const bool has_id = value.id.is != trade_id::kind::none;
  to.begin_map(3U + has_side + has_id);
  write_time<Unit>(to, value.time_ns);
  write_number(to, "price", value.price);
  write_number(to, "size", value.size);
  if (has_side) {
    to.key("side");
    to.plain(value.aggressor == side::buy ? "buy" : "sell");
  }
  if (has_id) {
    to.key("id");
    if (value.id.is == trade_id::kind::number) {
      to.natural(value.id.number);
    } else {
      to.text(*value.id.text);
    }
  }
  to.end_map();
}

inline constexpr std::size_t quote_fields = 5;
template <time_unit Unit, class Writer>
void write_quote_fields(Writer& to, const quote& value) {
  write_time<Unit>(to, value.time_ns);
  write_number(to, "bid", value.bid);
  write_number(to, "bid_size", value.bid_size);
  write_number(to, "ask", value.ask);
  write_number(to, "ask_size", value.ask_size);
}

template <time_unit Unit, class Writer>
void write_bar(Writer& to, const bar& value) {
  const bool has_value = value.has_value();
  const auto average = vwap(value);
  to.begin_map(9U + has_value + average.has_value());
  write_time<Unit>(to, value.time_ns);
  write_number(to, "open", value.open);
  write_number(to, "high", value.high);
  write_number(to, "low", value.low);
  write_number(to, "close", value.close);
  write_number(to, "volume", value.volume);
  if (has_value) write_number(to, "value", value.value);
  if (average) write_number(to, "vwap", *average);
  to.key("trades");
  to.natural(value.trades);
  to.key("closed");
  to.boolean(value.closed);
  to.key("rev");
  to.natural(value.rev);
  to.end_map();
}

template <class Writer>
void write_day(Writer& to, const day_totals& day) {
  to.begin_map(5U + day.has_previous_close);
  write_number(to, "open", day.open);
  write_number(to, "high", day.high);
  write_number(to, "low", day.low);
  write_number(to, "volume", day.volume);
  to.key("trades");
  to.natural(day.trades);
  if (day.has_previous_close) write_number(to, "previous_close", day.previous_close);
  to.end_map();
}

/// `day`: the figures with the amendment in them.
template <time_unit Unit, class Writer>
void write_amendment(Writer& to, const trade_amendment& value, const day_totals& day) {
  to.begin_map((value.cancels ? 3U : 5U) + (day.trades > 0));
  write_time<Unit>(to, value.time_ns);
  to.key("id");
  if (value.id.is == trade_id::kind::number) {
    to.natural(value.id.number);
  } else {
    to.text(*value.id.text);
  }
  if (value.cancels) {
    to.key("cancelled");
  } else {
    write_number(to, "price", value.price);
    write_number(to, "size", value.size);
    to.key("corrected");
  }
  to.boolean(true);
  if (day.trades > 0) {
    to.key("day");
    write_day(to, day);
  }
  to.end_map();
}

inline bool has_feed(const snapshot_head& head) noexcept {
  return !head.feed.name.empty();
}

template <class Writer>
void write_feed(Writer& to, const snapshot_head& head) {
  if (!has_feed(head)) return;
  to.key("feed");
  to.begin_map(3 + head.feed.symbol_stale);
  to.key("name");
  to.text(head.feed.name);
  to.key("state");
  to.plain(to_string(head.feed.state));
  to.key("simulated");
  to.boolean(head.feed.simulated);
  if (head.feed.symbol_stale) {
    to.key("symbol_stale");
    to.boolean(true);
  }
  to.end_map();
}

/// What the data of a snapshot of trades holds before `feed`.
template <time_unit Unit, class Writer>
void write_trades(Writer& to, std::span<const trade> trades, const day_totals& day) {
  to.key("trades");
  to.begin_array(trades.size());
  for (const trade& one : trades) write_trade<Unit>(to, one);
  to.end_array();
  if (day.trades == 0) return;
  to.key("day");
  write_day(to, day);
}

template <time_unit Unit, class Writer>
void write_bars(Writer& to, std::span<const bar> bars) {
  to.key("bars");
  to.begin_array(bars.size());
  for (const bar& one : bars) write_bar<Unit>(to, one);
  to.end_array();
}

inline std::size_t point_room(std::span<const std::string> names) noexcept {
  std::size_t result = 64;
  for (const auto& each : names) result += each.size() + 32;
  return result;
}

template <time_unit Unit, class Writer>
void write_point(Writer& to, std::span<const std::string> names, const indicator_point& value) {
  to.begin_map(3);
  write_time<Unit>(to, value.time_ns);
  to.key("closed");
  to.boolean(value.closed);
  to.key("values");
  to.begin_map(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    to.foreign_key(names[i]);
    if (std::isfinite(value.values[i]))
      to.floating(value.values[i]);
    else
      to.null();
  }
  to.end_map();
  to.end_map();
}

template <time_unit Unit, class Writer>
void write_points(Writer& to, std::span<const std::string> names, std::span<const indicator_point> points) {
  to.key("points");
  to.begin_array(points.size());
  for (const auto& one : points) write_point<Unit>(to, names, one);
  to.end_array();
}

}  // namespace tickcast::protocol::fields
