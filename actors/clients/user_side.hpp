#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "actors/actors.hpp"
#include "actors/runtime/host.hpp"

namespace tickcast::actors {

/// What a connection keeps of its dealings with its user's agent, with backends and with other clients; one
/// that only subscribes has none.
struct user_side {
  user_agent_actor agent;                            ///< null: not welcomed yet
  std::optional<host::clock::time_point> announced;  ///< when the manager was last told of this connection
  std::optional<protocol::message_position> seen;    ///< as `connect` told
  std::uint32_t calls = 0;                           ///< that wait for their answer
  double publishes_left = 0;                         ///< of limits.publishes_per_s
  host::clock::time_point refilled;
};

}  // namespace tickcast::actors
