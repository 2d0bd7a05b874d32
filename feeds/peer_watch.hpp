#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <zmq.hpp>

#include "actors/topics/feed_board.hpp"

namespace tickcast::feeds {

/// Counts the peers of one ZeroMQ socket by what its socket monitor tells
/// (http://api.zeromq.org/4-3:zmq-socket-monitor): a peer is there from its finished handshake (with CURVE,
/// from its accepted key) until it is disconnected.
///
/// The monitor's queue has no bound, for libzmq's I/O thread would wait at one: whoever has a watch drains it
/// whenever it is readable. Thread: the watched socket's. Lifetime: gone before the socket is closed.
class peer_watch {
public:
  /// Before the socket binds or connects. Throws zmq::error_t. `to` outlives the watch.
  peer_watch(zmq::context_t& context, zmq::socket_t& socket, actors::feed_peers& to);
  ~peer_watch();
  peer_watch(const peer_watch&) = delete;
  peer_watch& operator=(const peer_watch&) = delete;

  /// For a poll set: readable when there is news.
  void* handle() noexcept { return events_.handle(); }
  /// Takes all news there is; does not wait.
  void drain();

private:
  bool take_one();
  void count(std::uint16_t event, std::int32_t value, std::string_view address);
  void peer_left(std::int32_t fd);

  void* watched_;
  actors::feed_peers& to_;
  zmq::socket_t events_;
  std::unordered_set<std::int32_t> open_;  ///< file descriptors, with and without a finished handshake
  std::uint64_t failing_ = 0;              ///< connections whose handshake failed and whose end is to come
};

}  // namespace tickcast::feeds
