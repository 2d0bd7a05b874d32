#include "analytics/bar_builder.hpp"

namespace tickcast::analytics {
namespace {

std::int64_t floor_to(std::int64_t time_ns, std::int64_t interval_ns) noexcept {
  auto rest = time_ns % interval_ns;
  if (rest < 0) rest += interval_ns;
  return time_ns - rest;
}

}  // namespace

std::optional<bar_builder::step> bar_builder::plan(const protocol::trade& trade) const noexcept {
  step result;
  const bool any = now_.trades != 0;
  if (any && trade.time_ns < now_.time_ns) {
    result.late = true;
    return result;
  }
  result.closes = any && trade.time_ns - now_.time_ns >= interval_ns_;
  if (any && !result.closes ? !volume_.has_room_for(trade.size)
                            : !protocol::decimal_sum{}.has_room_for(trade.size))
    return std::nullopt;
  return result;
}

void bar_builder::commit(const protocol::trade& trade, const step& planned) noexcept {
  if (planned.late) return;
  if (planned.closes || now_.trades == 0) {
    volume_ = {};
    volume_.add_what_has_room(trade.size);
    now_.time_ns = floor_to(trade.time_ns, interval_ns_);
    now_.open = now_.high = now_.low = now_.close = trade.price;
    now_.trades = 1;
    return;
  }
  volume_.add_what_has_room(trade.size);
  if (trade.price > now_.high) now_.high = trade.price;
  if (trade.price < now_.low) now_.low = trade.price;
  now_.close = trade.price;
  ++now_.trades;
}

protocol::bar bar_builder::with_volume() const noexcept {
  auto bar = now_;
  // plan() lets no volume in that does not fit.
  bar.volume = volume_.value().value_or(protocol::decimal{});
  return bar;
}

std::optional<protocol::bar> bar_builder::forming() const noexcept {
  if (now_.trades == 0) return std::nullopt;
  return with_volume();
}

protocol::bar bar_builder::as_closed() const noexcept {
  auto bar = with_volume();
  bar.closed = true;
  return bar;
}

}  // namespace tickcast::analytics
