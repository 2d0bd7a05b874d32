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
#include "net/admin/audit_log.hpp"
#include "net/admin/liveness.hpp"
#include "net/admin/router.hpp"
#include "net/admin/token_file.hpp"
#include "net/asio.hpp"
#include "net/counters.hpp"
#include "net/http_handler.hpp"
#include "net/static_files.hpp"
#include "net/tls_transport.hpp"

namespace tickcast::net::admin {

/// The admin port, on a thread of its own, so that it answers while every shard and worker is stuck.
///
///   /live     200, or 503 when a watched host has not turned for 5 s (the body names it)
///   /ready    200, or 503 with the reason while the program is not ready
///   /metrics  Prometheus' text format
///   /api/…    the admin API (docs/admin-api.md), for who brings a token; /api/live is its WebSocket
///   others    the console's files
///
/// Bounded: connections, request size, time for a request, idle time. Without TLS a request whose Host is a
/// name other than localhost is refused (403), and always one with a foreign Origin, so that no web page can
/// reach it. Beyond this machine it is served by TLS alone, and /metrics wants a token.
///
/// Thread: set up and start on the program's; everything is answered on the admin thread.
class admin_server final : private tls_watcher {
public:
  static constexpr std::size_t most_connections = 64;
  /// Wrong tokens a minute that get a 401; the rest gets a 429.
  static constexpr std::size_t wrong_tokens_a_minute = 10;

  using clock = std::chrono::steady_clock;

  /// Tokens and the audit log are kept in `directory`, unless admin.token_file names another file. Throws
  /// std::runtime_error, with a sentence for the operator: a certificate, token file or audit log that cannot
  /// be used.
  /// `now`: what /live goes by; called on the admin thread.
  admin_server(const config::admin_section& section, const std::string& directory,
               std::function<clock::time_point()> now = clock::now);
  admin_server(const admin_server&) = delete;
  admin_server& operator=(const admin_server&) = delete;
  ~admin_server();

  /// Before start().
  void watch(const actors::host& host) { liveness_.watch(host); }
  void add_source(actors::metric_source source) { sources_.push_back(std::move(source)); }
  router& api() noexcept { return api_; }
  static_files& files() noexcept { return files_; }
  /// Asked on each /ready; nullopt: ready, otherwise what is missing.
  void ready_when(std::function<std::optional<std::string>()> ask) { ready_ = std::move(ask); }

  /// Binds. Throws std::runtime_error when the port is in use, or reaches beyond loopback without TLS.
  void listen();
  bool speaks_tls() const noexcept { return speaks_tls_; }
  /// As server::renew_certificate.
  void renew_certificate(tls_context_ptr next);
  std::uint16_t port() const noexcept { return port_; }
  const std::string& token_path() const noexcept { return tokens_.path(); }
  void start();
  /// Cuts what is open and joins.
  void stop();

  // ---- for its connections and for the API, on the admin thread

  asio::io_context& context() noexcept { return context_; }
  const audit_log& audit() const noexcept { return audit_; }
  /// Names of the hosts that do not turn, and for how long each of all has not.
  const liveness& hosts() const noexcept { return liveness_; }

  /// Whether the Host header names this machine by address or as localhost.
  static bool names_this_machine(std::string_view host);
  /// Whether a page of `origin` may ask: none, or the one that was loaded from here.
  bool is_own_origin(std::string_view origin, std::string_view host) const;
  /// What a connection's bytes go through.
  std::unique_ptr<transport> transport_over(tcp_socket&& socket);
  /// Whose "Bearer …" it is; a refusal otherwise.
  struct admission {
    std::optional<admin_identity> who;
    http_answer refusal;
  };
  admission admit(std::string_view token);
  /// What needs no token: /live, /ready, /metrics.
  std::optional<http_answer> open_answer(const std::string& path);
  /// Enters an action in the audit log; for routes that do so by themselves.
  void enter(audit_entry what);
  /// Answers a request of the API; acting ones are audited.
  void ask(admin_request request, bool acts, const responder::receiver& take);

private:
  friend class admin_connection;
  friend class live_socket;
  http_answer live();
  http_answer ready() const;
  http_answer metrics() const;
  void audit(const admin_request& request, const std::string& action, const http_answer& answer);
  void accept();
  void accept_later();
  void look();

  // Handshakes of consoles are few: they are counted, not held back.
  bool may_work() override { return true; }
  void worked(std::chrono::nanoseconds) override {}
  void shaken(bool resumed) override { (resumed ? handshakes_.resumed : handshakes_.full).add(); }
  void failed(tls_failure why) override { handshakes_.failed[static_cast<std::size_t>(why)].add(); }

  config::admin_section section_;
  tls_context_ptr tls_;  ///< for those who come from now on; null: no TLS
  const bool speaks_tls_;
  tls_counters handshakes_;
  std::function<clock::time_point()> now_;
  token_file tokens_;
  audit_log audit_;
  liveness liveness_;
  std::vector<actors::metric_source> sources_;
  router api_;
  static_files files_;
  std::function<std::optional<std::string>()> ready_;

  asio::io_context context_{1};
  tcp_acceptor acceptor_;
  using timer = asio::basic_waitable_timer<clock, asio::wait_traits<clock>, executor>;
  timer timer_;
  timer pause_;
  std::uint16_t port_ = 0;
  std::size_t open_ = 0;
  std::size_t live_sockets_ = 0;
  std::uint64_t answers_ = 0;
  std::uint64_t refused_ = 0;
  std::map<unsigned, std::uint64_t> refusals_;  ///< by status
  std::uint64_t views_skipped_ = 0;
  std::uint64_t wrong_tokens_ = 0;
  std::uint64_t actions_ = 0;
  std::size_t wrong_this_minute_ = 0;
  clock::time_point minute_{};
  std::thread thread_;
};

}  // namespace tickcast::net::admin
