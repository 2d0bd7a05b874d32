#include <algorithm>
#include <utility>

#include "actors/topics/dispatcher.hpp"
#include "protocol/topic.hpp"

// The dispatcher's other half: who listens to its symbols' topics, and what they are told.
namespace tickcast::actors {
namespace {

/// Symbols whose topics are told in one turn to a post that begins to watch.
constexpr std::uint32_t symbols_a_turn = 256;

}  // namespace

void dispatcher::on_listen(const listen& wish) {
  engine_.routes.refresh(lines_);
  const auto name = protocol::parse_topic(wish.topic);
  if (!name) return;  // posts check before they ask
  if (name->kind == protocol::topic_kind::indicator)
    return indicators_.listen(wish, *name, lines_, where().now());
  const auto* of = engine_.symbols.find(name->name);
  auto* place = of ? table_.find(of->id) : nullptr;
  if (auto* found = place ? place->state.find(wish.topic) : nullptr) {
    begin_listening(*place, *found, wish);
    return;
  }
  waiting_.enter(wish, lines_);
  counters_.waiting.store(waiting_.size(), std::memory_order_relaxed);
}

void dispatcher::on_look(const look_at_topic& question) {
  topic_sight seen;
  const auto name = protocol::parse_topic(question.topic);
  const auto* of = name ? engine_.symbols.find(name->name) : nullptr;
  auto* place = of ? table_.find(of->id) : nullptr;
  if (auto* found = place ? place->state.find(question.topic) : nullptr)
    seen = {place->state.epoch_of(*found), found->seq(), place->state.view(*found)};
  question.back->answer(std::move(seen));
}

void dispatcher::begin_listening(quote_place& place, stream& to, const listen& wish) {
  const stream::listener who{wish.post, wish.ticket, wish.classes};
  to.set_listener(who);
  if (wish.classes != 0) tell_state(place, to, who);
}

void dispatcher::tell_state(quote_place& place, const stream& of, const stream::listener& who) {
  tell(lines_.posts[who.post], place.position(of, who.ticket));
}

void dispatcher::tell_all(quote_place& place) {
  // What this turn has gathered so far goes first.
  out_.send(lines_);
  place.state.each_stream([&](stream& each) {
    if (place.state.epoch_of(each).empty()) return;  // being seeded: told when it is
    for (const auto& who : each.listeners()) tell_state(place, each, who);
  });
}

void dispatcher::serve_waiting(quote_place& place) {
  indicators_.serve_waiting(place, lines_, where().now());
  if (waiting_.empty()) return;
  place.state.each_stream([&](stream& each) {
    for (const auto& wish : waiting_.take(each.topic())) begin_listening(place, each, wish);
  });
  counters_.waiting.store(waiting_.size(), std::memory_order_relaxed);
}

void dispatcher::on_watch(const watch_topics& wish) {
  engine_.routes.refresh(lines_);
  watches_.enter(wish);
  tell_existing(wish, 0);
}

void dispatcher::tell_existing(const watch_topics& wish, std::uint32_t from) {
  // Ticks get their turn in between: there may be very many names.
  const auto end = std::min(from + symbols_a_turn, table_.end_id());
  auto names = std::make_shared<std::vector<std::string>>();
  for (auto id = from; id < end; ++id)
    if (auto* place = table_.find(id))
      place->state.each_stream([&](stream& each) {
        if (wish.pattern.matches(each.topic())) names->push_back(each.topic());
      });
  engine_.routes.refresh(lines_);
  const bool more = end < table_.end_id();
  const auto ticket = more ? 0 : wish.ticket;
  if (!names->empty() || ticket != 0) tell(lines_.posts[wish.post], topics_known{std::move(names), ticket});
  if (more)
    later([this, wish, end] {
      if (watches_.has(wish)) tell_existing(wish, end);
    });
}

void dispatcher::tell_new(quote_place& place, std::size_t first_stream) {
  if (watches_.empty()) return;
  std::vector<std::string> names;
  std::size_t index = 0;
  place.state.each_stream([&](stream& each) {
    if (index++ >= first_stream) names.push_back(each.topic());
  });
  watches_.tell_known(names, lines_);
}

void dispatcher::report(topic_report& to) {
  table_.each([&](quote_place& place) {
    const auto& owner = place.state.owner();
    auto state = owner.state.load(std::memory_order_relaxed);
    if (place.silence.is_stale() && state == protocol::feed_state::live) state = protocol::feed_state::stale;
    if (place.quarantined) state = protocol::feed_state::quarantined;
    place.state.each_stream([&](stream& each) {
      to.add_topic({each.topic(),
                    place.state.epoch_of(each),
                    each.seq(),
                    static_cast<int>(shard_),
                    {owner.name, std::string(protocol::to_string(state))}});
    });
  });
}

}  // namespace tickcast::actors
