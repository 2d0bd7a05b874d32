#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "analytics/quote_price.hpp"
#include "plugins/kit/virtual_engine.hpp"

// How the virtual engine forms bars.
namespace tickcast::plugins {
namespace {

constexpr auto long_ago = std::numeric_limits<std::int64_t>::min() / 2;

}  // namespace

virtual_engine::market& virtual_engine::market_of(std::string_view symbol) {
  const auto found = markets_.find(symbol);
  if (found != markets_.end()) return found->second;
  if (!protocol::is_valid_symbol(symbol))
    throw std::invalid_argument(fmt::format("\"{}\" is no symbol", symbol));
  const std::string name(symbol);
  auto& made = markets_.emplace(name, market(options_.hours(name))).first->second;
  made.trades = &topic_of("trade." + name);
  made.quotes = &topic_of("quote." + name);
  made.newest_ns = made.newest_quote_ns = long_ago;
  if (!options_.forms_on_demand)
    for (const auto& interval : options_.intervals) add_series(made, name, interval);
  return made;
}

virtual_engine::series* virtual_engine::find_series(market& of, std::string_view interval) {
  for (auto& each : of.bars)
    if (each->interval == interval) return each.get();
  return nullptr;
}

virtual_engine::series& virtual_engine::add_series(market& of, const std::string& symbol,
                                                   const std::string& interval) {
  const auto what = made_of(interval, options_.source);
  if (!what) throw std::invalid_argument(fmt::format("\"{}\" is no interval", interval));
  of.bars.push_back(std::make_unique<series>(
      series{.topic = &topic_of(fmt::format("bar.{}.{}", interval, symbol)),
             .interval = interval,
             .what = *what,
             .former = bar_former(*what, options_.lateness_ms, options_.push_ns, options_.clock_close)}));
  return *of.bars.back();
}

void virtual_engine::form_bars(market& of, bool quotes, std::int64_t time_ns, std::int64_t newest_ns,
                               const price_finder& price) {
  const auto number = of.number++;
  // Handlers may add series; those begin with the next tick.
  for (std::size_t i = 0, count = of.bars.size(); i < count; ++i) {
    auto& each = *of.bars[i];
    if ((each.what.of != protocol::interval::source::trades) != quotes) continue;
    bar_tick next{time_ns, {}, {}, number, newest_ns};
    if (!price(each.what.of, next)) continue;
    each.former.take(next, of.sessions, now_, telling_);
    note_due(each);
    tell(each);
  }
}

void virtual_engine::tell(series& of) {
  const auto bars = std::exchange(telling_, {});
  for (const auto& each : bars) write(*of.topic, each);
}

void virtual_engine::look_at_bars() {
  next_due_ns_ = bar_former::never;
  for (auto& [symbol, of] : markets_)
    for (std::size_t i = 0; i < of.bars.size(); ++i) {
      auto& each = *of.bars[i];
      each.former.look(now_, telling_);
      note_due(each);
      tell(each);
    }
}

void virtual_engine::form(const std::string& symbol, const std::string& interval) {
  auto& of = market_of(symbol);
  if (find_series(of, interval)) return;
  add_series(of, symbol, interval).stored_to_ns = ended_before(symbol, interval);
}

void virtual_engine::warm(const std::string& symbol, const std::string& interval,
                          const protocol::trade& value) {
  warm(symbol, interval, value.time_ns, [&](protocol::interval::source source, bar_tick& to) {
    to.price = value.price;
    to.size = value.size;
    return source == protocol::interval::source::trades;
  });
}

void virtual_engine::warm(const std::string& symbol, const std::string& interval,
                          const protocol::quote& value) {
  warm(symbol, interval, value.time_ns, [&](protocol::interval::source source, bar_tick& to) {
    const auto price = analytics::price_of(source, value);
    if (price) to.price = *price;
    return price.has_value();
  });
}

void virtual_engine::warm(const std::string& symbol, const std::string& interval, std::int64_t time_ns,
                          const price_finder& price) {
  auto& of = market_of(symbol);
  auto* const to = find_series(of, interval);
  bar_tick next{time_ns, {}, {}, of.number++, time_ns};
  if (!to || !price(to->what.of, next)) return;
  to->former.take(next, of.sessions, time_ns, telling_);
  for (const auto& each : telling_) {
    if (!each.closed || each.time_ns < to->stored_to_ns) continue;
    const auto same = [&](const protocol::bar& other) { return other.time_ns == each.time_ns; };
    std::erase_if(to->warmed, same);  // a late tick revises
    to->warmed.push_back(each);
  }
  telling_.clear();
  note_due(*to);
}

void virtual_engine::tell_warmed(const std::string& symbol, const std::string& interval) {
  auto* const of = find_series(market_of(symbol), interval);
  if (!of) return;
  std::swap(telling_, of->warmed);
  tell(*of);
}

std::optional<analytics::bar_span> virtual_engine::span_of(const std::string& symbol,
                                                           const std::string& interval,
                                                           std::int64_t time_ns) {
  const auto what = protocol::parse_interval(interval);
  using unit = protocol::interval::unit;
  if (!what || (what->by != unit::time && what->by != unit::month)) return std::nullopt;
  return analytics::span_of(*what, time_ns, market_of(symbol).sessions);
}

}  // namespace tickcast::plugins
