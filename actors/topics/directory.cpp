#include "actors/topics/directory.hpp"

#include <utility>

#include "actors/runtime/log.hpp"
#include "actors/users/errands.hpp"

namespace tickcast::actors {
directory::directory(caf::actor_config& cfg, engine& parts, directory_counters& counters)
    : observed(cfg, parts.probes, {"directory", "directory", "root/topics", "workers"}),
      engine_(parts),
      counters_(counters) {}

directory::behavior_type directory::make_behavior() {
  set_down_handler([this](caf::down_msg& message) { topic_ended(message); });
  restore();
  count_topics();
  return {
      [this](const event_batch& batch) {
        std::size_t taken = 0;
        for (const auto& each : batch.events->items) {
          batch.events->took(++taken);
          publish(each.topic, std::make_shared<event_parcel>(each.data, &batch.events->from()), batch.credit,
                  batch.taken_ns);
        }
      },
      [this](const engine_event& event) {
        publish(event.topic, std::make_shared<event_parcel>(event.data, nullptr), nullptr, steady_ns());
      },
      [this](const publish_order& order) { on_order(order); },
      [this](const listen& wish) { on_listen(wish); },
      [this](const report_topics& to) {
        for (const auto& [name, each] : topics_) tell(each.handle, report_topics(to));
      },
      [this](const look_at_topic& question) {
        const auto found = topics_.find(question.topic);
        if (found == topics_.end()) return question.back->answer({});
        tell(found->second.handle, look_at_topic(question));
      },
      [this](const watch_topics& wish) { on_watch(wish); },
      [this](const unwatch_topics& wish) { watches_.leave(wish); },
  };
}

void directory::restore() {
  // A directory after the first begins with nothing: what its topics became meanwhile went with it.
  for (auto& [topic, record] : std::exchange(engine_.keep.events, {})) {
    auto& made = topics_[topic];
    made.state = std::make_shared<event_state>(topic, engine_.classes.of(topic), std::move(record));
    start_topic(made);
  }
}

void directory::describe_to(description& to) {
  to.add("event_topics", topics_.size());
  to.add("quarantined", topics_.size() - by_actor_.size());
  to.add("waiting_topics", waiting_.size());
}

void directory::on_exit() {
  for (auto& [name, each] : topics_) end(each.handle);
  topics_.clear();
  by_actor_.clear();
  lines_ = {};
}

void directory::publish(const std::string& topic, std::shared_ptr<event_parcel> what,
                        std::shared_ptr<const void> credit, std::int64_t taken_ns) {
  bump(counters_.events);
  auto* to = entry_of(topic);
  if (!to || !to->handle) {
    what->taken = true;
    bump(counters_.refused);
    return;
  }
  bump(own_probe().sent);
  tell(to->handle, publish_event{std::move(what), std::move(credit), taken_ns});
}

void directory::on_order(const publish_order& order) {
  bump(counters_.events);
  auto* to = entry_of(order.topic);
  if (!to || !to->handle) {
    bump(counters_.refused);
    if (to)
      order.back->reject(protocol::error_code::internal,
                         "this topic keeps failing and is left alone for a minute: try again later");
    else
      order.back->reject(protocol::error_code::limit_exceeded,
                         "there are as many topics as limits.topics allows");
    return;
  }
  bump(own_probe().sent);
  tell(to->handle, publish_event{std::make_shared<event_parcel>(order.data, nullptr), nullptr, steady_ns(),
                                 order.origin, order.back});
}

directory::entry* directory::entry_of(const std::string& topic) {
  if (const auto found = topics_.find(topic); found != topics_.end()) {
    release_if_due(found->second);
    return &found->second;
  }
  if (topics_.size() >= engine_.settings.limits.topics) return nullptr;
  auto& made = topics_[topic];
  made.state = std::make_shared<event_state>(topic, engine_.classes.of(topic));
  start_topic(made);
  for (const auto& wish : waiting_.take(topic)) tell(made.handle, listen(wish));
  if (!watches_.empty()) {
    engine_.routes.refresh(lines_);
    watches_.tell_known({topic}, lines_);
  }
  count_topics();
  return &made;
}

void directory::count_topics() {
  counters_.event_topics.store(topics_.size(), std::memory_order_relaxed);
  counters_.quarantined.store(topics_.size() - by_actor_.size(), std::memory_order_relaxed);
  counters_.waiting.store(waiting_.size(), std::memory_order_relaxed);
}

void directory::start_topic(entry& of) {
  of.handle = spawn<event_topic>(std::ref(engine_), of.state);
  monitor(of.handle);
  by_actor_.emplace(of.handle.id(), of.state->out.topic());
}

void directory::topic_ended(const caf::down_msg& message) {
  const auto found = by_actor_.find(message.source.id());
  if (found == by_actor_.end()) return;
  auto& of = topics_.at(found->second);
  by_actor_.erase(found);
  of.handle = nullptr;
  bump(counters_.topic_failures);
  const auto now = std::chrono::steady_clock::now();
  const auto record =
      probes().restarts.begin(own_probe().who.path(), of.state->out.topic(), describe(message.reason));
  if (of.budget.spend(now)) {
    start_topic(of);
    probes().restarts.complete(record, restart_record::outcome::restarted, 0);
    return;
  }
  of.record = record;
  of.quarantined_until = now + quarantine_time;
  bump(counters_.quarantines);
  count_topics();
  log(component::topics)
      .error("event topic {} keeps failing: in quarantine for {} s, its messages are dropped and counted",
             of.state->out.topic(), quarantine_time.count());
  for (const auto& who : of.state->out.listeners()) tell_quarantine(of, {who.post, who.ticket});
}

void directory::release_if_due(entry& of) {
  if (of.handle || std::chrono::steady_clock::now() < of.quarantined_until) return;
  of.budget.reset();
  start_topic(of);
  count_topics();
  probes().restarts.complete(std::exchange(of.record, 0), restart_record::outcome::restarted,
                             std::chrono::milliseconds(quarantine_time).count());
  log(component::topics).warn("event topic {} is tried again after its quarantine", of.state->out.topic());
  for (const auto& who : of.state->out.listeners())
    tell(of.handle, listen{of.state->out.topic(), who.post, who.ticket, who.classes});
}

void directory::tell_quarantine(const entry& of, std::pair<std::uint32_t, std::uint64_t> to) {
  engine_.routes.refresh(lines_);
  tell(lines_.posts[to.first], attached{to.second, of.state->epoch, of.state->out.seq(), no_feed, true,
                                        std::make_shared<topic_view>(of.state->view)});
}

void directory::on_listen(const listen& wish) {
  engine_.routes.refresh(lines_);
  if (const auto found = topics_.find(wish.topic); found != topics_.end()) {
    const auto& of = found->second;
    if (of.handle)
      tell(of.handle, listen(wish));
    else if (wish.classes != 0)
      tell_quarantine(of, {wish.post, wish.ticket});
    return;
  }
  waiting_.enter(wish, lines_);
  count_topics();
}

void directory::on_watch(const watch_topics& wish) {
  engine_.routes.refresh(lines_);
  watches_.enter(wish);
  auto names = std::make_shared<std::vector<std::string>>();
  for (const auto& [name, each] : topics_)
    if (wish.pattern.matches(name)) names->push_back(name);
  if (!names->empty() || wish.ticket != 0)
    tell(lines_.posts[wish.post], topics_known{std::move(names), wish.ticket});
}

}  // namespace tickcast::actors
