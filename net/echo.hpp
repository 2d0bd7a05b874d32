#pragma once
#include <memory>

#include "net/peer.hpp"

namespace tickcast::net {

/// Sends each message back as it came, text as text and binary as binary: what conformance suites ask for.
std::unique_ptr<peer> make_echo(actors::client_link& link);

}  // namespace tickcast::net
