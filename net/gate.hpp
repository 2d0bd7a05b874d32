#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "access/identity.hpp"
#include "access/rules.hpp"

/// What a request shows of who its sender is, and who is asked about it.
namespace tickcast::net {

/// Set before the shards start; empty where nobody can sign in.
struct gate {
  using taker = std::function<void(access::verdict)>;

  /// Any thread; calls `done` once, on any thread.
  std::function<void(std::shared_ptr<const access::credentials>, taker done)> ask;
  std::shared_ptr<const access::rule_set> rules;
  /// Whoever does not sign in; null: nobody is asked for anything.
  access::standing_ptr nobody;
};

/// The value of a cookie in a Cookie header (RFC 6265, 4.2.1), without quotes around it; empty: there is
/// none. Of a name that comes twice the first counts, as browsers send the closer path first.
std::string_view cookie_of(std::string_view header, std::string_view name);

/// The token that a subprotocol `tickcast.token.<token>` among the offered ones carries; browsers cannot set
/// other headers of a WebSocket's handshake.
std::string_view token_offered(std::string_view subprotocols);

/// Credentials of an Authorization header: `Bearer` a token, `ApiKey` a program's key.
void read_authorization(std::string_view header, access::credentials& to);

}  // namespace tickcast::net
