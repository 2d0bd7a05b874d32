#pragma once
#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "store/whole_times.hpp"

/// Reading stored rows for a backtest. `Row`: protocol::trade or protocol::quote. All of it throws
/// std::runtime_error for history that cannot be read.
namespace tickcast::plugins {

template <class T>
T or_throw(protocol::expected<T> result) {
  if (!result) throw std::runtime_error(fmt::format("history cannot be read: {}", result.error().message));
  return std::move(*result);
}

template <class Row>
protocol::expected<std::vector<Row>> ticks_of(const store::history& from, const std::string& symbol,
                                              const store::range& which) {
  if constexpr (std::is_same_v<Row, protocol::trade>)
    return from.trades(symbol, which);
  else
    return from.quotes(symbol, which);
}

template <class Row>
std::vector<Row> read_ticks(const store::history& from, const std::string& symbol,
                            const store::range& which) {
  return or_throw(ticks_of<Row>(from, symbol, which));
}

/// The oldest rows of the range, those of one time together.
template <class Row>
std::vector<Row> tick_piece(const store::history& from, const std::string& symbol,
                            const store::range& which) {
  return or_throw(store::read_whole_times(
      which, [&](const store::range& part) { return ticks_of<Row>(from, symbol, part); }));
}

/// The first or the last time of a range in which there is a row.
template <class Row>
std::optional<std::int64_t> edge(const store::history& from, const std::string& symbol, std::int64_t from_ns,
                                 std::int64_t to_ns, store::keep which) {
  const auto rows = read_ticks<Row>(from, symbol, {from_ns, to_ns, 1, which});
  return rows.empty() ? std::nullopt : std::optional(rows.front().time_ns);
}

/// Where the row stands that began a bar of ticks, volume or value, one of those before `now_ns`: from there
/// on bars are cut as they have been. A bar has the time of its first row in whole microseconds, and several
/// rows may have that; so it is the newest bar whose first row is the only one. Where there is none it is the
/// oldest row of all. Nothing: no row is older than now.
template <class Row>
std::optional<std::int64_t> cut_before(const store::history& from, const std::string& symbol,
                                       const std::string& interval, std::int64_t now_ns) {
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t microsecond_ns = 1000;
  constexpr std::size_t bars_looked_at = 100;
  const auto bars = or_throw(from.bars(interval, symbol, {least, now_ns, bars_looked_at}));
  for (auto i = bars.size(); i-- > 0;) {
    const auto begin_ns = bars[i].time_ns;
    // Bars that begin within one microsecond are called by the next ones.
    if (i > 0 && bars[i - 1].time_ns == begin_ns - microsecond_ns) continue;
    const auto rows = read_ticks<Row>(from, symbol, {begin_ns, begin_ns + microsecond_ns, 2});
    if (rows.size() == 1 && rows.front().time_ns < now_ns) return rows.front().time_ns;
  }
  return edge<Row>(from, symbol, least, now_ns, store::keep::oldest);
}

}  // namespace tickcast::plugins
