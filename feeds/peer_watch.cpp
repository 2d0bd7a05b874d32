#include "feeds/peer_watch.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

#include "actors/runtime/probe.hpp"

namespace tickcast::feeds {
namespace {

constexpr int wanted = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_ACCEPTED |
                       ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                       ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                       ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

std::string new_address() {
  static std::atomic<std::uint64_t> last{0};
  return fmt::format("inproc://peer-watch-{}", last.fetch_add(1));
}

/// The other end of a connection; empty when it has no address or is gone already.
std::string remote_address(int fd) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  auto* address = reinterpret_cast<sockaddr*>(&peer);
  if (::getpeername(fd, address, &size) != 0) return {};
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if ((peer.ss_family != AF_INET && peer.ss_family != AF_INET6) ||
      ::getnameinfo(address, size, host.data(), host.size(), port.data(), port.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return {};
  return peer.ss_family == AF_INET6 ? fmt::format("tcp://[{}]:{}", host.data(), port.data())
                                    : fmt::format("tcp://{}:{}", host.data(), port.data());
}

}  // namespace

peer_watch::peer_watch(zmq::context_t& context, zmq::socket_t& socket, actors::feed_peers& to)
    : watched_(socket.handle()), to_(to), events_(context, zmq::socket_type::pair) {
  events_.set(zmq::sockopt::linger, 0);
  events_.set(zmq::sockopt::rcvhwm, 0);
  const auto address = new_address();
  if (zmq_socket_monitor(watched_, address.c_str(), wanted) != 0) throw zmq::error_t();
  events_.connect(address);
  to_.now.store(0, std::memory_order_release);
}

peer_watch::~peer_watch() {
  // First the teller: without a listener it would wait for one, on libzmq's own thread.
  zmq_socket_monitor(watched_, nullptr, 0);
}

void peer_watch::drain() {
  while (take_one()) {
  }
}

bool peer_watch::take_one() {
  // Two frames: event and value, packed (16 and 32 bits), then the address.
  zmq::message_t head;
  if (zmq_msg_recv(head.handle(), events_.handle(), ZMQ_DONTWAIT) < 0) return false;
  zmq::message_t address;
  if (!head.more() || zmq_msg_recv(address.handle(), events_.handle(), ZMQ_DONTWAIT) < 0) return false;
  std::uint16_t event = 0;
  std::int32_t value = 0;
  if (head.size() < sizeof event + sizeof value) return true;
  std::memcpy(&event, head.data(), sizeof event);
  std::memcpy(&value, static_cast<const char*>(head.data()) + sizeof event, sizeof value);
  count(event, value, address.to_string_view());
  return true;
}

void peer_watch::count(std::uint16_t event, std::int32_t value, std::string_view address) {
  using actors::bump;
  switch (event) {
    case ZMQ_EVENT_CONNECTED:
    case ZMQ_EVENT_ACCEPTED: {
      open_.insert(value);
      auto peer = remote_address(value);
      to_.last.set(peer.empty() ? std::string(address) : std::move(peer));
      break;
    }
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      bump(to_.connects);
      to_.now.fetch_add(1, std::memory_order_release);
      break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      bump(to_.rejected);
      ++failing_;
      break;
    case ZMQ_EVENT_DISCONNECTED:
      peer_left(value);
      break;
    case ZMQ_EVENT_CONNECT_RETRIED:
      bump(to_.retries);
      break;
    default:
      break;
  }
}

void peer_watch::peer_left(std::int32_t fd) {
  open_.erase(fd);
  auto now = to_.now.load(std::memory_order_relaxed);
  // The event does not say whether a handshake was behind it: one that failed has said so before.
  if (failing_ > 0) {
    --failing_;
  } else if (now > 0) {
    actors::bump(to_.disconnects);
    --now;
  }
  // Whatever was told in another order: there are no more peers than connections.
  if (open_.empty()) failing_ = 0;
  to_.now.store(std::min<std::uint64_t>(now, open_.size()), std::memory_order_release);
}

}  // namespace tickcast::feeds
