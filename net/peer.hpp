#pragma once
#include <functional>
#include <memory>
#include <string>

#include "actors/clients/client_link.hpp"
#include "net/census.hpp"

namespace tickcast::net {

/// Who is on our side of a WebSocket: a connection actor, or the echo. Owned by the session; its end is the
/// client's leaving. Thread: the shard's.
class peer {
public:
  virtual ~peer() = default;
  /// One whole message from the client.
  virtual void receive(std::string&& message, protocol::encoding sent_as) = 0;
  /// The link has room again after it said `over_budget`.
  virtual void drained() = 0;
  /// Called about once a second.
  virtual void pass_time() {}
  /// Fills in what it knows of the client. False: it has no connection actor.
  virtual bool describe(connection_row&) const { return false; }
};

/// Makes the peer when a WebSocket has opened. `link` outlives it.
using peer_source =
    std::function<std::unique_ptr<peer>(actors::client_link& link, actors::client_info&& info)>;

}  // namespace tickcast::net
