#include "net/server.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <csignal>
#include <latch>
#include <stdexcept>
#include <thread>

#include "net/room_peer.hpp"
#include "protocol/client_message.hpp"

namespace tickcast::net {
namespace {

/// How often a stop looks whether the last client has gone.
constexpr std::chrono::milliseconds look_again{2};
/// How long sessions that were cut off may take to notice.
constexpr std::chrono::milliseconds cut_time{1000};
/// How long a loop without work may take to end.
constexpr std::chrono::milliseconds loop_time{2000};

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

server::server(const config::config& configuration, caf::actor_system& system, std::size_t shards)
    : configuration_(configuration) {
  if (shards == 0) throw std::invalid_argument("a server needs a shard");
  if (const auto& files = configuration.listen.tls; files.enabled()) {
    port_.tls = tls_context::server(files.certificate, files.key, "listen.tls");
    certificate_expires_s_ = port_.tls->expires_s();
  }
  raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  port_.proxies = trusted_proxies(configuration.listen.trusted_proxies);
  for (const auto encoding : {protocol::encoding::json, protocol::encoding::msgpack})
    port_.ping[protocol::index(encoding)] = protocol::encode_ping(encoding);
  for (std::size_t i = 0; i < shards; ++i)
    shards_.push_back(std::make_unique<shard>(system, port_, configuration_, i));
}

server::~server() = default;

void server::handle(std::string path, http_handler handler) {
  port_.handlers.insert_or_assign(std::move(path), std::move(handler));
}

void server::handle_later(const std::string& path, std::string name, http_late_handler handler) {
  auto& route = port_.routes[path];
  route.name = std::move(name);
  route.handler = std::move(handler);
}

void server::post_later(const std::string& path, std::string name, http_late_handler handler) {
  handle_later(path, std::move(name), std::move(handler));
  port_.routes[path].is_post = true;
}

void server::listen() {
  error_code ec;
  const auto address = asio::ip::make_address(configuration_.listen.address, ec);
  if (ec)
    throw std::runtime_error(
        fmt::format("listen.address: \"{}\" is no IPv4 or IPv6 address", configuration_.listen.address));
  lock_.emplace(tcp::endpoint(address, configuration_.listen.port));
  for (auto& each : shards_) each->listen(lock_->endpoint());
}

void server::start(const std::vector<actors::client_room*>& rooms) {
  std::vector<peer_source> peers;
  for (auto* room : rooms) peers.push_back(peers_from(*room));
  start(std::move(peers));
}

void server::start(std::vector<peer_source> peers) {
  if (peers.size() != shards_.size()) throw std::invalid_argument("every shard needs its own room");
  for (std::size_t i = 0; i < shards_.size(); ++i) shards_[i]->start(std::move(peers[i]));
}

void server::configure(const config::config& next) {
  for (auto& each : shards_) each->configure(next);
}

void server::renew_certificate(const tls_context_ptr& next) {
  certificate_expires_s_ = next->expires_s();
  for (auto& each : shards_) each->post([next](shard_context& context) { context.tls = next; });
}

void server::stop_accepting() {
  port_.stopping = true;
  // Shared, because a shard that is stuck may come to it after we have given up.
  const auto done = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(shards_.size()));
  for (auto& each : shards_) each->stop_accepting([done] { done->count_down(); });
  const auto deadline = std::chrono::steady_clock::now() + cut_time;
  while (!done->try_wait() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(look_again);
}

std::size_t server::close_all(protocol::close_code code, std::chrono::milliseconds deadline) {
  port_.stopping = true;
  const auto until = std::chrono::steady_clock::now() + deadline;
  for (auto& each : shards_)
    each->post(
        [code](shard_context& context) { context.sessions.each([code](session& s) { s.shut(code); }); });
  if (wait_until_empty(until)) return 0;
  const auto left = sessions();
  for (auto& each : shards_)
    each->post([](shard_context& context) { context.sessions.each([](session& s) { s.abort(); }); });
  wait_until_empty(std::chrono::steady_clock::now() + cut_time);
  return left;
}

void server::drain(std::chrono::milliseconds window) {
  port_.draining = true;
  for (auto& each : shards_) each->drain(window);
}

void server::undrain() {
  port_.draining = false;
}

void server::take_census(const std::function<void(std::vector<connection_row>)>& done) {
  for (std::uint32_t i = 0; i < shards_.size(); ++i)
    shards_[i]->post([i, done](shard_context& context) { net::take_census(context, i, done); });
}

void server::kick(std::uint64_t id, std::uint16_t code, const std::string& reason,
                  const std::function<void(bool)>& done) {
  for (auto& each : shards_)
    each->post([=](shard_context& context) {
      bool found = false;
      context.sessions.each([&](session& s) { found = found || s.kick(id, code, reason); });
      done(found);
    });
}

void server::stop_loops() {
  for (auto& each : shards_) each->stop(loop_time);
}

std::size_t server::sessions() const noexcept {
  std::size_t count = 0;
  for (const auto& each : shards_) count += each->counters().sessions();
  return count;
}

bool server::wait_until_empty(std::chrono::steady_clock::time_point deadline) const {
  while (sessions() != 0) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

actors::metric_source server::metrics() const {
  return [this](actors::metric_writer& to) {
    to.gauge("tickcast_connections", "Open client connections, HTTP and WebSocket", {},
             static_cast<double>(connections()));
    to.gauge("tickcast_draining", "1 while the server drains: nobody is accepted, clients are being closed",
             {}, draining() ? 1 : 0);
    to.gauge("tickcast_tls_certificate_expires_seconds",
             "When the certificate of a port runs out, seconds since 1970; 0: no TLS", {{"port", "listen"}},
             static_cast<double>(certificate_expires_s_.load()));
    for (const auto& [path, route] : port_.routes)
      for (std::size_t i = 0; i < route.answered->size(); ++i)
        if (const auto count = (*route.answered)[i].load(std::memory_order_relaxed); count != 0)
          to.counter("tickcast_http_requests_total", "HTTP requests answered, by route and status",
                     {{"route", route.name}, {"status", std::to_string(shard_counters::http_statuses[i])}},
                     static_cast<double>(count));
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      write_metrics(to, shards_[i]->counters(), i);
      const actors::metric_labels labels{{"shard", std::to_string(i)}};
      auto& host = shards_[i]->host();
      to.gauge("tickcast_shard_load", "Share of a CPU the shard's thread uses, 0 to 1", labels, host.load());
      to.gauge("tickcast_shard_actors", "Actors alive on the shard", labels,
               static_cast<double>(host.alive()));
      to.counter("tickcast_shard_turns_total", "Turns of the shard's loop", labels,
                 static_cast<double>(host.turns()));
      to.counter("tickcast_shard_handler_failures_total",
                 "Exceptions that left a handler of the shard's loop", labels,
                 static_cast<double>(host.failures()));
    }
  };
}

}  // namespace tickcast::net
