#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/error.hpp"

/// What backends want done (docs/service.md): the same on PULL, ROUTER, HTTP and Redis.
namespace tickcast::protocol {

/// Most users one command may name.
inline constexpr std::size_t max_command_users = 1000;
inline constexpr std::size_t max_user_bytes = 120;
inline constexpr std::size_t max_kind_bytes = 64;

/// A message to an event topic.
struct publish_command {
  std::string topic;  ///< within the grammar, not a reserved one
  std::string data;   ///< compact JSON
};

/// Whom a message is for.
struct to_users {
  std::vector<std::string> ids;
};
struct to_group {
  std::string name;
};
struct to_everybody {};

/// A message to users, who get it on each of their connections. One to everybody reaches all connections
/// there are, also anonymous ones, and is not kept.
struct push_command {
  std::variant<to_users, to_group, to_everybody> to;
  std::string kind;
  std::string data;  ///< compact JSON
  bool keep = true;  ///< numbered, kept for who is away, and sent again until it is acknowledged
};

/// Topics that all connections of a user are to get, those that come later included, or no longer.
struct subscribe_user_command {
  std::string user;
  std::vector<std::string> topics;  ///< within the grammar
  bool begins = true;               ///< false: unsubscribe_user
};

/// Closes all connections of a user.
struct disconnect_user_command {
  std::string user;
  std::uint16_t code = 3505;  ///< 3000 to 4999
  std::string reason;         ///< at most 120 bytes of UTF-8
};

/// Looks at once at what the user has signed in with, as recheck_ms does: who has logged out is cut off.
struct refresh_user_command {
  std::string user;
};

using service_command = std::variant<publish_command, push_command, subscribe_user_command,
                                     disconnect_user_command, refresh_user_command>;

/// Whether `type` is one of them: publish, push_user, push_group, broadcast, subscribe_user,
/// unsubscribe_user, disconnect_user, refresh.
bool is_service_command(std::string_view type) noexcept;

/// Reads the `data` of a message of this type, which is_service_command. `payload`: its inner `data` as
/// compact JSON with all digits (find_part); nothing: there is none. Unknown fields are refused. Errors:
/// missing_field, bad_field, bad_topic, reserved_topic; the sentence says what to send instead.
expected<service_command> read_service_command(std::string_view type, const nlohmann::json& data,
                                               std::optional<std::string>&& payload);

}  // namespace tickcast::protocol
