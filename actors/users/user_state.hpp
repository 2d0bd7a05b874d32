#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "actors/users/errands.hpp"
#include "actors/users/inbox.hpp"
#include "actors/users/messages.hpp"

namespace tickcast::actors {

/// Counters of all users; outlive the actors. Anybody reads.
struct user_counters {
  std::atomic<std::uint64_t> known{0};     ///< users that are kept in mind, now
  std::atomic<std::uint64_t> online{0};    ///< users with a connection, now
  std::atomic<std::uint64_t> agents{0};    ///< user agents that live, now
  std::atomic<std::uint64_t> commands{0};  ///< of backends and plugins
  std::atomic<std::uint64_t> commands_refused{0};
  std::atomic<std::uint64_t> messages{0};   ///< to users, one a user
  std::atomic<std::uint64_t> delivered{0};  ///< frames handed to connections, the first time
  std::atomic<std::uint64_t> resent{0};     ///< and again
  std::atomic<std::uint64_t> acknowledged{0};
  std::atomic<std::uint64_t> pushed_out{0};  ///< unacknowledged, by newer ones or by age
  std::atomic<std::uint64_t> agent_failures{0};
  std::atomic<std::uint64_t> turned_away{0};  ///< connections beyond limits.connections_per_user
};

/// What stays of a user when the agent fails. Its agent's while that lives, then the manager's.
struct user_state {
  explicit user_state(std::string of) : user(std::move(of)) {}

  const std::string user;
  std::string name;
  std::vector<std::string> groups;
  std::vector<device_ptr> devices;
  std::vector<std::string> topics;  ///< that a backend has given the user
  inbox messages;
};

/// What became of a push to one user.
struct push_done {
  std::uint64_t connections = 0;
  protocol::message_position at = {};  ///< seq 0: it is not kept
};

/// A push on its way to one user or several.
struct push_parcel {
  std::shared_ptr<const protocol::push_command> what;
  std::shared_ptr<errand<push_done>> back;  ///< of this user; null: nobody waits
  std::shared_ptr<const void> credit;
};

/// The key of a kept message in the store.
inline constexpr std::string_view message_prefix = "user/";
std::string message_key(std::string_view user, const protocol::message_position& at);
/// The user of a message_key; empty: it is none.
std::string_view user_of_key(std::string_view key) noexcept;

}  // namespace tickcast::actors
