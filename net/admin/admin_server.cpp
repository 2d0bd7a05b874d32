#include "net/admin/admin_server.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "actors/runtime/log.hpp"
#include "net/admin/admin_connection.hpp"
#include "net/admin/process_metrics.hpp"
#include "net/admin/prometheus_text.hpp"
#include "net/remote_address.hpp"

namespace tickcast::net::admin {

using net::to_string;
namespace {

constexpr std::chrono::milliseconds look_interval{250};
constexpr std::chrono::milliseconds accept_pause{100};

/// A Host header without its port.
std::string_view host_name(std::string_view host) {
  if (!host.empty() && host.front() == '[') return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

http_answer json(unsigned status, const nlohmann::json& body) {
  return {status, "application/json", body.dump() + "\n"};
}

}  // namespace

admin_server::admin_server(const config::admin_section& section, const std::string& directory,
                           std::function<clock::time_point()> now)
    : section_(section),
      tls_(section.tls.enabled() ? tls_context::server(section.tls.certificate, section.tls.key, "admin.tls")
                                 : nullptr),
      speaks_tls_(tls_ != nullptr),
      now_(std::move(now)),
      tokens_(section.token_file.empty() ? directory + "/admin-tokens" : section.token_file),
      audit_(directory + "/audit.jsonl"),
      acceptor_(context_.get_executor()),
      timer_(context_.get_executor()),
      pause_(context_.get_executor()) {}

admin_server::~admin_server() {
  stop();
}

bool admin_server::names_this_machine(std::string_view host) {
  const auto name = host_name(host);
  if (name.empty() || name == "localhost") return true;
  error_code ec;
  asio::ip::make_address(std::string(name), ec);
  return !ec;
}

bool admin_server::is_own_origin(std::string_view origin, std::string_view host) const {
  return origin.empty() || origin == fmt::format("{}://{}", speaks_tls_ ? "https" : "http", host);
}

std::unique_ptr<transport> admin_server::transport_over(tcp_socket&& socket) {
  return tls_ ? make_tls_transport(std::move(socket), tls_, this) : make_plain_transport(std::move(socket));
}

void admin_server::renew_certificate(tls_context_ptr next) {
  asio::post(context_, [this, next = std::move(next)] { tls_ = next; });
}

void admin_server::listen() {
  error_code ec;
  const auto address = asio::ip::make_address(section_.address, ec);
  if (ec) throw std::runtime_error(fmt::format("admin.address: \"{}\" is no address", section_.address));
  if (!address.is_loopback() && !speaks_tls_)
    throw std::runtime_error(fmt::format(
        "admin.address: {} is beyond loopback and needs [admin.tls]; or use 127.0.0.1", section_.address));
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
        log(actors::component::admin).critical("a handler threw: {}", bug.what());
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

admin_server::admission admin_server::admit(std::string_view token) {
  if (auto who = tokens_.find(token)) return {std::move(who), {}};
  ++wrong_tokens_;
  if (const auto now = now_(); now - minute_ > std::chrono::minutes(1)) {
    minute_ = now;
    wrong_this_minute_ = 0;
  }
  if (++wrong_this_minute_ > wrong_tokens_a_minute)
    return {std::nullopt, refuse(admin_error::too_many, "too many wrong tokens; wait a minute")};
  auto refusal = refuse(admin_error::token,
                        fmt::format("send a token of {} as \"Authorization: Bearer …\"", tokens_.path()));
  refusal.headers.emplace_back("WWW-Authenticate", "Bearer");
  return {std::nullopt, std::move(refusal)};
}

std::optional<http_answer> admin_server::open_answer(const std::string& path) {
  if (path == "/live") return live();
  if (path == "/ready") return ready();
  if (path == "/metrics") return metrics();
  return std::nullopt;
}

void admin_server::ask(admin_request request, bool acts, const responder::receiver& take) {
  auto found = api_.find(acts, request.query.path);
  if (!found.found)
    return take(found.path_exists
                    ? refuse(admin_error::method, acts ? "this is read with GET" : "this is done with POST")
                    : refuse(admin_error::not_found, "there is nothing at " + request.query.path));
  request.args = std::move(found.args);
  const auto& route = *found.found;
  responder::receiver receiver = take;
  const bool may = !acts || request.who.may == role::operator_;
  if (acts && (!may || !route.traits.audits_itself))
    receiver = [this, request, action = route.action, take](http_answer answer) {
      audit(request, action, answer);
      take(std::move(answer));
    };
  if (!may)
    return receiver(
        refuse(admin_error::role, request.who.name + " is a viewer: this takes an operator's token"));
  const responder answer(context_, std::move(receiver));
  try {
    route.handler(request, answer);
  } catch (const std::exception& bug) {
    log(actors::component::admin).error("the handler of {} threw: {}", request.query.path, bug.what());
    answer(refuse(admin_error::internal, "the request could not be answered; the server's log says why"));
  }
}

void admin_server::audit(const admin_request& request, const std::string& action, const http_answer& answer) {
  std::string target;
  for (const auto& each : request.args) target += (target.empty() ? "" : " ") + each;
  std::string outcome = "done";
  if (answer.status != 200) {
    const auto body = nlohmann::json::parse(answer.body, nullptr, false);
    outcome =
        body.is_object() && body.contains("error") ? body["error"].value("message", "refused") : "refused";
  }
  enter({now_us(), request.who.name, std::string(to_string(request.who.may)), request.query.remote, action,
         target, request.body, outcome});
}

void admin_server::enter(audit_entry what) {
  ++actions_;
  audit_.add(std::move(what));
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
  sources.push_back(&read_process_metrics);
  sources.push_back([this](actors::metric_writer& to) {
    to.gauge("tickcast_admin_connections", "Open connections to the admin port", {},
             static_cast<double>(open_));
    to.counter("tickcast_admin_answers_total", "Requests answered on the admin port", {},
               static_cast<double>(answers_));
    to.counter("tickcast_admin_refused_total", "Connections the admin port could not take", {},
               static_cast<double>(refused_));
    to.gauge("tickcast_admin_live_sockets", "Open WebSockets of consoles", {},
             static_cast<double>(live_sockets_));
    to.counter("tickcast_admin_wrong_tokens_total", "Requests with a token that is none", {},
               static_cast<double>(wrong_tokens_));
    to.counter("tickcast_admin_actions_total", "Actions asked for by operators, refused ones too", {},
               static_cast<double>(actions_));
    for (const auto& [status, count] : refusals_)
      to.counter("tickcast_admin_refusals_total", "Requests on the admin port that were refused",
                 {{"status", std::to_string(status)}}, static_cast<double>(count));
    to.counter("tickcast_admin_views_skipped_total",
               "Views left out because a console had not taken the one before", {},
               static_cast<double>(views_skipped_));
    constexpr std::string_view handshakes_help = "TLS handshakes done on the admin port";
    to.counter("tickcast_admin_tls_handshakes_total", handshakes_help, {{"resumed", "no"}},
               static_cast<double>(handshakes_.full.value()));
    to.counter("tickcast_admin_tls_handshakes_total", handshakes_help, {{"resumed", "yes"}},
               static_cast<double>(handshakes_.resumed.value()));
    for (std::size_t i = 0; i < tls_failure_count; ++i)
      to.counter("tickcast_admin_tls_failures_total", "TLS handshakes on the admin port that came to nothing",
                 {{"reason", std::string(tls_failure_names[i])}},
                 static_cast<double>(handshakes_.failed[i].value()));
    to.gauge("tickcast_tls_certificate_expires_seconds",
             "When the certificate of a port runs out, seconds since 1970; 0: no TLS", {{"port", "admin"}},
             tls_ ? static_cast<double>(tls_->expires_s()) : 0);
    to.gauge("tickcast_admin_connections_limit", "Connections the admin port takes at once", {},
             static_cast<double>(most_connections));
    to.gauge("tickcast_ready", "1 while /ready says so", {}, ready_ && ready_() ? 0 : 1);
    for (const auto& [host, stood] : liveness_.still(now_()))
      to.gauge("tickcast_host_still_seconds", "How long a thread's loop has not turned", {{"host", host}},
               static_cast<double>(stood.count()) / 1000);
    to.counter("tickcast_audit_failures_total", "Entries the audit log's file did not take", {},
               static_cast<double>(audit_.failures()));
  });
  return {200, prometheus_content_type, prometheus_text(sources)};
}

}  // namespace tickcast::net::admin
