#include "actors/topics/dispatcher.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "actors/runtime/log.hpp"
#include "actors/topics/quote_topic.hpp"

namespace tickcast::actors {
namespace {

/// How often the forming bars that wait are looked at; the grain of bars.push_ms.
constexpr std::chrono::milliseconds push_grain{25};

/// How often it is looked whether the clock closes bars.
constexpr std::chrono::milliseconds closing_grain{100};

/// Ticks between asking for memory and using it.
constexpr std::size_t far_ahead = 8;
constexpr std::size_t near_ahead = 4;

/// One tick in so many (a power of two, less one) is timed for its quote topic's probe.
constexpr std::uint64_t sampling_mask = 63;

std::int64_t to_ns(host::clock::time_point time) {
  return std::chrono::nanoseconds(time.time_since_epoch()).count();
}

}  // namespace

dispatcher::dispatcher(caf::actor_config& cfg, host& where, engine& parts, std::uint32_t shard,
                       quote_table& table, dispatcher_counters& counters)
    : hosted(cfg, where, parts.probes,
             {"dispatcher", "dispatcher", "root/shards/" + where.name(), where.name()}),
      engine_(parts),
      shard_(shard),
      table_(table),
      counters_(counters),
      out_(parts.routes.posts()),
      indicators_(parts, shard, table, counters.indicators, watches_),
      lane_(parts.keep.lanes.empty() ? nullptr : parts.keep.lanes[shard].get()) {
  own_probe().sent_elsewhere = &counters.ticks;
}

void dispatcher::describe_to(description& to) {
  std::size_t quarantined = 0;
  table_.each([&](const quote_place& place) { quarantined += place.quarantined ? 1 : 0; });
  to.add("symbols", table_.size());
  to.add("quarantined", quarantined);
  to.add("forming_bars_waiting", forming_.size());
  to.add("waiting_topics", waiting_.size() + indicators_.waiting());
}

dispatcher::behavior_type dispatcher::make_behavior() {
  engine_.routes.refresh(lines_);
  set_down_handler([this](caf::down_msg& message) {
    const auto found = by_actor_.find(message.source.id());
    if (found == by_actor_.end()) return;
    topic_failed(*found->second, describe(message.reason));
  });
  indicators_.begin();
  // What an earlier dispatcher left: states without actors, and listeners that ask again by themselves.
  table_.each([this](quote_place& place) {
    place.state.each_stream([&](stream& each) {
      const auto old = each.listeners();
      for (auto who : old) each.set_listener({who.post, who.ticket, 0});
    });
    place.forming_listed = false;
    if (!place.quarantined) start_topic(place);
  });
  clock_.begin(table_.end_id());
  after(sweep_every, [this] { sweep(); });
  if (engine_.settings.bars.clock_close) after(closing_grain, [this] { close_bars(); });
  return {
      [this](const tick_batch& batch) { take(batch); },
      [this](const listen& wish) { on_listen(wish); },
      [this](const report_topics& ask) { report(*ask.to); },
      [this](const watch_topics& wish) { on_watch(wish); },
      [this](const unwatch_topics& wish) { watches_.leave(wish); },
      [this](const look_at_topic& question) { on_look(question); },
      [this](const indicator_seeded& result) {
        engine_.routes.refresh(lines_);
        indicators_.seeded(result, lines_);
      },
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

turn dispatcher::turn_at(std::int64_t now_ns) {
  return {now_ns, engine_.settings.bars.push_ms * 1'000'000, out_, plans_, counters_.bars, lane_};
}

void dispatcher::take(const tick_batch& batch) {
  engine_.routes.refresh(lines_);
  const turn now = turn_at(batch.taken_ns);
  const auto& ticks = batch.ticks->items;
  clock_.saw(*batch.ticks, to_ns(where().now()));
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
    if ((++seen_ & sampling_mask) == 0)
      take_timed(*batch.ticks, ticks[i], trade, now);
    else
      take_one(*batch.ticks, ticks[i], trade, now);
    if (i + near_ahead < ticks.size()) batch.ticks->unpack(ticks[i + near_ahead], trade);
  }
  bump(counters_.ticks, ticks.size());
  if (lane_) keep_offset(batch);
  out_.send(lines_, batch.credit);
  push_later();
}

void dispatcher::keep_offset(const tick_batch& batch) {
  if (batch.feed_seq != 0) {
    const auto& from = batch.ticks->from();
    if (offset_keys_.size() <= from.id) offset_keys_.resize(from.id + 1U);
    auto& key = offset_keys_[from.id];
    if (key.empty()) key = stored_offsets::key(from.name, shard_, engine_.shards);
    lane_->offset(key, batch.feed_seq);
  }
  lane_->commit();
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
  if (place.state.traced()) place.topic->show(load, what, trade);
  const auto streams_before = what.kind == tick_kind::bar ? place.state.streams() : 0;
  try {
    count(quote_topic::take(engine_, place.state, load, what, trade, now), load.from());
  } catch (...) {
    place.topic->fail(std::current_exception());
    topic_failed(place, actors::describe(std::current_exception()));
    return;
  }
  // A feed's bars may have brought a topic that did not exist before.
  if (what.kind == tick_kind::bar && place.state.streams() != streams_before) {
    serve_waiting(place);
    tell_new(place, streams_before);
  }
  clock_.expect(what.symbol_id, place.state.closes_at());
  if (place.state.has_waiting_bars() && !std::exchange(place.forming_listed, true))
    forming_.push_back(&place);
}

void dispatcher::take_timed(const tick_load& load, const tick& what, const protocol::trade& trade,
                            const turn& now) {
  const auto began = steady_ns();
  take_one(load, what, trade, now);
  const auto took = steady_ns() - began;
  if (const auto* place = table_.find(what.symbol_id); place && place->topic) place->topic->took(took);
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
  const auto& of = engine_.symbols.at(what.symbol_id);
  auto& made = table_.add(of, from, engine_.bars, engine_.instruments.find(of.name).hours);
  made.state.set_quote_interval(engine_.quote_interval_ns(of.name));
  clock_.make_room(table_.end_id());
  counters_.quote_topics.store(table_.size(), std::memory_order_relaxed);
  // At once, for without one nothing of it can be taken again.
  if (lane_) made.keep_state(*lane_);
  start_topic(made);
  serve_waiting(made);
  tell_new(made, 0);
  return made;
}

void dispatcher::start_topic(quote_place& place) {
  place.handle = spawn_on<quote_topic>(where(), std::ref(engine_), std::ref(place.state), place.restarts);
  place.topic = static_cast<quote_topic*>(caf::actor_cast<caf::abstract_actor*>(place.handle));
  monitor(place.handle);
  by_actor_.emplace(place.handle.id(), &place);
}

void dispatcher::topic_failed(quote_place& place, const std::string& reason) {
  by_actor_.erase(place.handle.id());
  place.topic = nullptr;
  place.handle = nullptr;
  ++place.restarts;
  bump(counters_.topic_failures);
  indicators_.seed_anew(place);
  const auto record = probes().restarts.begin(own_probe().who.path(), place.state.of().name, reason);
  if (place.budget.spend(where().now())) {
    start_topic(place);
    probes().restarts.complete(record, restart_record::outcome::restarted, 0);
    return;
  }
  place.record = record;
  place.quarantined = true;
  place.quarantined_until = where().now() + quarantine_time;
  bump(counters_.quarantines);
  bump(counters_.quarantined);
  log(component::topics)
      .error("quote topic {} keeps failing: in quarantine for {} s, its ticks are dropped and counted",
             place.state.of().name, quarantine_time.count());
  tell_all(place);
}

void dispatcher::release(quote_place& place) {
  place.quarantined = false;
  counters_.quarantined.store(counters_.quarantined.load(std::memory_order_relaxed) - 1,
                              std::memory_order_relaxed);
  place.budget.reset();
  start_topic(place);
  const auto gone = where().now() - place.quarantined_until + quarantine_time;
  probes().restarts.complete(std::exchange(place.record, 0), restart_record::outcome::restarted,
                             std::chrono::duration_cast<std::chrono::milliseconds>(gone).count());
  log(component::topics).warn("quote topic {} is tried again after its quarantine", place.state.of().name);
  tell_all(place);
}

void dispatcher::sweep() {
  const auto now = where().now();
  const auto end = std::min(table_.end_id(), swept_to_ + swept_a_turn);
  std::uint32_t kept = 0;
  for (; swept_to_ < end && kept < kept_a_turn; ++swept_to_) {
    auto* place = table_.find(swept_to_);
    if (place && lane_ && keep_state_of(*place, now)) ++kept;
    if (!place || !place->silence.look(place->state, now)) continue;
    engine_.routes.refresh(lines_);
    tell_all(*place);
  }
  if (lane_) lane_->commit();
  if (swept_to_ < table_.end_id()) {
    later([this] { sweep(); });
    return;
  }
  swept_to_ = 0;
  indicators_.look(now);
  after(sweep_every, [this] { sweep(); });
}

bool dispatcher::keep_state_of(quote_place& place, host::clock::time_point now) {
  if (place.state.position() == place.kept_position || now - place.kept_at < keep_state_every) return false;
  // Checkpoints leave the rows their room: with more of them than the writer takes they come less often.
  if (lane_->waiting_bytes() > lane_->capacity_bytes() / 4) return false;
  const bool is_first = place.kept_position == 0;
  if (!place.keep_state(*lane_)) return false;
  place.kept_at = now;
  // Symbols that began together do not stay in step.
  if (is_first)
    place.kept_at -= std::chrono::milliseconds(place.state.of().id * 7919ULL %
                                               std::chrono::milliseconds(keep_state_every).count());
  return true;
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
  const auto now = turn_at(to_ns(where().now()));
  std::erase_if(forming_, [&](quote_place* place) {
    if (place->state.push_forming(now)) return false;
    place->forming_listed = false;
    return true;
  });
  out_.send(lines_);
}

void dispatcher::close_bars() {
  engine_.routes.refresh(lines_);
  clock_.close(table_, engine_.feeds, turn_at(to_ns(where().now())));
  if (lane_) lane_->commit();
  out_.send(lines_);
  after(closing_grain, [this] { close_bars(); });
}

}  // namespace tickcast::actors
