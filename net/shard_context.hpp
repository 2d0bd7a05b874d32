#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "config/config.hpp"
#include "net/asio_host.hpp"
#include "net/counters.hpp"
#include "net/flusher.hpp"
#include "net/gate.hpp"
#include "net/http_exchange.hpp"
#include "net/http_handler.hpp"
#include "net/peer.hpp"
#include "net/remote_address.hpp"
#include "net/session.hpp"
#include "net/static_files.hpp"
#include "net/tls_desk.hpp"
#include "protocol/frame.hpp"

namespace tickcast::net {

/// What all shards share. Filled before they start; after that only the atomics change.
struct client_port {
  static_files files;
  std::map<std::string, http_handler, std::less<>> handlers;
  /// By path; one that ends in "/" has all paths below it that have no route of their own.
  std::map<std::string, http_route, std::less<>> routes;
  trusted_proxies proxies;
  gate door;
  /// What shards begin with; null: clients are served without TLS.
  tls_context_ptr tls;
  /// The application's ping, one for each encoding.
  std::array<protocol::frame_ptr, protocol::encoding_count> ping;
  std::atomic<std::size_t> open{0};  ///< connections over all shards
  std::atomic<bool> stopping{false};
  std::atomic<bool> draining{false};  ///< by hand, and can be taken back

  /// Nobody new is let in.
  bool refuses() const noexcept { return stopping.load() || draining.load(); }
};

class http_session;

/// A shard's HTTP sessions whose answers come from elsewhere, by the numbers that travel with their requests:
/// a session that has gone is not found any more.
class waiting_requests {
public:
  std::uint64_t add(http_session& who) {
    by_number_.emplace(++last_, &who);
    return last_;
  }
  void remove(std::uint64_t number) { by_number_.erase(number); }
  /// Null: it has gone, or has its answer.
  http_session* take(std::uint64_t number) {
    const auto found = by_number_.find(number);
    if (found == by_number_.end()) return nullptr;
    auto* who = found->second;
    by_number_.erase(found);
    return who;
  }

private:
  std::unordered_map<std::uint64_t, http_session*> by_number_;
  std::uint64_t last_ = 0;
};

/// What the sessions of one shard share. Thread: the shard's. Lifetime: outlives its sessions and their
/// queues.
struct shard_context {
  shard_context(asio_host& on, client_port& shared, const config::config& initial, std::size_t number = 0)
      : host(on),
        port(shared),
        index(number),
        configuration(initial),
        flush(on, configuration, counters),
        tls(shared.tls),
        handshakes(on, counters.tls) {}

  /// What a client's bytes go through.
  std::unique_ptr<transport> transport_over(tcp_socket&& socket) {
    return tls ? make_tls_transport(std::move(socket), tls, &handshakes)
               : make_plain_transport(std::move(socket));
  }

  asio_host& host;
  client_port& port;
  const std::size_t index;
  config::config configuration;
  shard_counters counters;
  flusher flush;
  session_list sessions;
  waiting_requests waiting;
  tls_context_ptr tls;  ///< for those who come from now on
  tls_desk handshakes;
  peer_source peers;              ///< empty until the server starts
  std::size_t largest_queue = 0;  ///< bytes, most for one client in the sweep's current pass
};

}  // namespace tickcast::net
