#include "actors/topics/dispatcher.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "actors/topics/quote_topic.hpp"
#include "protocol/topic.hpp"

namespace tickcast::actors {
namespace {

/// How often the forming bars that wait are looked at; the grain of bars.push_ms.
constexpr std::chrono::milliseconds push_grain{25};

/// Ticks between asking for memory and using it.
constexpr std::size_t far_ahead = 8;
constexpr std::size_t near_ahead = 4;

std::int64_t to_ns(host::clock::time_point time) {
  return std::chrono::nanoseconds(time.time_since_epoch()).count();
}

}  // namespace

dispatcher::dispatcher(caf::actor_config& cfg, host& where, engine& parts, std::uint32_t shard,
                       quote_table& table, dispatcher_counters& counters)
    : hosted(cfg, where, parts.probes, {"dispatcher", std::to_string(shard), "shards", where.name()}),
      engine_(parts),
      shard_(shard),
      table_(table),
      counters_(counters),
      out_(parts.shards) {}

dispatcher::behavior_type dispatcher::make_behavior() {
  engine_.routes.refresh(lines_);
  set_down_handler([this](caf::down_msg& message) {
    const auto found = by_actor_.find(message.source.id());
    if (found == by_actor_.end()) return;
    topic_failed(*found->second);
  });
  // What an earlier dispatcher left: states without actors, and listeners that ask again by themselves.
  table_.each([this](quote_place& place) {
    place.state.each_stream([&](stream& each) {
      const auto old = each.listeners();
      for (auto who : old) each.set_listener({who.shard, who.ticket, 0});
    });
    place.forming_listed = false;
    if (!place.quarantined) start_topic(place);
  });
  after(sweep_every, [this] { sweep(); });
  return {
      [this](const tick_batch& batch) { take(batch); },
      [this](const listen& wish) { on_listen(wish); },
      [this](const report_topics& ask) { report(*ask.to); },
  };
}

void dispatcher::on_exit() {
  table_.each([](quote_place& place) {
    place.topic = nullptr;
    end(place.handle);
    place.handle = nullptr;
  });
  lines_ = {};
  by_actor_.clear();
}

void dispatcher::take(const tick_batch& batch) {
  engine_.routes.refresh(lines_);
  const turn now{batch.taken_ns, engine_.settings.bars.push_ms * 1'000'000, out_, plans_};
  const auto& ticks = batch.ticks->items;
  // A trade is unpacked some ticks before it is read: reading in one piece what has just been written in
  // several would wait for every write that is under way.
  std::array<protocol::trade, near_ahead> unpacked;
  for (std::size_t i = 0; i < std::min(near_ahead, ticks.size()); ++i)
    batch.ticks->unpack(ticks[i], unpacked[i]);
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    // With many symbols each tick's state has left the caches; what the next ticks need is fetched meanwhile.
    if (i + far_ahead < ticks.size())
      if (const auto* place = table_.find(ticks[i + far_ahead].symbol_id)) place->state.prefetch();
    if (i + near_ahead < ticks.size())
      if (const auto* place = table_.find(ticks[i + near_ahead].symbol_id)) place->state.prefetch_rings();
    batch.ticks->took(i + 1);
    auto& trade = unpacked[i % near_ahead];
    take_one(*batch.ticks, ticks[i], trade, now);
    if (i + near_ahead < ticks.size()) batch.ticks->unpack(ticks[i + near_ahead], trade);
  }
  bump(counters_.ticks, ticks.size());
  out_.send(lines_, batch.credit);
  push_later();
}

void dispatcher::take_one(const tick_load& load, const tick& what, const protocol::trade& trade,
                          const turn& now) {
  auto& place = place_of(what, load.from());
  if (place.quarantined) {
    if (where().now() < place.quarantined_until) {
      bump(counters_.quarantine_drops);
      return;
    }
    release(place);
  }
  try {
    count(quote_topic::take(engine_, place.state, load, what, trade, now), load.from());
  } catch (...) {
    place.topic->fail(std::current_exception());
    topic_failed(place);
    return;
  }
  // A feed's bars may have brought a topic that did not exist before.
  if (what.kind == tick_kind::bar) serve_waiting(place);
  if (place.state.has_waiting_bars() && !std::exchange(place.forming_listed, true))
    forming_.push_back(&place);
}

void dispatcher::count(taken outcome, feed_entry& from) {
  // The feed's counters have several writers: a dispatcher a shard.
  switch (outcome) {
    case taken::published:
      break;
    case taken::repeated:
      from.repeated.fetch_add(1, std::memory_order_relaxed);
      break;
    case taken::not_owner:
      from.not_owner.fetch_add(1, std::memory_order_relaxed);
      break;
    case taken::refused:
      bump(counters_.refused);
      break;
  }
}

quote_place& dispatcher::place_of(const tick& what, const feed_entry& from) {
  if (auto* found = table_.find(what.symbol_id)) return *found;
  auto& made = table_.add(engine_.symbols.at(what.symbol_id), from, engine_.bar_intervals);
  counters_.quote_topics.store(table_.size(), std::memory_order_relaxed);
  start_topic(made);
  serve_waiting(made);
  return made;
}

void dispatcher::start_topic(quote_place& place) {
  place.handle = spawn_on<quote_topic>(where(), std::ref(engine_), std::ref(place.state));
  place.topic = static_cast<quote_topic*>(caf::actor_cast<caf::abstract_actor*>(place.handle));
  monitor(place.handle);
  by_actor_.emplace(place.handle.id(), &place);
}

void dispatcher::topic_failed(quote_place& place) {
  by_actor_.erase(place.handle.id());
  place.topic = nullptr;
  place.handle = nullptr;
  ++place.restarts;
  bump(counters_.topic_failures);
  if (place.budget.spend(where().now())) {
    start_topic(place);
    return;
  }
  place.quarantined = true;
  place.quarantined_until = where().now() + quarantine_time;
  bump(counters_.quarantines);
  spdlog::error("quote topic {} keeps failing: in quarantine for {} s, its ticks are dropped and counted",
                place.state.of().name, quarantine_time.count());
  tell_all(place);
}

void dispatcher::release(quote_place& place) {
  place.quarantined = false;
  place.budget.reset();
  start_topic(place);
  spdlog::warn("quote topic {} is tried again after its quarantine", place.state.of().name);
  tell_all(place);
}

void dispatcher::on_listen(const listen& wish) {
  engine_.routes.refresh(lines_);
  const auto name = protocol::parse_topic(wish.topic);
  if (!name) return;  // broadcasters check before they ask
  const auto* of = engine_.symbols.find(name->name);
  auto* place = of ? table_.find(of->id) : nullptr;
  if (auto* found = place ? place->state.find(wish.topic) : nullptr) {
    begin_listening(*place, *found, wish);
    return;
  }
  waiting_.enter(wish, lines_);
  counters_.waiting.store(waiting_.size(), std::memory_order_relaxed);
}

void dispatcher::begin_listening(quote_place& place, stream& to, const listen& wish) {
  const stream::listener who{wish.shard, wish.ticket, wish.classes};
  to.set_listener(who);
  if (wish.classes != 0) tell_state(place, to, who);
}

void dispatcher::tell_state(quote_place& place, const stream& of, const stream::listener& who) {
  tell(lines_.broadcasters[who.shard],
       attached{who.ticket, place.state.epoch(), of.seq(), place.state.owner().id, place.quarantined,
                place.state.view(of), place.silence.is_stale()});
}

void dispatcher::tell_all(quote_place& place) {
  // What this turn has gathered so far goes first.
  out_.send(lines_);
  place.state.each_stream([&](stream& each) {
    for (const auto& who : each.listeners()) tell_state(place, each, who);
  });
}

void dispatcher::serve_waiting(quote_place& place) {
  if (waiting_.empty()) return;
  place.state.each_stream([&](stream& each) {
    for (const auto& wish : waiting_.take(each.topic())) begin_listening(place, each, wish);
  });
  counters_.waiting.store(waiting_.size(), std::memory_order_relaxed);
}

void dispatcher::report(topic_report& to) {
  table_.each([&](quote_place& place) {
    const auto& owner = place.state.owner();
    auto state = owner.state.load(std::memory_order_relaxed);
    if (place.silence.is_stale() && state == protocol::feed_state::live) state = protocol::feed_state::stale;
    if (place.quarantined) state = protocol::feed_state::quarantined;
    place.state.each_stream([&](stream& each) {
      to.add_topic({each.topic(),
                    place.state.epoch(),
                    each.seq(),
                    static_cast<int>(shard_),
                    {owner.name, std::string(protocol::to_string(state))}});
    });
  });
}

void dispatcher::sweep() {
  const auto now = where().now();
  const auto end = std::min(table_.end_id(), swept_to_ + swept_a_turn);
  for (; swept_to_ < end; ++swept_to_) {
    auto* place = table_.find(swept_to_);
    if (!place || !place->silence.look(place->state, now)) continue;
    engine_.routes.refresh(lines_);
    tell_all(*place);
  }
  if (swept_to_ < table_.end_id()) {
    later([this] { sweep(); });
    return;
  }
  swept_to_ = 0;
  after(sweep_every, [this] { sweep(); });
}

void dispatcher::push_later() {
  if (push_scheduled_ || forming_.empty()) return;
  push_scheduled_ = true;
  after(push_grain, [this] {
    push_scheduled_ = false;
    push_forming();
    push_later();
  });
}

void dispatcher::push_forming() {
  engine_.routes.refresh(lines_);
  const turn now{to_ns(where().now()), engine_.settings.bars.push_ms * 1'000'000, out_, plans_};
  std::erase_if(forming_, [&](quote_place* place) {
    if (place->state.push_forming(now)) return false;
    place->forming_listed = false;
    return true;
  });
  out_.send(lines_);
}

}  // namespace tickcast::actors
