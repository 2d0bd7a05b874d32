#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "actors/runtime/host.hpp"
#include "actors/runtime/metrics.hpp"
#include "config/config.hpp"
#include "net/admin/liveness.hpp"
#include "net/asio.hpp"
#include "net/http_handler.hpp"

namespace tickcast::net::admin {

/// The admin port, on a thread of its own, so that it answers while every shard and worker is stuck.
///
///   /live     200, or 503 when a watched host has not turned for 5 s (the body names it)
///   /ready    200, or 503 with the reason while the program is not ready
///   /metrics  Prometheus' text format
///   others    handlers by path, JSON by convention; they need the token of admin.token_file when one is set
///
/// GET and HEAD only. Bounded: connections, request size, time for a request, idle time. A request whose Host
/// is a name other than localhost is refused (403), so that no web page can reach it by a name of its own.
///
/// Thread: set up and start on the program's; everything is answered on the admin thread.
class admin_server {
public:
  static constexpr std::size_t most_connections = 64;

  /// Throws std::runtime_error for an address beyond loopback (it would need TLS, which this version lacks)
  /// or a token file that cannot be read.
  /// `now`: what /live goes by; called on the admin thread.
  explicit admin_server(const config::admin_section& section,
                        std::function<liveness::clock::time_point()> now = liveness::clock::now);
  admin_server(const admin_server&) = delete;
  admin_server& operator=(const admin_server&) = delete;
  ~admin_server();

  /// Before start().
  void watch(const actors::host& host) { liveness_.watch(host); }
  void add_source(actors::metric_source source) { sources_.push_back(std::move(source)); }
  void handle(std::string path, http_handler handler);
  /// Asked on each /ready; nullopt: ready, otherwise what is missing.
  void ready_when(std::function<std::optional<std::string>()> ask) { ready_ = std::move(ask); }

  /// Binds. Throws std::runtime_error when the port is in use.
  void listen();
  std::uint16_t port() const noexcept { return port_; }
  void start();
  /// Cuts what is open and joins.
  void stop();

private:
  friend class admin_connection;
  http_answer answer(const http_query& query, std::string_view host);
  http_answer live();
  http_answer ready() const;
  http_answer metrics() const;
  bool token_matches(std::string_view authorization) const;
  void accept();
  void accept_later();
  void look();

  config::admin_section section_;
  std::function<liveness::clock::time_point()> now_;
  std::string token_;
  liveness liveness_;
  std::vector<actors::metric_source> sources_;
  std::map<std::string, http_handler, std::less<>> handlers_;
  std::function<std::optional<std::string>()> ready_;

  asio::io_context context_{1};
  tcp_acceptor acceptor_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             executor>
      timer_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             executor>
      pause_;
  std::uint16_t port_ = 0;
  std::size_t open_ = 0;
  std::uint64_t answers_ = 0;
  std::uint64_t refused_ = 0;
  std::thread thread_;
};

}  // namespace tickcast::net::admin
