#include "actors/topics/quote_state.hpp"

#include <algorithm>

#include "protocol/topic.hpp"

#include "actors/runtime/probe.hpp"

namespace tickcast::actors {
namespace {

constexpr std::int64_t day_ns = 86'400'000'000'000;
/// Bar intervals one symbol may have, formed and fed together.
constexpr std::size_t most_series = 32;

std::string bar_topic(std::string_view interval, const symbol& of) {
  return "bar." + std::string(interval) + "." + of.name;
}

/// Asks for the cache lines from `begin` to the one in which `last` begins, to write to them.
void prefetch_from(const void* begin, const void* last) noexcept {
  constexpr std::ptrdiff_t line = 64;
  const auto* end = static_cast<const char*>(last);
  for (const auto* at = static_cast<const char*>(begin); at <= end; at += line) __builtin_prefetch(at, 1);
}

std::int64_t day_of(std::int64_t time_ns) noexcept {
  auto rest = time_ns % day_ns;
  if (rest < 0) rest += day_ns;
  return time_ns - rest;
}

}  // namespace

quote_state::quote_state(const symbol& of, const feed_entry& from, const std::vector<bar_interval>& intervals)
    : owner_(&from), trades_("trade." + of.name), quotes_("quote." + of.name), of_(of), epoch_(make_epoch()) {
  bars_.reserve(intervals.size());
  for (const auto& each : intervals) bars_.emplace_back(bar_topic(each.name, of), each.name, each.ns);
}

void quote_state::prefetch() const noexcept {
  prefetch_from(this, &trades_);
}

void quote_state::prefetch_rings() const noexcept {
  ids_.prefetch();
  last_.prefetch();
  for (const auto& series : bars_) prefetch_from(&series, &series.out);
}

bool quote_state::may_write(const feed_entry& from) const noexcept {
  if (owner_ == &from) return true;
  if (from.priority > owner_->priority) return true;
  using state = protocol::feed_state;
  const auto of_owner = owner_->state.load(std::memory_order_relaxed);
  return of_owner == state::stale || of_owner == state::down || of_owner == state::restarting;
}

taken quote_state::take(const protocol::trade& trade, const feed_entry& from, const turn& now) {
  if (!may_write(from)) return taken::not_owner;
  if (!ids_.is_new(from.id, trade.id)) return taken::repeated;

  if (!day_.has_room_for(trade)) return taken::refused;
  if (now.plans.size() < bars_.size()) now.plans.resize(bars_.size());
  for (std::size_t i = 0; i < bars_.size(); ++i)
    if (!bars_[i].fed && !plan_bar(bars_[i], trade, from.id, now, now.plans[i])) return taken::refused;
  std::shared_ptr<const update> made;
  if (trades_.has_listeners()) {
    auto after = day_;
    after.enter(trade);
    made = trades_.prepare(trade_change{trade, totals(after)}, from.id, now.now_ns);
  }
  last_.make_room(trade);

  owner_ = &from;
  ids_.remember(from.id, trade.id);
  day_.enter(trade);
  last_.push(trade);
  trades_.commit();
  for (std::size_t i = 0; i < bars_.size(); ++i)
    if (!bars_[i].fed) commit_bar(bars_[i], trade, now.plans[i], now);

  trades_.hand_out(made, now.sink);
  for (std::size_t i = 0; i < bars_.size(); ++i) {
    if (bars_[i].fed) continue;
    bars_[i].out.hand_out(now.plans[i].closing, now.sink);
    bars_[i].out.hand_out(now.plans[i].forming, now.sink);
  }
  bump(published_);
  return taken::published;
}

bool quote_state::day_figures::begins_new_day(const protocol::trade& trade) const noexcept {
  return totals.trades == 0 || trade.time_ns - totals.day_ns >= day_ns;
}

bool quote_state::day_figures::has_room_for(const protocol::trade& trade) const noexcept {
  return begins_new_day(trade) ? protocol::decimal_sum{}.has_room_for(trade.size)
                               : sum.has_room_for(trade.size);
}

void quote_state::day_figures::enter(const protocol::trade& trade) noexcept {
  auto& t = totals;
  if (begins_new_day(trade)) {
    const bool had = t.trades != 0;
    t = {};
    t.day_ns = day_of(trade.time_ns);
    t.previous_close = last_price;
    t.has_previous_close = had;
    t.open = t.high = t.low = trade.price;
    sum = {};
  }
  if (trade.price > t.high) t.high = trade.price;
  if (trade.price < t.low) t.low = trade.price;
  ++t.trades;
  sum.add_what_has_room(trade.size);
  last_price = trade.price;
}

protocol::day_totals quote_state::totals(const day_figures& of) const {
  auto result = of.totals;
  result.volume = of.sum.value().value_or(protocol::decimal{});
  return result;
}

bool quote_state::plan_bar(bar_series& series, const protocol::trade& trade, std::uint16_t feed,
                           const turn& now, bar_plan& plan) {
  const auto step = series.builder.plan(trade);
  if (!step) return false;
  plan.step = *step;
  plan.closing.reset();
  plan.forming.reset();
  plan.pushes = false;
  if (plan.step.late) return true;
  if (plan.step.closes) series.view.bars.make_room();
  if (!series.out.has_listeners()) return true;
  if (plan.step.closes) plan.closing = series.out.prepare(series.builder.as_closed(), feed, now.now_ns);
  plan.pushes = plan.step.closes || now.now_ns - series.pushed_ns >= now.push_ns;
  if (plan.pushes) {
    auto after = series.builder;
    after.commit(trade, plan.step);
    plan.forming = series.out.prepare(*after.forming(), feed, now.now_ns, plan.step.closes ? 1 : 0);
  }
  return true;
}

void quote_state::commit_bar(bar_series& series, const protocol::trade& trade, const bar_plan& plan,
                             const turn& now) noexcept {
  if (plan.step.late) {
    ++late_;
    return;
  }
  if (plan.step.closes) {
    series.view.bars.push(series.builder.as_closed());
    series.out.commit();
  }
  series.builder.commit(trade, plan.step);
  if (plan.pushes) {
    series.out.commit();
    series.pushed_ns = now.now_ns;
    series.waiting = false;
  } else if (series.out.has_listeners()) {
    series.waiting = waiting_bars_ = true;
  }
}

taken quote_state::take(const protocol::quote& quote, const feed_entry& from, const turn& now) {
  if (!may_write(from)) return taken::not_owner;
  std::shared_ptr<const update> made;
  if (quotes_.has_listeners()) made = quotes_.prepare(quote, from.id, now.now_ns);
  owner_ = &from;
  best_ = quote;
  quotes_.commit();
  quotes_.hand_out(made, now.sink);
  bump(published_);
  return taken::published;
}

quote_state::bar_series* quote_state::series_of(std::string_view interval) {
  for (auto& each : bars_)
    if (each.interval == interval) return &each;
  return nullptr;
}

taken quote_state::take(const fed_bar& fed, const feed_entry& from, const turn& now) {
  if (!may_write(from)) return taken::not_owner;
  auto* series = series_of(fed.interval);
  if (!series) {
    if (bars_.size() >= most_series) return taken::refused;
    series = &bars_.emplace_back(bar_topic(fed.interval, of_), fed.interval, 0);
    series->fed = true;
  }
  auto& bars = series->view.bars;
  if (!bars.empty() && fed.value.time_ns < bars.back().time_ns) {
    ++late_;
    return taken::refused;
  }
  const auto made = series->out.prepare(protocol::bar(fed.value), from.id, now.now_ns);
  bars.make_room();

  owner_ = &from;
  series->fed = true;
  if (!bars.empty() && bars.back().time_ns == fed.value.time_ns)
    bars.back() = fed.value;
  else
    bars.push(fed.value);
  series->out.commit();
  series->out.hand_out(made, now.sink);
  bump(published_);
  return taken::published;
}

bool quote_state::push_forming(const turn& now) {
  bool left = false;
  for (auto& series : bars_) {
    if (!series.waiting) continue;
    if (now.now_ns - series.pushed_ns < now.push_ns) {
      left = true;
      continue;
    }
    const auto made = series.out.prepare(*series.builder.forming(), owner_->id, now.now_ns);
    series.waiting = false;
    if (!made) continue;
    series.pushed_ns = now.now_ns;
    series.out.commit();
    series.out.hand_out(made, now.sink);
  }
  waiting_bars_ = left;
  return left;
}

std::uint64_t quote_state::heard() const noexcept {
  auto result = trades_.seq() + quotes_.seq();
  for (const auto& each : bars_)
    if (each.fed) result += each.out.seq();
  return result;
}

stream* quote_state::find(std::string_view topic) {
  stream* found = nullptr;
  each_stream([&](stream& each) {
    if (each.topic() == topic) found = &each;
  });
  return found;
}

std::shared_ptr<const topic_view> quote_state::view(const stream& which) const {
  if (&which == &trades_) {
    trade_view result{last_, day_.totals.trades ? totals(day_) : protocol::day_totals{}};
    return std::make_shared<topic_view>(std::move(result));
  }
  if (&which == &quotes_) return std::make_shared<topic_view>(quote_view{best_});
  for (const auto& each : bars_) {
    if (&each.out != &which) continue;
    auto result = each.view;
    if (const auto forming = each.fed ? std::nullopt : each.builder.forming()) {
      result.bars.make_room();
      result.bars.push(*forming);
    }
    return std::make_shared<topic_view>(std::move(result));
  }
  return nullptr;
}

}  // namespace tickcast::actors
