#include "net/admin/admin_server.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "net/admin/admin_connection.hpp"
#include "net/admin/prometheus_text.hpp"
#include "net/remote_address.hpp"

namespace tickcast::net::admin {
namespace {

constexpr std::chrono::milliseconds look_interval{250};
constexpr std::chrono::milliseconds accept_pause{100};

std::string read_token(const std::string& file) {
  std::ifstream in(file);
  std::string token;
  if (!in || !std::getline(in, token) || token.empty())
    throw std::runtime_error(fmt::format("admin.token_file: {} holds no token in its first line", file));
  return token;
}

/// A Host header without its port.
std::string_view host_name(std::string_view host) {
  if (!host.empty() && host.front() == '[') return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool names_this_machine(std::string_view host) {
  const auto name = host_name(host);
  if (name.empty() || name == "localhost") return true;
  error_code ec;
  asio::ip::make_address(std::string(name), ec);
  return !ec;
}

http_answer json(unsigned status, const nlohmann::json& body) {
  return {status, "application/json", body.dump() + "\n"};
}

}  // namespace

admin_server::admin_server(const config::admin_section& section,
                           std::function<liveness::clock::time_point()> now)
    : section_(section),
      now_(std::move(now)),
      acceptor_(context_.get_executor()),
      timer_(context_.get_executor()),
      pause_(context_.get_executor()) {
  if (section_.tls.enabled())
    throw std::runtime_error("admin.tls: this version serves the admin port without TLS only, on loopback");
  if (!section_.token_file.empty()) token_ = read_token(section_.token_file);
}

admin_server::~admin_server() {
  stop();
}

void admin_server::handle(std::string path, http_handler handler) {
  handlers_.insert_or_assign(std::move(path), std::move(handler));
}

void admin_server::listen() {
  error_code ec;
  const auto address = asio::ip::make_address(section_.address, ec);
  if (ec) throw std::runtime_error(fmt::format("admin.address: \"{}\" is no address", section_.address));
  if (!address.is_loopback())
    throw std::runtime_error(fmt::format(
        "admin.address: {} is beyond loopback and would need TLS; use 127.0.0.1", section_.address));
  const tcp::endpoint endpoint(address, section_.port);
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(static_cast<int>(most_connections), ec);
  if (ec == asio::error::address_in_use)
    throw std::runtime_error(
        fmt::format("{} is in use by another program; stop it or set admin.port", to_string(endpoint)));
  if (ec) throw std::runtime_error(fmt::format("cannot listen at {}: {}", to_string(endpoint), ec.message()));
  port_ = acceptor_.local_endpoint().port();
}

void admin_server::start() {
  look();
  accept();
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "admin");
    for (;;) {
      try {
        context_.run();
        return;
      } catch (const std::exception& bug) {
        spdlog::critical("admin: a handler threw: {}", bug.what());
      }
    }
  });
}

void admin_server::stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

void admin_server::accept() {
  acceptor_.async_accept([this](error_code ec, tcp_socket socket) {
    if (ec == asio::error::operation_aborted) return;
    if (ec) return accept_later();
    if (open_ < most_connections)
      std::make_shared<admin_connection>(*this, std::move(socket))->start();
    else
      ++refused_;
    accept();
  });
}

void admin_server::accept_later() {
  ++refused_;
  pause_.expires_after(accept_pause);
  pause_.async_wait([this](error_code ec) {
    if (!ec) accept();
  });
}

void admin_server::look() {
  liveness_.look(now_());
  timer_.expires_after(look_interval);
  timer_.async_wait([this](error_code ec) {
    if (!ec) look();
  });
}

http_answer admin_server::answer(const http_query& query, std::string_view host) {
  if (!names_this_machine(host))
    return http_refusal(403, "the admin port is asked by its address or as localhost, not by another name");
  if (query.path == "/live") return live();
  if (query.path == "/ready") return ready();
  if (query.path == "/metrics") return metrics();
  const auto found = handlers_.find(query.path);
  if (found == handlers_.end()) return http_refusal(404, "there is nothing at " + query.path);
  if (!token_matches(query.authorization)) {
    auto refusal = http_refusal(401, "send the token of admin.token_file as \"Authorization: Bearer …\"");
    refusal.headers.emplace_back("WWW-Authenticate", "Bearer");
    return refusal;
  }
  return found->second(query);
}

http_answer admin_server::live() {
  const auto now = now_();
  liveness_.look(now);
  const auto stuck = liveness_.stuck(now);
  if (stuck.empty()) return json(200, {{"status", "live"}});
  return json(503, {{"status", "stuck"}, {"hosts", stuck}, {"seconds", liveness::patience.count()}});
}

http_answer admin_server::ready() const {
  const auto missing = ready_ ? ready_() : std::nullopt;
  if (!missing) return json(200, {{"status", "ready"}});
  return json(503, {{"status", "not ready"}, {"reason", *missing}});
}

http_answer admin_server::metrics() const {
  auto sources = sources_;
  sources.push_back([this](actors::metric_writer& to) {
    to.gauge("tickcast_admin_connections", "Open connections to the admin port", {},
             static_cast<double>(open_));
    to.counter("tickcast_admin_answers_total", "Requests answered on the admin port", {},
               static_cast<double>(answers_));
    to.counter("tickcast_admin_refused_total", "Connections the admin port could not take", {},
               static_cast<double>(refused_));
  });
  return {200, prometheus_content_type, prometheus_text(sources)};
}

bool admin_server::token_matches(std::string_view authorization) const {
  if (token_.empty()) return true;
  constexpr std::string_view scheme = "Bearer ";
  if (authorization.substr(0, scheme.size()) != scheme) return false;
  const auto given = authorization.substr(scheme.size());
  return given.size() == token_.size() && CRYPTO_memcmp(given.data(), token_.data(), token_.size()) == 0;
}

}  // namespace tickcast::net::admin
