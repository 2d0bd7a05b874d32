#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "config/config.hpp"
#include "net/asio_host.hpp"
#include "net/counters.hpp"
#include "net/flusher.hpp"
#include "net/http_handler.hpp"
#include "net/peer.hpp"
#include "net/remote_address.hpp"
#include "net/session.hpp"
#include "net/static_files.hpp"
#include "protocol/frame.hpp"

namespace tickcast::net {

/// What all shards share. Filled before they start; after that only the atomics change.
struct client_port {
  static_files files;
  std::map<std::string, http_handler, std::less<>> handlers;
  trusted_proxies proxies;
  /// The application's ping, one for each encoding.
  std::array<protocol::frame_ptr, protocol::encoding_count> ping;
  std::atomic<std::size_t> open{0};  ///< connections over all shards
  std::atomic<bool> stopping{false};
  std::atomic<bool> draining{false};  ///< by hand, and can be taken back

  /// Nobody new is let in.
  bool refuses() const noexcept { return stopping.load() || draining.load(); }
};

/// What the sessions of one shard share. Thread: the shard's. Lifetime: outlives its sessions and their
/// queues.
struct shard_context {
  shard_context(asio_host& on, client_port& shared, const config::config& initial)
      : host(on), port(shared), configuration(initial), flush(on, configuration, counters) {}

  asio_host& host;
  client_port& port;
  config::config configuration;
  shard_counters counters;
  flusher flush;
  session_list sessions;
  peer_source peers;              ///< empty until the server starts
  std::size_t largest_queue = 0;  ///< bytes, most for one client in the sweep's current pass
};

}  // namespace tickcast::net
