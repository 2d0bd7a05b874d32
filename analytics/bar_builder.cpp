#include "analytics/bar_builder.hpp"

namespace tickcast::analytics {
namespace {

std::int64_t floor_to(std::int64_t time_ns, std::int64_t interval_ns) noexcept {
  auto rest = time_ns % interval_ns;
  if (rest < 0) rest += interval_ns;
  return time_ns - rest;
}

protocol::bar with_volume(const bar_builder::forming_bar& from) noexcept {
  auto bar = from.bar;
  // plan() lets no volume in that does not fit.
  bar.volume = from.volume.value().value_or(protocol::decimal{});
  return bar;
}

}  // namespace

protocol::expected<bar_builder::step> bar_builder::plan(const protocol::trade& trade) const noexcept {
  step result;
  if (any_ && trade.time_ns < now_.bar.time_ns) {
    result.late = true;
    return result;
  }
  if (any_ && trade.time_ns < now_.bar.time_ns + interval_ns_) {
    result.next = now_;
    auto& bar = result.next.bar;
    if (trade.price > bar.high) bar.high = trade.price;
    if (trade.price < bar.low) bar.low = trade.price;
    bar.close = trade.price;
    ++bar.trades;
  } else {
    result.closes = any_;
    auto& bar = result.next.bar;
    bar.time_ns = floor_to(trade.time_ns, interval_ns_);
    bar.open = bar.high = bar.low = bar.close = trade.price;
    bar.trades = 1;
  }
  if (!result.next.volume.add(trade.size) || !result.next.volume.fits())
    return protocol::unexpected(protocol::error{protocol::errc::number_overflow,
                                                "the volume of the bar no longer fits into a decimal"});
  return result;
}

void bar_builder::commit(const step& planned) noexcept {
  if (planned.late) return;
  now_ = planned.next;
  any_ = true;
}

std::optional<protocol::bar> bar_builder::forming() const noexcept {
  if (!any_) return std::nullopt;
  return with_volume(now_);
}

protocol::bar bar_builder::as_closed() const noexcept {
  auto bar = with_volume(now_);
  bar.closed = true;
  return bar;
}

}  // namespace tickcast::analytics
