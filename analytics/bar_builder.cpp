#include "analytics/bar_builder.hpp"

#include <algorithm>
#include <limits>

namespace tickcast::analytics {
namespace {

constexpr std::int64_t microsecond_ns = 1000;
constexpr std::int64_t millisecond_ns = 1'000'000;
constexpr auto first_place = std::numeric_limits<std::int64_t>::min();
constexpr auto last_place = std::numeric_limits<std::int64_t>::max();

std::int64_t whole_microseconds(std::int64_t time_ns) noexcept {
  const auto rest = time_ns % microsecond_ns;
  return time_ns - (rest < 0 ? rest + microsecond_ns : rest);
}

/// |sum| against a whole number.
bool reaches(const protocol::decimal_sum& sum, std::int64_t size) noexcept {
  const auto value = sum.rounded();
  if (!value) return true;
  const auto wanted = protocol::decimal::from_integer(size);
  return *value >= wanted || *value <= protocol::decimal::from_integer(-size);
}

std::size_t bars_within(const protocol::interval& interval, std::int64_t lateness_ns) noexcept {
  if (lateness_ns == 0) return 0;
  if (interval.by == protocol::interval::unit::month) return 2;
  if (interval.by != protocol::interval::unit::time) return 0;
  const auto spanned = static_cast<std::size_t>(lateness_ns / interval.count);
  return std::min(spanned + 2, bar_builder::most_kept);
}

}  // namespace

bar_builder::bar_builder(const protocol::interval& interval, std::int32_t lateness_ms, std::size_t least_kept)
    : count_(interval.count), by_(interval.by), lateness_ms_(lateness_ms) {
  const auto lateness_ns = lateness_ms * millisecond_ns;
  const auto bound = std::max(bars_within(interval, lateness_ns), least_kept);
  if (bound > 0) {
    older_ = std::make_unique<kept_bars>();
    older_->bound = bound;
    older_->lateness_ns = lateness_ns;
    older_->forgotten_until = first_place;
  }
}

void bar_builder::kept_bars::make_room() {
  if (bars.size() == bars.capacity() && bars.capacity() < bound)
    bars.set_capacity(std::min(bound, std::max<std::size_t>(2, bars.capacity() * 2)));
}

void bar_builder::kept_bars::keep(const bar_record& bar) noexcept {
  if (bars.full()) forgotten_until = bars.front().span().until_ns;
  bars.push_back(bar);
}

bool bar_builder::is_full(const bar_record& bar) const noexcept {
  using unit = protocol::interval::unit;
  switch (by_) {
    case unit::ticks:
      return bar.trades() >= static_cast<std::uint64_t>(count_);
    case unit::volume:
      return reaches(bar.volume(), count_);
    case unit::value:
      return reaches(bar.value(), count_);
    case unit::time:
    case unit::month:
      break;
  }
  return false;
}

bar_span bar_builder::span_at(std::int64_t time_ns, session_cursor& sessions) const {
  return span_of({by_, count_, protocol::interval::source::trades}, time_ns, sessions);
}

bar_span bar_builder::span_from(std::int64_t time_ns, std::uint64_t number, session_cursor& sessions) const {
  if (goes_by_time()) return span_at(time_ns, sessions);
  auto name = whole_microseconds(time_ns);
  if (begun_) name = std::max(name, now_.span().time_ns + microsecond_ns);
  return {name, last_place, static_cast<std::int64_t>(number), last_place};
}

std::optional<bar_builder::step> bar_builder::plan(std::int64_t time_ns, protocol::decimal price,
                                                   protocol::decimal size, std::uint64_t number,
                                                   std::int64_t newest_ns, session_cursor& sessions) {
  const bar_input next{place_of(time_ns, number), time_ns, price, size};
  if (!begun_ || next.place >= now_.span().until_ns) return plan_begin(next, number, sessions);
  if (next.place < now_.span().from_ns) return plan_late(next, newest_ns, sessions);
  if (!now_.has_room_for(next)) return std::nullopt;
  step result;
  result.does = effect::joins;
  if (now_.closed()) return result;
  if (goes_by_time()) {
    result.completes = time_ns >= now_.span().end_ns;
    return result;
  }
  auto with_it = now_;
  with_it.add(next);
  result.completes = is_full(with_it);
  return result;
}

std::optional<bar_builder::step> bar_builder::plan_begin(const bar_input& next, std::uint64_t number,
                                                         session_cursor& sessions) {
  step result;
  result.does = effect::begins;
  result.closes = has_open_bar();
  result.span = span_from(next.time_ns, number, sessions);
  bar_record fresh(result.span);
  if (!fresh.has_room_for(next)) return std::nullopt;
  if (goes_by_time()) {
    result.completes = next.time_ns >= result.span.end_ns;
  } else {
    fresh.add(next);
    result.completes = is_full(fresh);
  }
  // commit() keeps the bar that ends.
  if (begun_ && older_) older_->make_room();
  return result;
}

std::optional<bar_builder::step> bar_builder::plan_late(const bar_input& next, std::int64_t newest_ns,
                                                        session_cursor& sessions) {
  step result;
  if (!older_ || next.time_ns < newest_ns - older_->lateness_ns) return result;
  auto& bars = older_->bars;
  const auto found = std::find_if(bars.begin(), bars.end(),
                                  [&](const bar_record& each) { return next.place < each.span().until_ns; });
  result.older = static_cast<std::size_t>(found - bars.begin());
  if (found != bars.end() && found->has(next.place)) {
    if (!found->has_room_for(next)) return std::nullopt;
    result.does = effect::revises;
    return result;
  }
  result.span = span_at(next.time_ns, sessions);
  // A full row gives up its oldest bar, and that must not be this one.
  if (result.span.from_ns < older_->forgotten_until || (bars.size() == older_->bound && result.older == 0))
    return result;
  if (!bar_record(result.span).has_room_for(next)) return std::nullopt;
  older_->make_room();
  result.does = effect::inserts;
  result.completes = true;
  return result;
}

void bar_builder::commit(std::int64_t time_ns, protocol::decimal price, protocol::decimal size,
                         std::uint64_t number, const step& planned) noexcept {
  const bar_input next{place_of(time_ns, number), time_ns, price, size};
  switch (planned.does) {
    case effect::left_out:
      return;
    case effect::joins:
      now_.add(next);
      break;
    case effect::begins:
      now_.close();
      if (begun_ && older_) older_->keep(now_);
      begun_ = true;
      now_ = bar_record(planned.span);
      now_.add(next);
      break;
    case effect::revises:
      older_->bars[planned.older].add(next);
      return;
    case effect::inserts: {
      bar_record made(planned.span);
      made.add(next);
      made.close();
      insert(made, planned.older);
      return;
    }
  }
  if (!planned.completes) return;
  now_.close();
  if (!goes_by_time()) now_.end_behind(next.place);
}

void bar_builder::insert(const bar_record& made, std::size_t at) noexcept {
  auto& bars = older_->bars;
  if (bars.full()) {
    older_->forgotten_until = bars.front().span().until_ns;
    bars.pop_front();
    --at;
  }
  bars.insert(bars.begin() + static_cast<std::ptrdiff_t>(at), made);
}

protocol::bar bar_builder::after(std::int64_t time_ns, protocol::decimal price, protocol::decimal size,
                                 std::uint64_t number, const step& planned) const noexcept {
  const bar_input next{place_of(time_ns, number), time_ns, price, size};
  auto bar = planned.does == effect::joins     ? now_
             : planned.does == effect::revises ? older_->bars[planned.older]
                                               : bar_record(planned.span);
  bar.add(next);
  if (planned.completes) bar.close();
  return bar.bar();
}

std::optional<protocol::bar> bar_builder::newest() const noexcept {
  if (!begun_) return std::nullopt;
  return now_.bar();
}

protocol::bar bar_builder::as_closed() const noexcept {
  auto bar = now_;
  bar.close();
  return bar.bar();
}

std::optional<protocol::decimal> bar_builder::close_before() const noexcept {
  if (!older_) return std::nullopt;
  const auto& bars = older_->bars;
  const auto found =
      std::find_if(bars.rbegin(), bars.rend(), [](const bar_record& each) { return each.trades() > 0; });
  if (found == bars.rend()) return std::nullopt;
  return found->last();
}

std::int64_t bar_builder::closes_at() const noexcept {
  if (!has_open_bar() || !goes_by_time()) return last_place;
  const auto lateness_ns = lateness_ms_ * millisecond_ns;
  const auto end = now_.span().end_ns;
  return end > last_place - lateness_ns ? last_place : end + lateness_ns;
}

tl::expected<bar_builder::revision, bar_builder::refusal> bar_builder::plan_amendment(
    const trade_tape& tape, std::uint64_t which, const protocol::trade_amendment& what,
    std::uint32_t series_bit, session_cursor& sessions, const bar_finder& published) const {
  const auto of = tape.at(which);
  const auto place = place_of(of.time_ns, which);
  if (!begun_ || (of.left_out_of & series_bit)) return tl::unexpected(refusal::not_in_any);
  revision result;
  const auto count = older_ ? older_->bars.size() : 0;
  while (result.older < count && !older_->bars[result.older].has(place)) ++result.older;
  if (now_.has(place)) {
    result.bar = now_;
  } else if (result.older < count) {
    result.is = revision::where::older;
    result.bar = older_->bars[result.older];
  } else {
    if (!goes_by_time()) return tl::unexpected(refusal::beyond);
    result.is = revision::where::forgotten;
    result.bar = bar_record(span_at(of.time_ns, sessions));
    const protocol::bar* const seen = published(result.bar.span().time_ns);
    if (!seen) return tl::unexpected(refusal::beyond);
    result.bar.set_prices(*seen);
    auto made = amended(result.bar, seen->trades, tape, which, what, series_bit, false);
    if (!made) return tl::unexpected(made.error());
    result.bar = *made;
    return result;
  }
  auto made = amended(result.bar, result.bar.trades(), tape, which, what, series_bit, true);
  if (!made) return tl::unexpected(made.error());
  result.bar = *made;
  return result;
}

tl::expected<bar_record, bar_builder::refusal> bar_builder::amended(
    const bar_record& bar, std::uint64_t trades, const trade_tape& tape, std::uint64_t which,
    const protocol::trade_amendment& what, std::uint32_t series_bit, bool sums_known) const {
  bar_record anew(bar.span());
  std::uint64_t found = 0;
  for (auto number = tape.begin(); number != tape.end(); ++number) {
    const auto each = tape.at(number);
    const auto place = place_of(each.time_ns, number);
    if (each.cancelled || (each.left_out_of & series_bit) || !bar.has(place)) continue;
    ++found;
    if (number == which && what.cancels) continue;
    const bar_input input{place, each.time_ns, number == which ? what.price : each.price,
                          number == which ? what.size : each.size};
    if (!anew.has_room_for(input)) return tl::unexpected(refusal::no_room);
    anew.add(input);
  }
  auto result = bar;
  if (found == trades) {
    result.replace_by(anew);
    return result;
  }
  const auto of = tape.at(which);
  const bar_input gone{place_of(of.time_ns, which), of.time_ns, of.price, of.size};
  if (!sums_known || !bar.has_inside(gone)) return tl::unexpected(refusal::beyond);
  result.take_back(gone);
  if (what.cancels) {
    result.revise();
    return result;
  }
  const bar_input instead{gone.place, gone.time_ns, what.price, what.size};
  if (!result.has_room_for(instead)) return tl::unexpected(refusal::no_room);
  result.add(instead);
  return result;
}

void bar_builder::commit(const revision& planned) noexcept {
  if (planned.is == revision::where::newest) now_ = planned.bar;
  if (planned.is == revision::where::older) older_->bars[planned.older] = planned.bar;
}

void bar_builder::save(protocol::byte_writer& to) const {
  to.boolean(begun_);
  now_.save(to);
  to.natural(older_ ? older_->bars.size() : 0);
  if (!older_) return;
  to.whole(older_->forgotten_until);
  for (const auto& each : older_->bars) each.save(to);
}

void bar_builder::load(protocol::byte_reader& from) {
  begun_ = from.boolean();
  now_ = bar_record::load(from);
  const auto count = from.natural_to(most_kept);
  if (!older_ && count == 0) return;
  const auto forgotten_until = from.whole();
  if (older_) {
    older_->bars.clear();
    older_->forgotten_until = forgotten_until;
  }
  for (std::uint64_t i = 0; i < count && from.ok(); ++i) {
    const auto each = bar_record::load(from);
    if (!older_) continue;
    older_->make_room();
    older_->keep(each);
  }
}

}  // namespace tickcast::analytics
