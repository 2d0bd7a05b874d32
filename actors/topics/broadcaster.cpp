#include "actors/topics/broadcaster.hpp"

#include <algorithm>
#include <unordered_set>

#include "actors/clients/command_passage.hpp"
#include "actors/clients/connection.hpp"
#include "protocol/client_message.hpp"

namespace tickcast::actors {

broadcaster::broadcaster(caf::actor_config& cfg, host& where, engine& parts, std::uint32_t shard,
                         const shard_clients& all, broadcaster_counters& counters)
    : hosted(cfg, where, parts.probes,
             {"broadcaster", "broadcaster", "root/shards/" + where.name(), where.name()}),
      engine_(parts),
      shard_(shard),
      all_(all),
      counters_(counters),
      writers_(parts) {
  own_probe().sent_elsewhere = &counters.deliveries;
}

void broadcaster::describe_to(description& to) {
  to.add("topics", by_name_.size());
  to.add("unwritten_topics", unwritten_);
  to.add("clients", seats_.size() - free_seats_.size());
  to.add("fan_outs_under_way", fan_outs_.size());
  to.add("writers_watched", writers_.watched());
  to.add("patterns", patterns_.size());
  to.add("delayed_topics", late_topics_.size());
  to.add("delayed_updates_waiting", late_updates_);
}

broadcaster::behavior_type broadcaster::make_behavior() {
  set_down_handler([this](caf::down_msg& message) {
    writers_.ended(message.source.id());
    ask_again();
  });
  writers_.refresh(*this);
  return {
      [this](const updates& batch) { on_updates(batch); },
      [this](const attached& where) { on_attached(where); },
      [](const client_answer& what) { what.who->answer(what.frame); },
      [this](const tell_presence&) { tell_all_presence(); },
      [this](const announcement& what) { announce(what, 0); },
      [this](const topics_known& known) { on_known(known); },
      [this](const subscribe& wish) { on_subscribe(wish); },
      [this](const unsubscribe& wish) { on_unsubscribe(wish); },
      [this](const client_drained& client) { on_drained(*client.who); },
      [this](const client_left& client) { on_left(*client.who); },
      [this](const report_topics& ask) {
        for (const auto& each : slots_)
          if (each.topic) ask.to->add_subscribers(each.topic->name(), each.topic->subscribers.size());
      },
  };
}

void broadcaster::on_exit() {
  // Without a broadcaster the clients would hear nothing and not know it: they are sent to reconnect.
  for (auto& seat : seats_)
    if (seat.who) {
      seat.who->seat = connection::no_seat;
      end(caf::actor_cast<caf::actor>(seat.keep), caf::exit_reason::unhandled_exception);
    }
  seats_.clear();
  slots_.clear();
  fan_outs_.clear();
  patterns_.clear();
  late_topics_.clear();
  writers_.clear();
}

// ---- commands

void broadcaster::on_subscribe(const subscribe& wish) {
  wish.passage->end();
  if (wish.id == 0) return subscribe_unasked(wish);
  if (refuse_subscribe(wish) || refuse_patterns(wish)) return;
  if (wish.patterns.empty())
    subscribe_to(wish, {});
  else
    open_patterns(wish);
}

void broadcaster::subscribe_unasked(subscribe wish) {
  std::sort(wish.topics.begin(), wish.topics.end());
  wish.topics.erase(std::unique(wish.topics.begin(), wish.topics.end()), wish.topics.end());
  std::erase_if(wish.topics, [&](const std::string& name) { return held(wish.who->seat, name) != no_topic; });
  if (wish.topics.empty() || refuse_subscribe(wish)) return;
  subscribe_to(wish, {});
  auto& given = seats_[wish.who->seat].given;
  given.insert(given.end(), wish.topics.begin(), wish.topics.end());
}

void broadcaster::subscribe_to(const subscribe& wish, pattern_matches matches) {
  const auto seat = seat_of(wish);
  auto pending = std::make_shared<pending_subscribe>(pending_subscribe{wish.keep, wish.who, wish.id, {}, 0});
  pending->seen = wish.seen;
  for (std::size_t i = 0; i < wish.topics.size(); ++i)
    take_in(pending, wish.topics[i], wish.forms.empty() ? access::topic_form{} : wish.forms[i]);
  for (const auto& [pattern, names] : matches)
    for (const auto& name : names)
      if (const auto form = granted(*wish.who, name))
        seats_[seat].by_pattern->topics.insert(take_in(pending, name, *form));
  pending->matches = std::move(matches);
  if (pending->missing == 0) finish(*pending);
}

broadcaster::topic_index broadcaster::take_in(const std::shared_ptr<pending_subscribe>& pending,
                                              const std::string& name, const access::topic_form& form) {
  auto& who = *pending->who;
  const auto topic = open_topic(name, form);
  pending->topics.push_back(ticket(topic));
  add_subscriber(topic, who.seat, who.encoding());
  seats_[who.seat].topics.push_back(topic);
  who.subscriptions = static_cast<std::uint32_t>(seats_[who.seat].topics.size());
  const auto base = slots_[topic].topic->base;
  auto& source = slots_[base == no_topic ? topic : base];
  if (source.topic->known()) return topic;
  ++pending->missing;
  source.waiting.push_back(pending);
  return topic;
}

bool broadcaster::refuse_subscribe(const subscribe& wish) {
  const auto& limits = engine_.settings.limits;
  const auto seat = wish.who->seat;
  std::size_t has = 0;
  if (seat != connection::no_seat) {
    has = seats_[seat].topics.size();
    if (const auto& by_pattern = seats_[seat].by_pattern) has -= by_pattern->topics.size();
  }
  if (has + wish.topics.size() > limits.topics_per_client) {
    wish.who->refuse(wish.id, protocol::error_code::limit_exceeded,
                     "more topics than limits.topics_per_client allows a connection");
    return true;
  }
  std::unordered_set<std::string_view> names;
  for (const auto& name : wish.topics) {
    if (held(seat, name) != no_topic || !names.insert(name).second) {
      wish.who->refuse(wish.id, protocol::error_code::already_subscribed, "already subscribed to " + name);
      return true;
    }
  }
  return false;
}

std::uint32_t broadcaster::seat_of(const subscribe& wish) {
  if (wish.who->seat != connection::no_seat) return wish.who->seat;
  std::uint32_t index;
  if (free_seats_.empty()) {
    index = static_cast<std::uint32_t>(seats_.size());
    seats_.emplace_back();
  } else {
    index = free_seats_.back();
    free_seats_.pop_back();
  }
  seats_[index].keep = wish.keep;
  seats_[index].who = wish.who;
  wish.who->seat = index;
  return index;
}

void broadcaster::finish(pending_subscribe& wish) {
  if (wish.refused || wish.who->seat == connection::no_seat || roll_back_unwritten(wish)) return;
  if (wish.id != 0) reply(wish);
  topic_index topic;
  for (std::size_t i = 0; i < wish.topics.size(); ++i)
    if (by_ticket(wish.topics[i], topic))
      if (auto* to = find_subscriber(topic, wish.who->seat)) begin(topic, *to, seen_of(wish, i));
}

void broadcaster::reply(const pending_subscribe& wish) {
  std::vector<protocol::topic_position> positions;
  positions.reserve(wish.topics.size());
  topic_index topic;
  for (std::size_t i = 0; i < wish.topics.size(); ++i) {
    if (!by_ticket(wish.topics[i], topic)) continue;
    const auto& at = *slots_[topic].topic;
    const auto* seen = seen_of(wish, i);
    positions.push_back(
        {at.name(), at.epoch(), at.seq(), at.form().delay_ms, seen && at.missed_since(*seen)});
  }
  std::vector<protocol::pattern_match> matches;
  for (const auto& [pattern, names] : wish.matches)
    matches.push_back({pattern, {names.begin(), names.end()}});
  wish.who->answer(protocol::encode_subscribe_reply(wish.who->encoding(), wish.id, positions, matches));
}

const protocol::last_seen* broadcaster::seen_of(const pending_subscribe& wish, std::size_t index) {
  return index < wish.seen.size() && wish.seen[index] ? &*wish.seen[index] : nullptr;
}

void broadcaster::begin(topic_index topic, subscriber& to, const protocol::last_seen* seen) {
  const auto& of = *slots_[topic].topic;
  const auto* missed = seen ? of.missed_since(*seen) : nullptr;
  if (!missed) {
    if (seen && seen->epoch == of.epoch() && seen->seq < of.seq())
      tell_gap(to, topic, seen->seq + 1, of.seq());
    send_snapshot(topic, to);
    return;
  }
  bump(counters_.recovered);
  to.is = standing::live;
  to.live_from = static_cast<std::uint32_t>(of.seq() + 1);
  for (const auto& each : *missed) {
    if (each.seq <= seen->seq) continue;
    if (seats_[to.seat].who->deliver(of.encode_update(to.as, each.seq, each.data)) == sent::over_budget)
      return fall_behind(to, topic, each.seq);
  }
}

void broadcaster::tell_gap(const subscriber& to, topic_index topic, std::uint64_t from, std::uint64_t end) {
  auto& who = *seats_[to.seat].who;
  const auto lost = end - from + 1;
  who.answer(protocol::encode_gap(who.encoding(), slots_[topic].topic->name(), from, end, lost));
  bump(counters_.gaps);
  bump(counters_.gap_lost, lost);
  who.dropped += lost;
}

bool broadcaster::roll_back_unwritten(pending_subscribe& wish) {
  topic_index topic;
  const bool any = std::any_of(wish.topics.begin(), wish.topics.end(), [&](std::uint64_t each) {
    const auto* at = by_ticket(each, topic);
    return at && at->topic->unwritten();
  });
  if (!any || unwritten_ <= engine_.settings.limits.waiting_topics) return false;
  roll_back(wish);
  wish.who->refuse(wish.id, protocol::error_code::limit_exceeded,
                   "too many topics that nobody has written yet are waited for (limits.waiting_topics)");
  return true;
}

void broadcaster::roll_back(pending_subscribe& wish) {
  topic_index topic;
  for (const auto each : wish.topics) {
    if (!by_ticket(each, topic)) continue;
    std::erase(seats_[wish.who->seat].topics, topic);
    wish.who->subscriptions = static_cast<std::uint32_t>(seats_[wish.who->seat].topics.size());
    remove_subscriber(topic, wish.who->seat);
  }
  for (const auto& [pattern, names] : wish.matches) close_pattern(wish.who->seat, pattern);
}

void broadcaster::refuse(topic_index topic, const listen_refusal& why) {
  const auto waiting = std::exchange(slots_[topic].waiting, {});
  for (const auto& each : waiting) {
    if (std::exchange(each->refused, true) || each->who->seat == connection::no_seat) continue;
    roll_back(*each);
    each->who->refuse(each->id, why.code, why.message);
  }
}

void broadcaster::on_unsubscribe(const unsubscribe& wish) {
  wish.passage->end();
  const auto seat = wish.who->seat;
  std::vector<topic_index> leaving;
  for (const auto& name : wish.topics) {
    const auto topic = held(seat, name);
    // What the client has asked for itself is not for others to end.
    if (wish.id == 0 && (topic == no_topic || std::erase(seats_[seat].given, name) == 0)) continue;
    if (topic == no_topic || std::find(leaving.begin(), leaving.end(), topic) != leaving.end()) {
      wish.who->refuse(wish.id, protocol::error_code::unknown_topic, "not subscribed to " + name);
      return;
    }
    if (wish.id != 0) std::erase(seats_[seat].given, name);
    leaving.push_back(topic);
  }
  if (!wish.patterns.empty() && !leave_patterns(wish, leaving)) return;
  for (const auto topic : leaving) {
    std::erase(seats_[seat].topics, topic);
    remove_subscriber(topic, seat);
  }
  if (!leaving.empty()) wish.who->subscriptions = static_cast<std::uint32_t>(seats_[seat].topics.size());
  if (wish.id != 0) wish.who->answer(protocol::encode_reply(wish.who->encoding(), wish.id));
}

void broadcaster::on_left(connection& who) {
  if (who.seat == connection::no_seat) return;
  const auto seat = std::exchange(who.seat, connection::no_seat);
  close_patterns(seat);
  for (const auto topic : seats_[seat].topics) remove_subscriber(topic, seat);
  seats_[seat] = {};
  free_seats_.push_back(seat);
}

}  // namespace tickcast::actors
