#include "actors/topics/directory.hpp"

#include <spdlog/spdlog.h>

#include <chrono>

namespace tickcast::actors {
namespace {

std::int64_t steady_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

directory::directory(caf::actor_config& cfg, engine& parts, directory_counters& counters)
    : observed(cfg, parts.probes, {"directory", "directory", "topics", "workers"}),
      engine_(parts),
      counters_(counters) {}

directory::behavior_type directory::make_behavior() {
  set_down_handler([this](caf::down_msg& message) { topic_ended(message); });
  return {
      [this](const event_batch& batch) {
        std::size_t taken = 0;
        for (const auto& each : batch.events->items) {
          batch.events->took(++taken);
          publish(each.topic, each.data, batch.credit, batch.taken_ns);
        }
      },
      [this](const engine_event& event) { publish(event.topic, event.data, nullptr, steady_ns()); },
      [this](const listen& wish) { on_listen(wish); },
      [this](const report_topics& to) {
        for (const auto& [name, each] : topics_) tell(each.handle, report_topics(to));
      },
      [this](const watch_topics& wish) { on_watch(wish); },
      [this](const unwatch_topics& wish) { watches_.leave(wish); },
  };
}

void directory::on_exit() {
  for (auto& [name, each] : topics_) end(each.handle);
  topics_.clear();
  by_actor_.clear();
  lines_ = {};
}

void directory::publish(const std::string& topic, std::string data, std::shared_ptr<const void> credit,
                        std::int64_t taken_ns) {
  bump(counters_.events);
  auto* to = entry_of(topic);
  if (!to || !to->handle) {
    bump(counters_.refused);
    return;
  }
  tell(to->handle,
       publish_event{std::make_shared<const std::string>(std::move(data)), std::move(credit), taken_ns});
}

directory::entry* directory::entry_of(const std::string& topic) {
  if (const auto found = topics_.find(topic); found != topics_.end()) return &found->second;
  if (topics_.size() >= engine_.settings.limits.topics) return nullptr;
  auto& made = topics_[topic];
  made.state = std::make_shared<event_state>(topic);
  start_topic(made);
  for (const auto& wish : waiting_.take(topic)) tell(made.handle, listen(wish));
  if (!watches_.empty()) {
    engine_.routes.refresh(lines_);
    watches_.tell_known({topic}, lines_);
  }
  counters_.event_topics.store(topics_.size(), std::memory_order_relaxed);
  counters_.waiting.store(waiting_.size(), std::memory_order_relaxed);
  return &made;
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
  if (of.budget.spend(std::chrono::steady_clock::now()))
    start_topic(of);
  else
    spdlog::error("event topic {} keeps failing and is left alone; its messages are dropped and counted",
                  of.state->out.topic());
}

void directory::on_listen(const listen& wish) {
  engine_.routes.refresh(lines_);
  if (const auto found = topics_.find(wish.topic); found != topics_.end()) {
    const auto& of = found->second;
    if (of.handle)
      tell(of.handle, listen(wish));
    else if (wish.classes != 0)
      tell(lines_.posts[wish.post], attached{wish.ticket, of.state->epoch, of.state->out.seq(), no_feed, true,
                                             std::make_shared<topic_view>(of.state->view)});
    return;
  }
  waiting_.enter(wish, lines_);
  counters_.waiting.store(waiting_.size(), std::memory_order_relaxed);
}

void directory::on_watch(const watch_topics& wish) {
  engine_.routes.refresh(lines_);
  watches_.enter(wish);
  auto names = std::make_shared<std::vector<std::string>>();
  for (const auto& [name, each] : topics_)
    if (wish.pattern.matches(name)) names->push_back(name);
  if (!names->empty()) tell(lines_.posts[wish.post], topics_known{std::move(names)});
}

}  // namespace tickcast::actors
