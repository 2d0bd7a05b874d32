#include <algorithm>
#include <utility>

#include "actors/clients/connection.hpp"
#include "actors/topics/broadcaster.hpp"

// The topics that a broadcaster has subscribers of, and their writers.
namespace tickcast::actors {

broadcaster::topic_index broadcaster::open_topic(const std::string& name, const access::topic_form& form) {
  auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    const auto index = new_slot();
    slots_[index].topic = std::make_unique<local_topic>(name, *protocol::parse_topic(name));
    slots_[index].topic->has_presence = engine_.classes.of(name).presence;
    found = by_name_.emplace(name, index).first;
    counters_.topics.store(by_name_.size(), std::memory_order_relaxed);
  }
  if (form.in_full()) return found->second;
  for (const auto each : slots_[found->second].topic->variants)
    if (slots_[each].topic->form() == form) return each;
  return open_variant(found->second, form);
}

broadcaster::topic_index broadcaster::new_slot() {
  topic_index index;
  if (free_slots_.empty()) {
    index = static_cast<topic_index>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_slots_.back();
    free_slots_.pop_back();
  }
  slots_[index].generation = writers::new_generation();
  return index;
}

broadcaster::topic_index broadcaster::held(std::uint32_t seat, const std::string& name) const {
  const auto found = by_name_.find(name);
  if (seat == connection::no_seat || found == by_name_.end()) return no_topic;
  const auto& has = seats_[seat].topics;
  const auto is_held = [&](topic_index topic) {
    return std::find(has.begin(), has.end(), topic) != has.end();
  };
  if (is_held(found->second)) return found->second;
  const auto& variants = slots_[found->second].topic->variants;
  const auto variant = std::find_if(variants.begin(), variants.end(), is_held);
  return variant == variants.end() ? no_topic : *variant;
}

void broadcaster::add_subscriber(topic_index topic, std::uint32_t seat, protocol::encoding as) {
  auto& to = *slots_[topic].topic;
  to.subscribers.push_back({seat, 0, as, standing::joining});
  bump(counters_.subscriptions);
  note_presence(to, *seats_[seat].who, seats_[seat].keep, true);
  if (to.base == no_topic && !(to.asked & class_bit(as)))
    ask_writer(topic, static_cast<class_mask>(to.asked | class_bit(as)));
}

void broadcaster::note_presence(const local_topic& of, const connection& who,
                                const caf::strong_actor_ptr& handle, bool came) {
  if (!of.has_presence) [[likely]]
    return;
  const auto& is = who.standing().who();
  tell(engine_.routes.presence(), presence_change{of.name(), handle, is.user, is.name, came});
}

void broadcaster::tell_all_presence() {
  for (const auto& slot : slots_) {
    if (!slot.topic || !slot.topic->has_presence) continue;
    for (const auto& each : slot.topic->subscribers)
      if (each.is != standing::gone)
        note_presence(*slot.topic, *seats_[each.seat].who, seats_[each.seat].keep, true);
  }
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
  if (const auto& by_pattern = seats_[seat].by_pattern) by_pattern->topics.erase(topic);
  note_presence(of, *seats_[seat].who, seats_[seat].keep, false);
  if (of.fan_outs > 0) {
    found->is = standing::gone;
    of.swept = false;
    return;
  }
  *found = of.subscribers.back();
  of.subscribers.pop_back();
  leave_if_unused(topic);
}

void broadcaster::leave_if_unused(topic_index topic) {
  const auto& of = *slots_[topic].topic;
  if (!of.subscribers.empty() || !of.variants.empty() || of.fan_outs > 0) return;
  if (of.base == no_topic)
    leave_topic(topic);
  else
    leave_variant(topic);
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
  const bool was_known = of.known();
  const bool was_unwritten = was_known && of.unwritten();
  of.set_feed(feed(where.feed));
  const bool moved =
      of.take_position(where.epoch, where.seq, where.view.get(), where.quarantined, where.symbol_stale);
  if (of.unwritten() && !was_unwritten) ++unwritten_;
  if (!of.unwritten() && was_unwritten) --unwritten_;
  counters_.unwritten.store(unwritten_, std::memory_order_relaxed);
  if (!of.variants.empty()) pass_position(topic, moved || !was_known);
  if (moved) start({topic, nullptr, nullptr, 0, of.subscribers.size()});

  if (!(slot = by_ticket(where.ticket, topic))) return;
  const auto waiting = std::exchange(slot->waiting, {});
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
      if (slots_[topic].topic && slots_[topic].topic->base == no_topic)
        ask_writer(topic, slots_[topic].topic->asked);
    ask_patterns_again();
  });
}

const feed_entry* broadcaster::feed(std::uint16_t id) {
  if (id == no_feed) return nullptr;
  if (id >= feeds_.size()) feeds_ = static_cast<const feed_board&>(engine_.feeds).all();
  return feeds_[id];
}

}  // namespace tickcast::actors
