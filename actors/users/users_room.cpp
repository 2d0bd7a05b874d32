#include "actors/users/users_room.hpp"

#include <thread>
#include <utility>

#include "actors/users/presence_desk.hpp"
#include "actors/users/user_manager.hpp"

namespace tickcast::actors {
users_room::users_room(engine& parts) : engine_(parts) {
  for (auto& [user, messages] : std::exchange(parts.keep.messages, {})) {
    auto& made = table_.users[user];
    made.state = std::make_shared<user_state>(user);
    made.now.user = user;
    for (auto& each : messages) made.state->messages.restore(std::move(each));
    made.now.messages = made.state->messages.size();
  }
  counters_.known.store(table_.users.size(), std::memory_order_relaxed);
}

caf::actor users_room::start(caf::actor_system& system) {
  auto made = system.spawn<user_manager>(std::ref(engine_), std::ref(table_), std::ref(counters_));
  engine_.routes.set_users(made);
  return caf::actor_cast<caf::actor>(made);
}

caf::actor users_room::start_presence(caf::actor_system& system) {
  auto made = system.spawn<presence_desk>(std::ref(engine_));
  engine_.routes.set_presence(made);
  tell(made, presence_begin{});
  return caf::actor_cast<caf::actor>(made);
}

bool users_room::stop(std::chrono::steady_clock::time_point deadline) {
  for (auto& [user, each] : table_.users) {
    if (each.agent) end(each.agent);
    each.agent = nullptr;
    each.waiting.clear();
  }
  while (counters_.agents.load() > 0) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (auto& [user, each] : table_.users) each.state->devices.clear();
  return true;
}

void users_room::read_metrics(metric_writer& to) const {
  const auto value = [](const std::atomic<std::uint64_t>& of) {
    return static_cast<double>(of.load(std::memory_order_relaxed));
  };
  to.gauge("tickcast_users_known", "Users who are online or have messages waiting.", {},
           value(counters_.known));
  to.gauge("tickcast_users_online", "Users with a connection.", {}, value(counters_.online));
  to.counter("tickcast_user_commands_total", "Commands about users, of backends and plugins.", {},
             value(counters_.commands));
  to.counter("tickcast_user_commands_refused_total",
             "Of them, those refused whose sender waits for no answer.", {},
             value(counters_.commands_refused));
  to.counter("tickcast_user_messages_total", "Messages to users, one a user.", {}, value(counters_.messages));
  to.counter("tickcast_user_messages_delivered_total", "Messages handed to connections for the first time.",
             {}, value(counters_.delivered));
  to.counter("tickcast_user_messages_resent_total", "Messages sent again for want of an acknowledgement.", {},
             value(counters_.resent));
  to.counter("tickcast_user_messages_acknowledged_total",
             "Kept messages that a user's device has acknowledged.", {}, value(counters_.acknowledged));
  to.counter("tickcast_user_messages_dropped_total",
             "Unacknowledged messages that went for newer ones or for their age.", {},
             value(counters_.pushed_out));
  to.counter("tickcast_user_agent_failures_total", "User agents that ended by an exception.", {},
             value(counters_.agent_failures));
  to.counter("tickcast_user_connections_refused_total", "Connections beyond limits.connections_per_user.", {},
             value(counters_.turned_away));
}

}  // namespace tickcast::actors
