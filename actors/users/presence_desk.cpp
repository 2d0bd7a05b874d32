#include "actors/users/presence_desk.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "actors/users/errands.hpp"

namespace tickcast::actors {
namespace {

/// The events of presence may take so small a part of limits.topics.
constexpr std::size_t share_of_topics = 10;

}  // namespace

presence_desk::presence_desk(caf::actor_config& cfg, engine& parts)
    : observed(cfg, parts.probes, {"presence", "presence", "root/users", "workers"}), engine_(parts) {}

presence_desk::behavior_type presence_desk::make_behavior() {
  set_down_handler([this](const caf::down_msg& message) { on_gone(message.source); });
  return {
      [this](const presence_change& what) { on_change(what); },
      [this](const ask_presence& what) { on_ask(what); },
      [this](const presence_written& where) {
        if (const auto found = rooms_.find(where.topic); found != rooms_.end()) found->second.at = where.at;
      },
      [this](const presence_due&) { on_due(); },
      [this](const presence_begin&) {
        engine_.routes.refresh(lines_);
        for (const auto& each : lines_.broadcasters) tell(each, tell_presence{});
      },
  };
}

void presence_desk::on_exit() {
  lines_ = {};
}

void presence_desk::describe_to(description& to) {
  to.add("topics", rooms_.size());
  to.add("topics_told", told_.size());
  to.add("connections", topics_of_.size());
  to.add("leaving_users", leaving_.size());
}

void presence_desk::on_change(const presence_change& what) {
  const auto id = what.connection->id();
  if (!what.came) {
    leave(what.topic, id);
    if (const auto found = topics_of_.find(id); found != topics_of_.end()) {
      found->second.erase(what.topic);
      if (found->second.empty()) {
        demonitor(what.connection->address());
        topics_of_.erase(found);
      }
    }
    return;
  }
  const auto [at, is_new] = topics_of_.try_emplace(id);
  if (is_new) monitor(what.connection);
  if (at->second.insert(what.topic).second) enter(what);
}

void presence_desk::enter(const presence_change& what) {
  auto& here = rooms_[what.topic];
  here.connections.emplace(what.connection->id(), what.user);
  if (what.user.empty()) return tell_event(what.topic, "join", {}, {});
  const auto [at, is_new] = here.users.try_emplace(what.user);
  if (!what.name.empty()) at->second.name = what.name;
  ++at->second.connections;
  if (is_new) tell_event(what.topic, "join", what.user, what.name);
}

void presence_desk::leave(const std::string& topic, caf::actor_id who) {
  const auto found = rooms_.find(topic);
  if (found == rooms_.end()) return;
  auto& here = found->second;
  const auto connection = here.connections.extract(who);
  if (connection.empty()) return;
  const auto& user = connection.mapped();
  if (user.empty()) {
    tell_event(topic, "leave", {}, {});
    if (here.connections.empty() && here.users.empty()) rooms_.erase(found);
    return;
  }
  auto& someone = here.users[user];
  if (--someone.connections > 0) return;
  const auto wait = std::chrono::milliseconds(engine_.settings.users.leave_ms);
  someone.leaves = clock::now() + wait;
  leaving_.emplace(someone.leaves, std::pair(topic, user));
  delayed_send(this, wait, presence_due{});
}

void presence_desk::on_due() {
  const auto now = clock::now();
  while (!leaving_.empty() && leaving_.begin()->first <= now) {
    const auto due = leaving_.begin()->first;
    const auto [topic, user] = leaving_.begin()->second;
    leaving_.erase(leaving_.begin());
    const auto here = rooms_.find(topic);
    if (here == rooms_.end()) continue;
    const auto someone = here->second.users.find(user);
    // Who came back, or came back and left again later, is not leaving now.
    if (someone != here->second.users.end() && someone->second.connections == 0 &&
        someone->second.leaves == due)
      left(topic, user);
  }
}

void presence_desk::left(const std::string& topic, const std::string& user) {
  const auto here = rooms_.find(topic);
  const auto name = here->second.users[user].name;
  here->second.users.erase(user);
  tell_event(topic, "leave", user, name);
  if (here->second.connections.empty() && here->second.users.empty()) rooms_.erase(here);
}

void presence_desk::on_gone(const caf::actor_addr& who) {
  const auto found = topics_of_.extract(who.id());
  if (found.empty()) return;
  for (const auto& topic : found.mapped()) leave(topic, who.id());
}

void presence_desk::tell_event(const std::string& topic, const char* event, const std::string& user,
                               const std::string& name) {
  // Whoever may subscribe can make up names: they get a part of all topics that there may be, not all.
  if (told_.size() >= engine_.settings.limits.topics / share_of_topics && !told_.contains(topic)) return;
  told_.insert(topic);
  nlohmann::json data{{"event", event}};
  if (!user.empty()) data["user"] = user;
  if (!name.empty()) data["name"] = name;
  auto back = std::make_shared<publish_errand>(
      [self = presence_actor(this), topic](const publish_errand::result& how) {
        if (how) tell(self, presence_written{topic, {how->epoch, how->seq}});
      });
  engine_.routes.refresh(lines_);
  tell(lines_.directory, publish_order{"presence." + topic, data.dump(), 0, std::move(back)});
}

void presence_desk::on_ask(const ask_presence& what) {
  presence_list found;
  if (const auto here = rooms_.find(what.topic); here != rooms_.end()) {
    const auto& of = here->second;
    found.at = of.at;
    found.connections = of.connections.size();
    std::uint64_t known = 0;
    for (const auto& [user, each] : of.users) {
      found.users.push_back({user, each.name, each.connections});
      known += each.connections;
    }
    found.anonymous = found.connections - known;
  }
  what.answer(std::move(found));
}

}  // namespace tickcast::actors
