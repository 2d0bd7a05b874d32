#include "net/room_peer.hpp"

#include <utility>

namespace tickcast::net {
namespace {

class room_peer final : public peer {
public:
  explicit room_peer(actors::connection_hold&& hold) : hold_(std::move(hold)) {}

  void receive(std::string&& message, protocol::encoding) override { hold_.receive(std::move(message)); }
  void drained() override { hold_.drained(); }
  void pass_time() override { hold_.pass_time(); }
  bool describe(connection_row& row) const override {
    const auto seen = hold_.look();
    if (!seen) return false;
    row.id = seen->actor;
    row.remote = seen->remote;
    row.opened_us = seen->opened_us;
    row.subscriptions = seen->subscriptions;
    row.dropped = seen->dropped;
    row.received = seen->commands;
    row.user = seen->user;
    row.name = seen->name;
    return true;
  }

private:
  actors::connection_hold hold_;
};

}  // namespace

peer_source peers_from(actors::client_room& room) {
  return [&room](actors::client_link& link, actors::client_info&& info) -> std::unique_ptr<peer> {
    return std::make_unique<room_peer>(room.open(link, std::move(info)));
  };
}

}  // namespace tickcast::net
