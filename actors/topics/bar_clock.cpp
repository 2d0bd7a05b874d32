#include "actors/topics/bar_clock.hpp"

#include <algorithm>
#include <limits>

#include "actors/runtime/probe.hpp"

namespace tickcast::actors {
namespace {

constexpr auto never = std::numeric_limits<std::int64_t>::max();
constexpr auto long_ago = std::numeric_limits<std::int64_t>::min();

}  // namespace

void bar_clock::begin(std::uint32_t end_id) {
  closes_at_.assign(end_id, long_ago);
}

void bar_clock::make_room(std::uint32_t end_id) {
  if (closes_at_.size() < end_id) closes_at_.resize(end_id, never);
}

void bar_clock::saw(const tick_load& ticks, std::int64_t now_ns) {
  const auto id = ticks.from().id;
  if (id >= times_.size()) times_.resize(id + std::size_t{1});
  // What is amended or computed elsewhere has times of before.
  const auto last = std::find_if(ticks.items.rbegin(), ticks.items.rend(), [](const tick& each) {
    return each.kind == tick_kind::trade || each.kind == tick_kind::quote;
  });
  if (last != ticks.items.rend()) times_[id] = {last->time_ns, now_ns};
}

std::int64_t bar_clock::time_of(const feed_entry& of, std::int64_t now_ns) const {
  if (of.id >= times_.size() || times_[of.id].at_ns == 0) return long_ago;
  const auto own = times_[of.id].event_ns + (now_ns - times_[of.id].at_ns);
  // Symbols of other shards may have been heard since. Their time holds here when nothing is under way any
  // more.
  if (of.in_flight.load(std::memory_order_acquire) != 0) return own;
  const auto heard = of.last_event_ns.load(std::memory_order_relaxed) +
                     (steady_ns() - of.last_tick_ns.load(std::memory_order_relaxed));
  return std::max(own, heard);
}

void bar_clock::close(const quote_table& table, const feed_board& feeds, const turn& now) {
  auto latest = long_ago;
  for (const auto* each : feeds.all()) latest = std::max(latest, time_of(*each, now.now_ns));
  for (std::uint32_t id = 0; id < closes_at_.size(); ++id) {
    if (closes_at_[id] > latest) continue;
    auto* place = table.find(id);
    if (!place) {
      closes_at_[id] = never;
      continue;
    }
    const auto time_ns = time_of(place->state.owner(), now.now_ns);
    if (place->state.closes_at() <= time_ns) place->state.close_bars(time_ns, now);
    closes_at_[id] = place->state.closes_at();
  }
}

}  // namespace tickcast::actors
