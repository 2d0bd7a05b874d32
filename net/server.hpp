#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/clients/client_room.hpp"
#include "actors/runtime/host.hpp"
#include "actors/runtime/metrics.hpp"
#include "config/config.hpp"
#include "net/http_exchange.hpp"
#include "net/http_handler.hpp"
#include "net/listen_lock.hpp"
#include "net/peer.hpp"
#include "net/shard.hpp"

namespace tickcast::net {

/// The client port: shards with their threads, sockets and sessions.
///
/// Order: construct; add files and handlers; spawn actors on the hosts; listen(); start(). To stop:
/// stop_accepting(), close_all(), end the actors and wait for alive() == 0 on every host, stop_loops().
/// Thread: set up and start on the program's thread; stopping from any that is no shard's.
class server {
public:
  /// Makes `shards` hosts; no thread runs yet. Raises the soft limit of open files to the hard one and
  /// ignores SIGPIPE. Throws std::runtime_error for a configuration that cannot be served, certificates
  /// included.
  server(const config::config& configuration, caf::actor_system& system, std::size_t shards);
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  std::size_t shards() const noexcept { return shards_.size(); }
  actors::host& host(std::size_t shard) { return shards_[shard]->host(); }

  /// The page's files, before start(). Throw std::runtime_error.
  void add_directory(const std::filesystem::path& directory) { port_.files.add_directory(directory); }
  void add_file(const std::string& url_path, const std::filesystem::path& file) {
    port_.files.add_file(url_path, file);
  }
  /// Before start(); runs on every shard's thread.
  void handle(std::string path, http_handler handler);
  /// The same for one that may answer later; a path that ends in "/" has all paths below it. `name` stands
  /// for it in metrics. What `handler` uses outlives the loops.
  void handle_later(const std::string& path, std::string name, http_late_handler handler);

  /// The same for what is asked by POST; a body may have up to a megabyte.
  void post_later(const std::string& path, std::string name, http_late_handler handler);

  /// Whom requests and clients are asked by, before start().
  void set_gate(gate door) { port_.door = std::move(door); }

  /// Binds listen.address and port on every shard. Throws std::runtime_error, with a sentence for the
  /// operator, when the port is in use or an option is refused.
  void listen();
  /// The port that is bound; 0 before listen().
  std::uint16_t port() const noexcept { return lock_ ? lock_->endpoint().port() : std::uint16_t{0}; }
  /// Starts the threads. `rooms`, one a shard, outlive the sessions.
  void start(const std::vector<actors::client_room*>& rooms);
  void start(std::vector<peer_source> peers);

  /// Takes over fields that are hot; any thread.
  void configure(const config::config& next);
  /// Whether clients are served by TLS.
  bool speaks_tls() const noexcept { return port_.tls != nullptr; }
  /// Those who connect from now on get this certificate; who is there keeps theirs. Any thread; only where
  /// TLS is spoken.
  void renew_certificate(const tls_context_ptr& next);

  /// Takes what waits to be accepted and closes the listening sockets; from now on handshakes get 503.
  void stop_accepting();
  /// Closes every client with `code` and returns when all are gone, or after `deadline` has cut the rest off.
  /// Returns how many had to be cut.
  std::size_t close_all(protocol::close_code code, std::chrono::milliseconds deadline);
  /// Lets clients in again after close_all(), unless stop_accepting() has closed the listening sockets.
  void accept_again() noexcept { port_.stopping = false; }
  /// Lets nobody in any more and closes the clients there are (3001), spread over `window`.
  void drain(std::chrono::milliseconds window);
  /// Lets clients in again.
  void undrain();
  bool draining() const noexcept { return port_.draining.load(); }

  /// Calls `done` once a shard, on its thread, with the clients there.
  void take_census(const std::function<void(std::vector<connection_row>)>& done);
  /// Closes one client. `done` is called once a shard, on its thread: whether it was there.
  void kick(std::uint64_t id, std::uint16_t code, const std::string& reason,
            const std::function<void(bool)>& done);
  /// Share of a CPU that a shard's thread uses, 0 to 1.
  double load(std::size_t shard) const { return shards_[shard]->host().load(); }
  const shard_counters& counters(std::size_t shard) const { return shards_[shard]->counters(); }

  /// Ends the threads and joins them. Actors on the hosts must have ended.
  void stop_loops();

  /// Connections that are open now, over all shards. Any thread.
  std::size_t connections() const noexcept { return port_.open.load(); }
  /// All readings of the client port. The server outlives the source.
  actors::metric_source metrics() const;

private:
  std::size_t sessions() const noexcept;
  bool wait_until_empty(std::chrono::steady_clock::time_point deadline) const;

  config::config configuration_;
  client_port port_;
  std::atomic<std::int64_t> certificate_expires_s_{0};  ///< 0: no TLS
  std::optional<listen_lock> lock_;
  std::vector<std::unique_ptr<shard>> shards_;
};

}  // namespace tickcast::net
