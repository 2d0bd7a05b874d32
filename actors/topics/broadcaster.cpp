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
      [](const topics_known&) {},  // it never watches
      [this](const announcement& what) { announce(what, 0); },
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
  writers_.clear();
}

// ---- commands

void broadcaster::on_subscribe(const subscribe& wish) {
  wish.passage->end();
  if (wish.id == 0) return subscribe_unasked(wish);
  if (refuse_subscribe(wish)) return;
  begin_subscribe(wish);
}

void broadcaster::subscribe_unasked(subscribe wish) {
  const auto has = [&](const std::string& name) {
    const auto known = by_name_.find(name);
    return wish.who->seat != connection::no_seat && known != by_name_.end() &&
           find_subscriber(known->second, wish.who->seat) != nullptr;
  };
  std::sort(wish.topics.begin(), wish.topics.end());
  wish.topics.erase(std::unique(wish.topics.begin(), wish.topics.end()), wish.topics.end());
  std::erase_if(wish.topics, has);
  if (!wish.topics.empty() && !refuse_subscribe(wish)) begin_subscribe(wish);
}

void broadcaster::begin_subscribe(const subscribe& wish) {
  const auto seat = seat_of(wish);
  auto pending = std::make_shared<pending_subscribe>(pending_subscribe{wish.keep, wish.who, wish.id, {}, 0});
  for (const auto& name : wish.topics) {
    const auto topic = open_topic(name);
    pending->topics.push_back(ticket(topic));
    add_subscriber(topic, seat, wish.who->encoding());
    seats_[seat].topics.push_back(topic);
    wish.who->subscriptions = static_cast<std::uint32_t>(seats_[seat].topics.size());
    if (slots_[topic].topic->known()) continue;
    ++pending->missing;
    slots_[topic].waiting.push_back(pending);
  }
  if (pending->missing == 0) finish(*pending);
}

bool broadcaster::refuse_subscribe(const subscribe& wish) {
  const auto& limits = engine_.settings.limits;
  const auto* seat = wish.who->seat == connection::no_seat ? nullptr : &seats_[wish.who->seat];
  const auto has = seat ? seat->topics.size() : 0;
  if (has + wish.topics.size() > limits.topics_per_client) {
    wish.who->refuse(wish.id, protocol::error_code::limit_exceeded,
                     "more topics than limits.topics_per_client allows a connection");
    return true;
  }
  std::unordered_set<std::string_view> names;
  for (const auto& name : wish.topics) {
    const auto known = by_name_.find(name);
    const bool again =
        seat && known != by_name_.end() &&
        std::find(seat->topics.begin(), seat->topics.end(), known->second) != seat->topics.end();
    if (again || !names.insert(name).second) {
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
  std::vector<protocol::topic_position> positions;
  positions.reserve(wish.topics.size());
  topic_index topic;
  for (const auto each : wish.topics)
    if (const auto* at = by_ticket(each, topic))
      positions.push_back({at->topic->name(), at->topic->epoch(), at->topic->seq()});
  if (wish.id != 0)
    wish.who->answer(protocol::encode_subscribe_reply(wish.who->encoding(), wish.id, positions));
  for (const auto each : wish.topics)
    if (by_ticket(each, topic))
      if (auto* to = find_subscriber(topic, wish.who->seat)) send_snapshot(topic, *to);
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
    const auto known = by_name_.find(name);
    if (seat == connection::no_seat || known == by_name_.end() || !find_subscriber(known->second, seat) ||
        std::find(leaving.begin(), leaving.end(), known->second) != leaving.end()) {
      if (wish.id == 0) continue;
      wish.who->refuse(wish.id, protocol::error_code::unknown_topic, "not subscribed to " + name);
      return;
    }
    leaving.push_back(known->second);
  }
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
  for (const auto topic : seats_[seat].topics) remove_subscriber(topic, seat);
  seats_[seat] = {};
  free_seats_.push_back(seat);
}

// ---- topics

broadcaster::topic_index broadcaster::open_topic(const std::string& name) {
  if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
  topic_index index;
  if (free_slots_.empty()) {
    index = static_cast<topic_index>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_slots_.back();
    free_slots_.pop_back();
  }
  auto& slot = slots_[index];
  slot.generation = writers::new_generation();
  slot.topic = std::make_unique<local_topic>(name, *protocol::parse_topic(name));
  by_name_.emplace(name, index);
  counters_.topics.store(by_name_.size(), std::memory_order_relaxed);
  return index;
}

void broadcaster::add_subscriber(topic_index topic, std::uint32_t seat, protocol::encoding as) {
  auto& to = *slots_[topic].topic;
  to.subscribers.push_back({seat, 0, as, standing::joining});
  bump(counters_.subscriptions);
  if (!(to.asked & class_bit(as))) ask_writer(topic, static_cast<class_mask>(to.asked | class_bit(as)));
}

subscriber* broadcaster::find_subscriber(topic_index topic, std::uint32_t seat) {
  if (!slots_[topic].topic) return nullptr;
  for (auto& each : slots_[topic].topic->subscribers)
    if (each.seat == seat && each.is != standing::gone) return &each;
  return nullptr;
}

void broadcaster::remove_subscriber(topic_index topic, std::uint32_t seat) {
  auto* found = find_subscriber(topic, seat);
  if (!found) return;
  auto& of = *slots_[topic].topic;
  counters_.subscriptions.fetch_sub(1, std::memory_order_relaxed);
  std::erase_if(seats_[seat].behind, [&](const auto& each) { return each.first == topic; });
  if (of.fan_outs > 0) {
    found->is = standing::gone;
    of.swept = false;
    return;
  }
  *found = of.subscribers.back();
  of.subscribers.pop_back();
  if (of.subscribers.empty()) leave_topic(topic);
}

void broadcaster::leave_topic(topic_index topic) {
  auto& slot = slots_[topic];
  if (slot.topic->asked != 0) ask_writer(topic, 0);
  if (slot.topic->known() && slot.topic->unwritten()) --unwritten_;
  by_name_.erase(slot.topic->name());
  slot.topic.reset();
  free_slots_.push_back(topic);
  // Somebody unsubscribed before the reply was out: the rest of that command must not wait for this topic.
  const auto waiting = std::exchange(slot.waiting, {});
  for (const auto& each : waiting)
    if (--each->missing == 0) finish(*each);
  counters_.topics.store(by_name_.size(), std::memory_order_relaxed);
  counters_.unwritten.store(unwritten_, std::memory_order_relaxed);
}

std::uint64_t broadcaster::ticket(topic_index topic) const noexcept {
  return (static_cast<std::uint64_t>(slots_[topic].generation) << 32) | topic;
}

broadcaster::topic_slot* broadcaster::by_ticket(std::uint64_t ticket, topic_index& topic) noexcept {
  topic = static_cast<topic_index>(ticket & 0xffffffffU);
  if (topic >= slots_.size()) return nullptr;
  auto& found = slots_[topic];
  return found.topic && found.generation == ticket >> 32 ? &found : nullptr;
}

void broadcaster::ask_writer(topic_index topic, class_mask classes) {
  writers_.refresh(*this);
  auto& of = *slots_[topic].topic;
  of.asked = classes;
  writers_.send(listen{of.name(), shard_, ticket(topic), classes});
}

void broadcaster::on_attached(const attached& where) {
  topic_index topic;
  auto* slot = by_ticket(where.ticket, topic);
  if (!slot) return;
  if (where.refused) {
    refuse(topic, *where.refused);
    if (!(slot = by_ticket(where.ticket, topic))) return;
  }
  auto& of = *slot->topic;
  const bool was_unwritten = of.known() && of.unwritten();
  of.set_feed(feed(where.feed));
  const bool moved =
      of.take_position(where.epoch, where.seq, where.view.get(), where.quarantined, where.symbol_stale);
  if (of.unwritten() && !was_unwritten) ++unwritten_;
  if (!of.unwritten() && was_unwritten) --unwritten_;
  counters_.unwritten.store(unwritten_, std::memory_order_relaxed);
  if (moved) start({topic, nullptr, nullptr, 0, of.subscribers.size()});

  auto waiting = std::move(slot->waiting);
  slot->waiting.clear();
  for (auto& each : waiting)
    if (--each->missing == 0) finish(*each);
}

// ---- writers that end

void broadcaster::ask_again() {
  if (std::exchange(asking_again_, true)) return;
  after(writers::look_again_after, [this, before = writers_.version()] {
    asking_again_ = false;
    writers_.refresh(*this);
    if (writers_.version() == before) {
      ask_again();
      return;
    }
    // Asking a writer that is still there changes nothing for it or for the clients.
    for (topic_index topic = 0; topic < slots_.size(); ++topic)
      if (slots_[topic].topic) ask_writer(topic, slots_[topic].topic->asked);
  });
}

const feed_entry* broadcaster::feed(std::uint16_t id) {
  if (id == no_feed) return nullptr;
  if (id >= feeds_.size()) feeds_ = static_cast<const feed_board&>(engine_.feeds).all();
  return feeds_[id];
}

}  // namespace tickcast::actors
