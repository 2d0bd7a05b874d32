#include "actors/topics/bar_series.hpp"

#include <algorithm>
#include <utility>

#include "actors/runtime/probe.hpp"

namespace tickcast::actors {

using analytics::bar_builder;

bar_series::bar_series(std::uint32_t symbol, std::string topic, std::string name,
                       const protocol::interval& what, std::int32_t lateness_ms, bool fed)
    : builder_(what, lateness_ms),
      source_(what.of),
      fed_(fed),
      out_(std::move(topic)),
      name_(std::move(name)),
      symbol_(symbol) {}

void bar_series::keep(const protocol::bar& closed, const turn& now) noexcept {
  closed_.put(closed);
  if (has_live_) live_->changed(closed.time_ns);
  if (now.keep) now.keep->append(symbol_, name_, closed);
}

bool bar_series::plan(const bar_tick& next, analytics::session_cursor& sessions, std::uint16_t feed,
                      const turn& now, bar_plan& to) {
  using effect = bar_builder::effect;
  const auto step = builder_.plan(next.time_ns, next.price, next.size, next.number, next.newest_ns, sessions);
  if (!step) return false;
  to.step = *step;
  to.closing.reset();
  to.changed.reset();
  to.tells_closing = to.tells_changed = false;
  if (step->does == effect::left_out) return true;
  const bool begins = step->does == effect::begins;
  const bool late = step->does == effect::revises || step->does == effect::inserts;
  const bool listened = is_listened();
  to.tells_closing = begins && (step->closes || waiting_);
  to.tells_changed = step->completes || late || (listened && (begins || is_due(now)));
  if (to.tells_closing || step->completes || late || !builder_.has_open_bar()) closed_.bars.make_room(2);
  if (late) to.late = builder_.after(next.time_ns, next.price, next.size, next.number, *step);
  if (!listened) return true;
  if (to.tells_closing) to.closing = out_.prepare(builder_.as_closed(), feed, now.now_ns);
  if (to.tells_changed)
    to.changed =
        out_.prepare(late ? to.late : builder_.after(next.time_ns, next.price, next.size, next.number, *step),
                     feed, now.now_ns, to.tells_closing ? 1 : 0);
  return true;
}

void bar_series::commit(const bar_tick& next, const bar_plan& planned, const turn& now) noexcept {
  using effect = bar_builder::effect;
  const auto does = planned.step.does;
  if (does == effect::left_out) {
    bump(now.counters.late);
    return;
  }
  if (planned.tells_closing) {
    keep(builder_.as_closed(), now);
    out_.commit();
  }
  const bool joins_closed = does == effect::joins && !builder_.has_open_bar();
  builder_.commit(next.time_ns, next.price, next.size, next.number, planned.step);
  if (joins_closed || does == effect::revises) bump(now.counters.revised);
  if (does == effect::revises || does == effect::inserts) {
    keep(planned.late, now);
    out_.commit();
    return;
  }
  if (!builder_.has_open_bar()) keep(*builder_.newest(), now);
  if (planned.tells_changed) {
    out_.commit();
    pushed_ns_ = now.now_ns;
    waiting_ = false;
  } else {
    waiting_ = is_listened();
  }
}

bar_series::amendment bar_series::plan(const analytics::trade_tape& tape, std::uint64_t number,
                                       const protocol::trade_amendment& what, std::uint32_t bit,
                                       analytics::session_cursor& sessions, std::uint16_t feed,
                                       const turn& now) {
  using refusal = bar_builder::refusal;
  amendment result;
  auto planned = builder_.plan_amendment(tape, number, what, bit, sessions,
                                         [this](std::int64_t time_ns) { return closed_.find(time_ns); });
  if (!planned) {
    using outcome = amendment::outcome;
    result.is = planned.error() == refusal::beyond    ? outcome::beyond
                : planned.error() == refusal::no_room ? outcome::no_room
                                                      : outcome::untouched;
    return result;
  }
  result.is = amendment::outcome::revised;
  result.revision = std::move(*planned);
  closed_.bars.make_room();
  result.made = out_.prepare(result.revision.bar.bar(), feed, now.now_ns);
  return result;
}

void bar_series::commit(const amendment& planned, const turn& now) noexcept {
  if (planned.is == amendment::outcome::beyond) bump(now.counters.unrevised);
  if (planned.is != amendment::outcome::revised) return;
  builder_.commit(planned.revision);
  out_.commit();
  if (planned.revision.bar.closed()) {
    keep(planned.revision.bar.bar(), now);
    bump(now.counters.revised);
  }
  if (planned.revision.is == bar_builder::revision::where::newest) {
    waiting_ = false;
    pushed_ns_ = now.now_ns;
  }
}

void bar_series::hand_out(const amendment& planned, std::uint16_t feed, const turn& now) {
  out_.hand_out(planned.made, now.sink);
  if (has_live_ && planned.is == amendment::outcome::revised) follow(feed, now);
}

bool bar_series::take(const protocol::bar& value, std::uint16_t feed, const turn& now) {
  auto& bars = closed_.bars;
  const bool known = closed_.find(value.time_ns) != nullptr;
  if (!bars.empty() && value.time_ns < bars.back().time_ns && !known) return false;
  const auto made = out_.prepare(protocol::bar(value), feed, now.now_ns);
  bars.make_room();

  fed_ = true;
  waiting_ = false;
  keep(value, now);
  out_.commit();
  out_.hand_out(made, now.sink);
  if (has_live_) follow(feed, now);
  return true;
}

void bar_series::close(std::uint16_t feed, const turn& now) {
  const auto bar = builder_.as_closed();
  closed_.bars.make_room();
  const auto made = out_.prepare(protocol::bar(bar), feed, now.now_ns);
  builder_.close();
  keep(bar, now);
  out_.commit();
  waiting_ = false;
  pushed_ns_ = now.now_ns;
  out_.hand_out(made, now.sink);
  if (has_live_) follow(feed, now);
}

bool bar_series::push_forming(std::uint16_t feed, const turn& now) {
  if (!waiting_) return true;
  if (!is_due(now)) return false;
  const auto made = out_.prepare(*builder_.newest(), feed, now.now_ns);
  waiting_ = false;
  if (!is_listened()) return true;
  pushed_ns_ = now.now_ns;
  out_.commit();
  out_.hand_out(made, now.sink);
  if (has_live_) follow(feed, now);
  return true;
}

bar_view bar_series::view() const {
  auto result = closed_;
  if (fed_ || !builder_.has_open_bar()) return result;
  result.bars.make_room();
  result.put(*builder_.newest());
  return result;
}

std::optional<protocol::bar> bar_series::forming() const {
  if (!fed_) return builder_.has_open_bar() ? builder_.newest() : std::nullopt;
  if (closed_.bars.empty() || closed_.bars.back().closed) return std::nullopt;
  return closed_.bars.back();
}

live_indicators& bar_series::open_indicators(std::shared_ptr<const analytics::calendar> hours) {
  if (!live_) live_ = std::make_unique<live_indicators>(std::move(hours));
  has_live_ = true;
  return *live_;
}

seed_order bar_series::order_seed(const analytics::indicators::call& what, std::string_view symbol) const {
  seed_order result{what, name_, std::string(symbol), live_->hours(), {}};
  result.shown.assign(closed_.bars.begin(), closed_.bars.end());
  if (!result.shown.empty() && !result.shown.back().closed) result.shown.pop_back();
  if (const auto bar = forming()) result.until_ns = bar->time_ns;
  return result;
}

void bar_series::restore(const std::vector<protocol::bar>& closed) {
  const auto own = std::exchange(closed_, {});
  const auto add = [this](const protocol::bar& each) {
    closed_.bars.make_room();
    closed_.put(each);
  };
  for (const auto& each : closed) add(each);
  for (const auto& each : own.bars) add(each);
}

void bar_series::save(protocol::byte_writer& to, std::size_t closed_bars) const {
  to.boolean(fed_);
  to.boolean(waiting_);
  to.whole(pushed_ns_);
  to.natural(out_.seq());
  builder_.save(to);
  const auto count = std::min(closed_bars, closed_.bars.size());
  to.natural(count);
  for (auto at = closed_.bars.end() - static_cast<std::ptrdiff_t>(count); at != closed_.bars.end(); ++at)
    actors::save(to, *at);
}

void bar_series::load(protocol::byte_reader& from) {
  fed_ = from.boolean();
  waiting_ = from.boolean();
  pushed_ns_ = from.whole();
  out_.resume(from.natural());
  builder_.load(from);
  closed_ = {};
  const auto count = from.natural_to(snapshot_bars);
  for (std::uint64_t i = 0; i < count && from.ok(); ++i) {
    closed_.bars.make_room();
    closed_.put(load_bar(from));
  }
}

void save(protocol::byte_writer& to, const protocol::bar& value) {
  to.whole(value.time_ns);
  for (const auto& each : {value.open, value.high, value.low, value.close, value.volume, value.value})
    to.number(each);
  to.natural(value.trades);
  to.natural(value.rev);
  to.boolean(value.closed);
}

protocol::bar load_bar(protocol::byte_reader& from) {
  protocol::bar result;
  result.time_ns = from.whole();
  for (auto* each : {&result.open, &result.high, &result.low, &result.close, &result.volume, &result.value})
    *each = from.number();
  result.trades = from.natural();
  result.rev = static_cast<std::uint32_t>(from.natural_to(0xffff'ffff));
  result.closed = from.boolean();
  return result;
}

}  // namespace tickcast::actors
