#pragma once
#include "actors/clients/client_room.hpp"
#include "net/peer.hpp"

namespace tickcast::net {

/// Peers that are connection actors of `room`, which outlives the source.
peer_source peers_from(actors::client_room& room);

}  // namespace tickcast::net
