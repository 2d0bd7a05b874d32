#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "actors/actors.hpp"
#include "actors/runtime/restart_budget.hpp"
#include "actors/users/user_state.hpp"

namespace tickcast::actors {

/// A user as the manager knows it.
struct user_entry {
  std::shared_ptr<user_state> state;
  user_agent_actor agent;  ///< null: it has nothing to do, or has failed too often
  bool ending = false;     ///< the agent was told to end, and has not yet
  std::uint64_t sent = 0;  ///< messages to this agent
  user_sight now;
  restart_budget budget{{.intensity = 5, .period = std::chrono::seconds(10)}};
  std::chrono::steady_clock::time_point left_alone_until{};
  std::vector<std::function<void(const user_agent_actor&)>> waiting;  ///< for the next agent
};

/// All users and who is in which group. Outlives the manager, whose thread alone uses it.
struct user_table {
  std::map<std::string, user_entry, std::less<>> users;
  std::map<std::string, std::set<std::string>, std::less<>>
      groups;  ///< of users who are online or have messages
};

}  // namespace tickcast::actors
