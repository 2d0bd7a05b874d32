#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "actors/actors.hpp"
#include "actors/clients/client_link.hpp"

namespace tickcast::actors {

class connection;

/// A session's hold on the connection actor it belongs to. Owned by the session, used on the shard's thread.
/// Dropping it ends the actor (the client is gone); when the actor ends first, it has called
/// link.close(3004).
class connection_hold {
public:
  connection_hold() = default;
  connection_hold(connection_actor handle, connection* raw);
  connection_hold(connection_hold&& other) noexcept;
  connection_hold& operator=(connection_hold&& other) noexcept;
  ~connection_hold();

  explicit operator bool() const noexcept { return raw_ != nullptr; }
  /// One whole message from the client, as it came.
  void receive(std::string&& message);
  /// The outbound queue has room again after an `over_budget`.
  void drained();
  /// Looks whether the client's sign-in runs out or is to be looked at again: to be called once a second.
  void pass_time();
  void drop() noexcept;

  /// What the console wants to know of the client.
  struct sight {
    std::uint64_t actor = 0;
    std::string remote;
    std::int64_t opened_us = 0;
    std::uint64_t subscriptions = 0;
    std::uint64_t dropped = 0;
    std::uint64_t commands = 0;
    std::string user;  ///< empty: anonymous
    std::string name;
  };
  std::optional<sight> look() const;

private:
  connection_actor handle_;
  connection* raw_ = nullptr;
};

/// Where a shard's sessions get their connection actors from. Implemented by actors::shard_room.
class client_room {
public:
  /// `link` outlives the hold that is returned.
  virtual connection_hold open(client_link& link, client_info&& info) = 0;

protected:
  ~client_room() = default;
};

}  // namespace tickcast::actors
