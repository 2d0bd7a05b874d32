#include "actors/topics/quote_state.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "actors/runtime/probe.hpp"
#include "analytics/quote_price.hpp"
#include "protocol/topic.hpp"

namespace tickcast::actors {
namespace {

using source = bar_series::source_kind;
using effect = analytics::bar_builder::effect;

constexpr protocol::interval one_day{protocol::interval::unit::time, 86'400'000'000'000, source::trades};
/// Days whose close is kept: the one before today.
constexpr std::size_t days_kept = 1;

std::uint32_t bit_of(std::size_t series) noexcept {
  return std::uint32_t{1} << series;
}

/// Asks for the cache lines from `begin` to the one in which `last` begins, to write to them.
void prefetch_from(const void* begin, const void* last) noexcept {
  constexpr std::ptrdiff_t line = 64;
  const auto* end = static_cast<const char*>(last);
  for (const auto* at = static_cast<const char*>(begin); at <= end; at += line) __builtin_prefetch(at, 1);
}

}  // namespace

std::string quote_state::bar_topic(std::string_view interval) const {
  return "bar." + std::string(interval) + "." + of_.name;
}

quote_state::quote_state(const symbol& of, const feed_entry& from, const bar_forms& forms,
                         std::shared_ptr<const analytics::calendar> hours)
    : owner_(&from),
      tape_(forms.kept_trades),
      day_(one_day, forms.lateness_ms, days_kept),
      trades_("trade." + of.name),
      sessions_(*hours),
      quotes_("quote." + of.name),
      of_(of),
      forms_(forms),
      hours_(std::move(hours)),
      epoch_(make_epoch()) {
  bars_.reserve(forms.intervals.size());
  for (const auto& each : forms.intervals) {
    if (bars_.size() == most_series) break;  // the configuration's check has refused it
    bars_.emplace_back(of_.id, bar_topic(each.name), each.name, each.what, forms.lateness_ms, false);
    has_quote_bars_ = has_quote_bars_ || each.what.of != source::trades;
  }
}

void quote_state::prefetch() const noexcept {
  prefetch_from(this, &trades_);
}

void quote_state::prefetch_rings() const noexcept {
  ids_.prefetch();
  tape_.prefetch();
  for (const auto& series : bars_) prefetch_from(&series, series.hot_end());
}

bool quote_state::may_write(const feed_entry& from) const noexcept {
  if (owner_ == &from) return true;
  if (from.priority > owner_->priority) return true;
  using state = protocol::feed_state;
  const auto of_owner = owner_->state.load(std::memory_order_relaxed);
  return of_owner == state::none || of_owner == state::stale || of_owner == state::down ||
         of_owner == state::restarting;
}

taken quote_state::take(const protocol::trade& trade, const feed_entry& from, const turn& now) {
  if (!may_write(from)) return taken::not_owner;
  if (!ids_.is_new(from.key, trade.id)) return taken::repeated;

  const bar_tick next{trade.time_ns, trade.price, trade.size, tape_.end(), newest_ns_};
  const auto day = day_.plan(next.time_ns, next.price, next.size, next.number, next.newest_ns, sessions_);
  if (!day) return taken::refused;
  std::uint32_t left_out_of = day->does == effect::left_out ? day_bit : 0;
  if (!plan_bars(source::trades, next, from.id, now, left_out_of)) return taken::refused;
  std::shared_ptr<const update> made;
  if (trades_.has_listeners())
    made = trades_.prepare(trade_change{trade, totals_after(next, *day)}, from.id, now.now_ns);
  tape_.make_room(trade);

  owner_ = &from;
  ids_.remember(from.key, trade.id);
  newest_ns_ = std::max(newest_ns_, trade.time_ns);
  day_.commit(next.time_ns, next.price, next.size, next.number, *day);
  tape_.push(trade, left_out_of);
  trades_.commit();
  ++position_;
  if (now.keep) now.keep->append(of_.id, position_, trade);
  commit_bars(source::trades, next, now);

  trades_.hand_out(made, now.sink);
  hand_out_bars(source::trades, now);
  bump(published_);
  return taken::published;
}

bool quote_state::plan_bars(source kind, const bar_tick& next, std::uint16_t feed, const turn& now,
                            std::uint32_t& left_out_of) {
  if (now.plans.size() < bars_.size()) now.plans.resize(bars_.size());
  for (std::size_t i = 0; i < bars_.size(); ++i) {
    if (!bars_[i].is_made_of(kind)) continue;
    if (!bars_[i].plan(next, sessions_, feed, now, now.plans[i])) return false;
    if (now.plans[i].step.does == effect::left_out) left_out_of |= bit_of(i);
  }
  return true;
}

void quote_state::commit_bars(source kind, const bar_tick& next, const turn& now) noexcept {
  for (std::size_t i = 0; i < bars_.size(); ++i) {
    auto& series = bars_[i];
    if (!series.is_made_of(kind)) continue;
    series.commit(next, now.plans[i], now);
    waiting_bars_ = waiting_bars_ || series.waits();
    const auto does = now.plans[i].step.does;
    if (does == effect::left_out) ++late_;
    if (does == effect::begins) closes_at_ = std::min(closes_at_, series.closes_at());
  }
}

void quote_state::hand_out_bars(source kind, const turn& now) {
  for (std::size_t i = 0; i < bars_.size(); ++i)
    if (bars_[i].is_made_of(kind)) bars_[i].hand_out(now.plans[i], owner_->id, now);
}

protocol::day_totals quote_state::totals(const protocol::bar& day,
                                         std::optional<protocol::decimal> before) const noexcept {
  return {day.time_ns,
          day.open,
          day.high,
          day.low,
          day.volume,
          day.trades,
          before.value_or(protocol::decimal{}),
          before.has_value()};
}

protocol::day_totals quote_state::totals() const {
  const auto day = day_.newest();
  return day ? totals(*day, day_.close_before()) : protocol::day_totals{};
}

protocol::day_totals quote_state::totals_after(const bar_tick& next,
                                               const analytics::bar_builder::step& step) const {
  switch (step.does) {
    case effect::left_out:
      return totals();
    case effect::joins:
    case effect::begins:
      break;
    case effect::revises:
    case effect::inserts:
      // A day of before: what matters here is its close.
      return totals(*day_.newest(), day_.after(next.time_ns, next.price, next.size, next.number, step).close);
  }
  const auto day = day_.after(next.time_ns, next.price, next.size, next.number, step);
  if (step.does == effect::joins) return totals(day, day_.close_before());
  const auto ended = day_.newest();
  return totals(day, ended && ended->trades > 0 ? std::optional(ended->close) : day_.close_before());
}

taken quote_state::take(const protocol::trade_amendment& what, const feed_entry& from, const turn& now) {
  using outcome = bar_series::amendment::outcome;
  if (!may_write(from)) return taken::not_owner;
  const auto number = tape_.find(what.id);
  std::vector<bar_series::amendment> plans(bars_.size());
  std::optional<analytics::bar_builder::revision> day;
  bool day_stays = false;
  if (number) {
    const auto stands = tape_.at(*number);
    if (stands.cancelled || (!what.cancels && stands.price == what.price && stands.size == what.size))
      return taken::repeated;
    for (std::size_t i = 0; i < bars_.size(); ++i) {
      if (!bars_[i].is_made_of(source::trades)) continue;
      plans[i] = bars_[i].plan(tape_, *number, what, bit_of(i), sessions_, from.id, now);
      if (plans[i].is == outcome::no_room) return taken::refused;
    }
    const auto planned =
        day_.plan_amendment(tape_, *number, what, day_bit, sessions_, [](auto) { return nullptr; });
    if (planned) day = *planned;
    if (!planned && planned.error() == analytics::bar_builder::refusal::no_room) return taken::refused;
    day_stays = !planned && planned.error() == analytics::bar_builder::refusal::beyond;
  }
  auto figures = totals();
  if (day && day->is == analytics::bar_builder::revision::where::newest)
    figures = totals(day->bar.bar(), day_.close_before());
  const auto made = trades_.prepare(amendment_change{what, figures}, from.id, now.now_ns);

  owner_ = &from;
  bump(number ? now.counters.amendments : now.counters.unknown_amendments);
  if (number && what.cancels) tape_.cancel(*number);
  if (number && !what.cancels) tape_.correct(*number, what.price, what.size);
  if (day) day_.commit(*day);
  if (day_stays) bump(now.counters.unrevised);
  trades_.commit();
  keep(what, now);
  for (std::size_t i = 0; i < bars_.size(); ++i) bars_[i].commit(plans[i], now);

  trades_.hand_out(made, now.sink);
  for (std::size_t i = 0; i < bars_.size(); ++i) bars_[i].hand_out(plans[i], from.id, now);
  bump(published_);
  return taken::published;
}

void quote_state::keep(const protocol::trade_amendment& what, const turn& now) noexcept {
  ++position_;
  if (!now.keep) return;
  protocol::trade row;
  row.time_ns = what.time_ns;
  row.id = what.id;
  row.price = what.price;
  row.size = what.size;
  if (what.cancels)
    now.keep->cancel(of_.id, position_, row);
  else
    now.keep->correct(of_.id, position_, row);
}

taken quote_state::take(const protocol::quote& quote, const feed_entry& from, const turn& now) {
  if (!may_write(from)) return taken::not_owner;
  const bool waits = quote_interval_ns_ > 0 && now.now_ns - quote_sent_ns_ < quote_interval_ns_;
  std::shared_ptr<const update> made;
  if (!waits && quotes_.has_listeners()) made = quotes_.prepare(quote, from.id, now.now_ns);
  // Each kind by itself: a quote may have one side alone.
  struct part {
    source kind;
    bar_tick next;
  };
  std::array<part, 3> parts{};
  std::size_t count = 0;
  std::uint32_t left_out_of = 0;
  if (has_quote_bars_)
    for (const auto kind : {source::bid, source::ask, source::mid})
      if (const auto price = analytics::price_of(kind, quote)) {
        parts[count] = {kind, {quote.time_ns, *price, {}, quotes_.seq() + quotes_held_, newest_quote_ns_}};
        if (!plan_bars(kind, parts[count++].next, from.id, now, left_out_of)) return taken::refused;
      }

  owner_ = &from;
  best_ = quote;
  newest_quote_ns_ = std::max(newest_quote_ns_, quote.time_ns);
  if (waits)
    hold_back_quote(now);
  else
    commit_quote(now);
  ++position_;
  if (now.keep) now.keep->append(of_.id, position_, quote);
  for (std::size_t i = 0; i < count; ++i) commit_bars(parts[i].kind, parts[i].next, now);

  quotes_.hand_out(made, now.sink);
  for (std::size_t i = 0; i < count; ++i) hand_out_bars(parts[i].kind, now);
  bump(published_);
  return taken::published;
}

void quote_state::hold_back_quote(const turn& now) noexcept {
  ++quotes_held_;
  if (quote_waits_) bump(now.counters.quotes_conflated);
  quote_waits_ = waiting_bars_ = true;
}

void quote_state::commit_quote(const turn& now) noexcept {
  quotes_.commit();
  quote_sent_ns_ = now.now_ns;
  quote_waits_ = false;
}

bool quote_state::push_quote(const turn& now) {
  if (!quote_waits_) return true;
  if (now.now_ns - quote_sent_ns_ < quote_interval_ns_) return false;
  const auto made = quotes_.prepare(*best_, owner_->id, now.now_ns);
  commit_quote(now);
  quotes_.hand_out(made, now.sink);
  return true;
}

bar_series* quote_state::series_of(std::string_view interval) {
  for (auto& each : bars_)
    if (each.interval() == interval) return &each;
  return nullptr;
}

taken quote_state::take(const fed_bar& fed, const feed_entry& from, const turn& now) {
  if (!may_write(from)) return taken::not_owner;
  auto* series = series_of(fed.interval);
  if (!series) {
    if (bars_.size() >= most_series) return taken::refused;
    series = &bars_.emplace_back(of_.id, bar_topic(fed.interval), fed.interval, one_day, 0, true);
  }
  if (!series->take(fed.value, from.id, now)) {
    ++late_;
    bump(now.counters.late);
    return taken::refused;
  }
  owner_ = &from;
  bump(published_);
  return taken::published;
}

bool quote_state::push_forming(const turn& now) {
  bool left = !push_quote(now);
  for (auto& series : bars_)
    if (!series.push_forming(owner_->id, now)) left = true;
  waiting_bars_ = left;
  return left;
}

void quote_state::close_bars(std::int64_t clock_ns, const turn& now) {
  closes_at_ = std::numeric_limits<std::int64_t>::max();
  for (auto& series : bars_) {
    if (series.closes_at() <= clock_ns) series.close(owner_->id, now);
    closes_at_ = std::min(closes_at_, series.closes_at());
  }
}

std::uint64_t quote_state::heard() const noexcept {
  auto result = trades_.seq() + quotes_.seq() + quotes_held_;
  for (const auto& each : bars_)
    if (each.fed()) result += each.out().seq();
  return result;
}

stream* quote_state::find(std::string_view topic) {
  stream* found = nullptr;
  each_stream([&](stream& each) {
    if (each.topic() == topic) found = &each;
  });
  return found;
}

const std::string& quote_state::epoch_of(const stream& which) const noexcept {
  const auto* result = &epoch_;
  for (const auto& series : bars_)
    if (const auto* live = series.indicators())
      live->each_topic([&](const auto&, const auto& topic) {
        if (&topic.out == &which) result = &topic.epoch;
      });
  return *result;
}

std::shared_ptr<const topic_view> quote_state::view(const stream& which) const {
  if (&which == &trades_)
    return std::make_shared<topic_view>(trade_view{trade_ring::of(tape_.last(trade_ring::bound)), totals()});
  if (&which == &quotes_) return std::make_shared<topic_view>(quote_view{best_});
  for (const auto& each : bars_)
    if (&each.out() == &which) return std::make_shared<topic_view>(each.view());
  std::shared_ptr<const topic_view> result;
  for (const auto& series : bars_)
    if (const auto* live = series.indicators())
      live->each_topic([&](const auto& indicator, const auto& topic) {
        if (&topic.out == &which) result = std::make_shared<topic_view>(indicator.view(topic));
      });
  return result;
}

}  // namespace tickcast::actors
