#include <chrono>
#include <utility>

#include "actors/clients/connection.hpp"
#include "actors/topics/broadcaster.hpp"

// Topics as those get them who may not have them in full: with some of their fields, or later. Who gets the
// same shares a variant, which is fed by the topic that the writer feeds.
namespace tickcast::actors {

broadcaster::topic_index broadcaster::open_variant(topic_index base, const access::topic_form& form) {
  const auto index = new_slot();
  auto& from = *slots_[base].topic;
  const auto* mask = form.mask == 0 ? nullptr : &engine_.rules->mask(form.mask);
  slots_[index].topic =
      std::make_unique<local_topic>(from.name(), *protocol::parse_topic(from.name()), form, mask);
  auto& of = *slots_[index].topic;
  of.base = base;
  of.has_presence = from.has_presence;
  of.set_feed(from.feed());
  from.variants.push_back(index);
  if (!(from.asked & value_alone)) ask_writer(base, static_cast<class_mask>(from.asked | value_alone));
  if (form.delay_ms > 0) {
    of.late = std::make_unique<delay_line>();
    of.take_position({}, 0, nullptr, false, false);
    late_topics_.push_back(index);
    look_for_due();
  }
  if (!from.known()) return index;
  if (!of.late)
    of.take_position(from.epoch(), from.seq(), &from.view(), from.quarantined(), from.symbol_stale());
  else if (!from.unwritten())
    put_late(index, nullptr, std::make_shared<const attached>(position_of(base)));
  return index;
}

void broadcaster::leave_variant(topic_index topic) {
  auto& of = *slots_[topic].topic;
  const auto base = of.base;
  if (of.late) {
    late_updates_ -= of.late->updates();
    std::erase(late_topics_, topic);
    count_late();
  }
  std::erase(slots_[base].topic->variants, topic);
  slots_[topic].topic.reset();
  free_slots_.push_back(topic);
  leave_if_unused(base);
}

attached broadcaster::position_of(topic_index topic) const {
  const auto& of = *slots_[topic].topic;
  return {ticket(topic),    of.epoch(),       of.seq(),
          no_feed,          of.quarantined(), std::make_shared<topic_view>(of.view()),
          of.symbol_stale()};
}

void broadcaster::pass_update(topic_index base, const update& what,
                              const std::shared_ptr<const void>& credit) {
  // Copied: a variant whose last subscriber has gone leaves the list.
  const auto variants = slots_[base].topic->variants;
  std::shared_ptr<update> bare;
  for (const auto each : variants) {
    auto& of = *slots_[each].topic;
    if (of.late) {
      if (!bare)
        bare = std::make_shared<update>(
            update{what.seq, what.feed, what.taken_ns, what.origin, what.change, {}});
      put_late(each, bare, nullptr);
    } else if (of.take_update(what)) {
      of.set_feed(feed(what.feed));
      start({each, of.as_variant(what), credit, 0, of.subscribers.size()});
    }
  }
}

void broadcaster::pass_position(topic_index base, bool moved) {
  const auto variants = slots_[base].topic->variants;
  std::shared_ptr<const attached> later;
  for (const auto each : variants) {
    const auto& from = *slots_[base].topic;
    auto& of = *slots_[each].topic;
    of.set_feed(from.feed());
    if (of.late) {
      if (!moved || from.unwritten()) continue;
      if (!later) later = std::make_shared<const attached>(position_of(base));
      put_late(each, nullptr, later);
    } else if (of.take_position(from.epoch(), from.seq(), &from.view(), from.quarantined(),
                                from.symbol_stale())) {
      start({each, nullptr, nullptr, 0, of.subscribers.size()});
    }
  }
}

// ---- what comes late

void broadcaster::put_late(topic_index topic, std::shared_ptr<const update> what,
                           std::shared_ptr<const attached> position) {
  auto& of = *slots_[topic].topic;
  late_updates_ -= of.late->updates();
  bool dropped = !of.late->put(
      {where().now() + std::chrono::milliseconds(of.form().delay_ms), std::move(what), std::move(position)});
  if (late_updates_ + of.late->updates() > most_delayed) dropped = of.late->drop_oldest() || dropped;
  late_updates_ += of.late->updates();
  if (dropped) bump(counters_.delayed_dropped);
  count_late();
}

void broadcaster::count_late() {
  counters_.delayed_waiting.store(late_updates_, std::memory_order_relaxed);
}

void broadcaster::look_for_due() {
  if (late_topics_.empty() || std::exchange(looks_for_due_, true)) return;
  after(delay_grain, [this] {
    looks_for_due_ = false;
    const auto topics = late_topics_;
    for (const auto each : topics) release_due(each, where().now());
    count_late();
    look_for_due();
  });
}

void broadcaster::release_due(topic_index topic, host::clock::time_point now) {
  while (slots_[topic].topic && slots_[topic].topic->late) {
    auto& of = *slots_[topic].topic;
    const auto* next = of.late->due(now);
    if (!next) return;
    const auto item = *next;
    of.late->pop();
    if (item.what) {
      --late_updates_;
      release(topic, *item.what);
    } else if (const auto& at = *item.position;
               of.take_position(at.epoch, at.seq, at.view.get(), at.quarantined, at.symbol_stale)) {
      start({topic, nullptr, nullptr, 0, of.subscribers.size()});
    }
  }
}

void broadcaster::release(topic_index topic, const update& what) {
  auto& of = *slots_[topic].topic;
  const auto before = of.seq();
  if (!of.take_update(what)) return;
  if (const auto* from = feed(what.feed)) of.set_feed(from);
  if (what.seq == before + 1) return start({topic, of.as_variant(what), nullptr, 0, of.subscribers.size()});
  for (const auto& each : of.subscribers)
    if (each.is == standing::live) tell_gap(each, topic, before + 1, what.seq - 1);
  start({topic, nullptr, nullptr, 0, of.subscribers.size()});
}

}  // namespace tickcast::actors
