#pragma once
#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/topics/view_passage.hpp"
#include "net/api/column_writer.hpp"
#include "net/api/past.hpp"

namespace tickcast::net::api {

/// Columns that a question may ask for besides time, open, high, low, close and volume.
inline const std::vector<std::string_view> more_bar_columns{"value", "vwap", "trades", "rev"};

/// All of them, as a field mask names them.
inline constexpr std::array<std::string_view, 10> all_bar_columns{
    "time", "open", "high", "low", "close", "volume", "value", "vwap", "trades", "rev"};

/// Fields of what write_bar_page writes.
inline std::size_t bar_page_fields(const std::vector<std::string>& more) {
  return 13 + more.size();
}

template <class Writer, std::size_t Size, class Each>
void write_bar_column(Writer& to, const char (&name)[Size], std::span<const protocol::bar> bars,
                      Each&& each) {
  to.key(name);
  write_column(to, bars, each);
}

/// symbol, interval, epoch, seq, previous, next, forming, and the columns.
template <class Writer>
void write_bar_page(Writer& to, std::string_view symbol, std::string_view interval,
                    const actors::topic_sight& now, const page<protocol::bar>& what,
                    const std::vector<std::string>& more) {
  using protocol::bar;
  const std::span<const bar> bars(what.rows);
  to.key("symbol");
  to.text(symbol);
  to.key("interval");
  to.text(interval);
  to.key("epoch");
  to.text(now.epoch);
  to.key("seq");
  to.natural(now.seq);
  to.key("previous");
  write_whole_or_null(to, what.previous_us);
  to.key("next");
  write_whole_or_null(to, what.next_us);
  to.key("forming");
  to.boolean(!bars.empty() && !bars.back().closed);
  write_bar_column(to, "time", bars, [&](const bar& b) { to.whole(floor_us(b.time_ns)); });
  write_bar_column(to, "open", bars, [&](const bar& b) { to.number(b.open); });
  write_bar_column(to, "high", bars, [&](const bar& b) { to.number(b.high); });
  write_bar_column(to, "low", bars, [&](const bar& b) { to.number(b.low); });
  write_bar_column(to, "close", bars, [&](const bar& b) { to.number(b.close); });
  write_bar_column(to, "volume", bars, [&](const bar& b) { to.number(b.volume); });
  const auto wanted = [&](std::string_view name) {
    return std::find(more.begin(), more.end(), name) != more.end();
  };
  if (wanted("value"))
    write_bar_column(to, "value", bars,
                     [&](const bar& b) { b.has_value() ? to.number(b.value) : to.null(); });
  if (wanted("vwap"))
    write_bar_column(to, "vwap", bars, [&](const bar& b) {
      const auto average = protocol::vwap(b);
      average ? to.number(*average) : to.null();
    });
  if (wanted("trades")) write_bar_column(to, "trades", bars, [&](const bar& b) { to.natural(b.trades); });
  if (wanted("rev")) write_bar_column(to, "rev", bars, [&](const bar& b) { to.natural(b.rev); });
}

}  // namespace tickcast::net::api
