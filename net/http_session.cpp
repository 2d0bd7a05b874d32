#include "net/http_session.hpp"

#include <fmt/format.h>

#include <exception>

#include "actors/runtime/log.hpp"
#include "net/origin.hpp"
#include "net/websocket_session.hpp"

namespace tickcast::net {
namespace {

constexpr std::size_t largest_buffer = http_session::largest_head + http_session::largest_body;

bool is_http_error(const error_code& ec) {
  return ec.category() == http::make_error_code(http::error::end_of_stream).category();
}

/// Base64 of 16 bytes (RFC 6455, 4.1).
bool is_websocket_key(std::string_view key) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return key.size() == 24 && key.substr(22) == "==" &&
         key.substr(0, 22).find_first_not_of(alphabet) == std::string_view::npos;
}

std::string_view as_view(beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

http_session::http_session(shard_context& context, queue_ptr queue, const caller& who, bool refused)
    : context_(context),
      stream_(std::move(queue)),
      caller_(who),
      buffer_(largest_buffer),
      since_(context.host.now()),
      refused_(refused) {
  context_.counters.http_open.add();
  stream_.queue()->watch(this);
}

http_session::~http_session() {
  context_.counters.http_open.subtract();
}

void http_session::start() {
  do_read_head();
}

void http_session::do_read_head() {
  parser_.emplace();
  parser_->header_limit(largest_head);
  // The parser holds a Content-Length against this before it tells the method.
  parser_->body_limit(largest_post);
  const boost::intrusive_ptr<http_session> self(this);
  http::async_read_header(stream_, buffer_, *parser_,
                          [self](error_code ec, std::size_t) { self->on_head(ec); });
}

void http_session::on_head(error_code ec) {
  if (ec) return on_read_error(ec);
  if (std::exchange(phase_, phase::reading) == phase::idle) since_ = context_.host.now();
  const auto method = parser_->get().method();
  if (method == http::verb::options && !header(http::field::access_control_request_method).empty())
    return answer_preflight();
  if (method != http::verb::get && method != http::verb::head && method != http::verb::post) {
    auto answer = http_refusal(405, "only GET, HEAD and POST are served here");
    answer.headers.emplace_back("Allow", "GET, HEAD, POST");
    return send(answer, false);
  }
  if (method != http::verb::post) {
    parser_->body_limit(largest_body);
    if (parser_->content_length().value_or(0) > largest_body) return on_read_error(http::error::body_limit);
  }
  if (parser_->is_done())
    on_request();
  else
    do_read_body();
}

void http_session::do_read_body() {
  const boost::intrusive_ptr<http_session> self(this);
  http::async_read(stream_, buffer_, *parser_, [self](error_code ec, std::size_t) {
    if (ec)
      self->on_read_error(ec);
    else
      self->on_request();
  });
}

void http_session::on_read_error(error_code ec) {
  if (phase_ == phase::ended) return;
  if (phase_ == phase::finishing || !is_http_error(ec)) return end();
  if (ec == http::error::end_of_stream) return do_finish();
  if (ec == http::error::partial_message) return end();
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
    return refuse(431, fmt::format("the request's head is longer than {} bytes", largest_head));
  if (ec == http::error::body_limit)
    return refuse(413,
                  fmt::format("the request's body is longer than {} bytes",
                              parser_->get().method() == http::verb::post ? largest_post : largest_body));
  refuse(400, fmt::format("this is no HTTP request: {}", ec.message()));
}

void http_session::on_request() {
  const auto& request = parser_->get();
  is_head_ = request.method() == http::verb::head;
  keep_alive_ = request.keep_alive();
  if (refused_) {
    context_.counters.refuse(refusal::connection_limit);
    return refuse(503, fmt::format("{} connections are open; listen.max_connections allows no more",
                                   context_.configuration.listen.max_connections));
  }
  http_query query;
  query.method = as_view(request.method_string());
  if (request.version() == 11 && request.find(http::field::host) == request.end())
    return refuse(400, "a request of HTTP/1.1 needs a Host header");
  if (!parse_target(as_view(request.target()), query))
    return refuse(400, "the path must begin with / and its percent encoding must be whole");
  query.remote = context_.port.proxies.client_of(caller_.client, forwarded_for());
  query.authorization = header(http::field::authorization);
  query.accept = header(http::field::accept);
  query.accept_encoding = header(http::field::accept_encoding);
  query.body = request.body();
  query.idempotency_key = as_view(request["Idempotency-Key"]);
  const auto& gateway = context_.configuration.auth.proxy.user_header;
  if (!gateway.empty() && query.path != "/health" && !caller_.by_proxy) {
    context_.counters.refuse(refusal::not_by_gateway);
    return refuse(
        403, "this server is reached by its gateway alone (auth.proxy.user_header, listen.trusted_proxies)");
  }
  admit(std::move(query));
}

void http_session::admit(http_query&& query) {
  const auto& door = context_.port.door;
  const bool asks_for_data = query.path.starts_with("/api/") || query.path.starts_with("/udf/");
  if (!asks_for_data || !door.nobody) return serve(query);
  query.standing = door.nobody;
  auto what = shown(query);
  if (!what) return refuse(400, what.error());
  if (what->empty()) return serve(query);
  if (!door.ask) return refuse(401, "this server takes no tokens: leave them out");
  phase_ = phase::waiting;
  since_ = context_.host.now();
  waits_with_ = std::move(query);
  waits_as_ = context_.waiting.add(*this);
  door.ask(std::make_shared<const access::credentials>(std::move(*what)),
           [&context = context_, number = waits_as_](access::verdict verdict) {
             context.host.post([&context, number, verdict = std::move(verdict)] {
               if (auto* who = context.waiting.take(number)) who->take_verdict(verdict);
             });
           });
}

void http_session::take_verdict(const access::verdict& verdict) {
  waits_as_ = 0;
  if (phase_ == phase::ended || phase_ == phase::finishing || !waits_with_) return;
  auto query = std::move(*std::exchange(waits_with_, std::nullopt));
  phase_ = phase::reading;
  since_ = context_.host.now();
  if (!verdict) return refuse_sign_in(verdict.error());
  const auto& door = context_.port.door;
  query.standing = verdict->signed_in() ? door.rules->standing_of(*verdict) : door.nobody;
  serve(query);
}

void http_session::refuse_sign_in(const access::refusal& why) {
  if (access::is_temporary(why.why)) return refuse(503, why.message);
  auto answer = http_refusal(401, why.message);
  answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  send(answer, keep_alive_);
}

tl::expected<access::credentials, std::string> http_session::shown(const http_query& query) const {
  const auto& auth = context_.configuration.auth;
  const auto& request = parser_->get();
  access::credentials what;
  read_authorization(query.authorization, what);
  if (what.api_key.empty()) what.api_key = as_view(request["X-API-Key"]);
  const auto cookies = header(http::field::cookie);
  if (what.token.empty() && !auth.jwt.cookie.empty()) what.token = cookie_of(cookies, auth.jwt.cookie);
  if (what.token.empty() && query.path == "/ws") {
    what.token = token_offered(header(http::field::sec_websocket_protocol));
    if (what.token.empty() && !auth.jwt.query_parameter.empty())
      what.token = query.parameter(auth.jwt.query_parameter).value_or("");
  }
  if (!auth.django.store.empty() || !auth.callback.url.empty())
    what.session = cookie_of(cookies, auth.django.cookie);
  if (auth.proxy.user_header.empty()) return what;
  for (const auto& [name, to] : {std::pair{&auth.proxy.user_header, &what.gateway_user},
                                 {&auth.proxy.name_header, &what.gateway_name},
                                 {&auth.proxy.groups_header, &what.gateway_groups}}) {
    if (name->empty()) continue;
    if (request.count(*name) > 1)
      return tl::unexpected(fmt::format("the header {} is there twice: the gateway must replace it", *name));
    *to = as_view(request[*name]);
  }
  return what;
}

void http_session::refuse_method(std::string_view taken) {
  auto answer = http_refusal(405, fmt::format("this path takes {}", taken));
  answer.headers.emplace_back("Allow", std::string(taken));
  send(answer, keep_alive_);
}

void http_session::serve(const http_query& query) {
  const auto* route = route_of(query.path);
  const bool is_post = query.method == "POST";
  if (is_post != (route && route->is_post)) return refuse_method(is_post ? "GET, HEAD" : "POST");
  if (query.path == "/ws" || (query.path == "/echo" && context_.configuration.debug.echo))
    return upgrade(query);
  if (query.path == "/health") {
    if (context_.port.stopping) return refuse(503, "the server stops");
    return send({200, "application/json", "{\"status\":\"ok\"}\n", {{"Cache-Control", "no-store"}}},
                keep_alive_);
  }
  if (const auto handler = context_.port.handlers.find(query.path); handler != context_.port.handlers.end())
    return serve_handler(handler->second, query);
  if (route) return serve_route(*route, query);
  if (const auto* file = context_.port.files.find(query.path)) return serve_file(*file);
  send(http_refusal(404, fmt::format("there is nothing at {}", query.path)), keep_alive_);
}

void http_session::serve_handler(const http_handler& handler, const http_query& query) {
  http_answer answer;
  try {
    answer = handler(query);
  } catch (const std::exception& bug) {
    actors::log(actors::component::net)
        .error("{}: the handler of {} threw: {}", context_.host.name(), query.path, bug.what());
    answer = http_refusal(500, "the request could not be answered; the server's log says why");
  }
  send(answer, keep_alive_);
}

const http_route* http_session::route_of(std::string_view path) const {
  const auto& routes = context_.port.routes;
  if (const auto found = routes.find(path); found != routes.end()) return &found->second;
  for (auto end = path.rfind('/'); end != std::string_view::npos && end > 0; end = path.rfind('/', end - 1))
    if (const auto found = routes.find(path.substr(0, end + 1)); found != routes.end()) return &found->second;
  return nullptr;
}

void http_session::serve_route(const http_route& route, const http_query& query) {
  route_ = &route;
  http_exchange exchange(
      context_.index,
      [this] {
        waits_as_ = context_.waiting.add(*this);
        return http_reply([&context = context_, number = waits_as_](http_content_ptr content) {
          context.host.post([&context, number, content = std::move(content)] {
            if (auto* who = context.waiting.take(number)) who->take_answer(content);
          });
        });
      },
      query.standing);
  try {
    route.handler(query, exchange);
  } catch (const std::exception& bug) {
    actors::log(actors::component::net)
        .error("{}: the handler of {} threw: {}", context_.host.name(), query.path, bug.what());
    exchange.answer(nullptr);
    return take_answer(nullptr);
  }
  if (exchange.is_later() && !exchange.at_once()) {
    phase_ = phase::waiting;
    since_ = context_.host.now();
    return;
  }
  take_answer(exchange.at_once());
}

void http_session::take_answer(const http_content_ptr& content) {
  stop_waiting();
  if (phase_ == phase::ended || phase_ == phase::finishing) return;
  send_content(content ? *content
                       : *make_refusal(500, "the request could not be answered; the server's log says why"));
}

void http_session::answer_preflight() {
  keep_alive_ = parser_->keep_alive() && parser_->is_done();
  const auto origin = header(http::field::origin);
  if (!origin_listed(origin, context_.configuration.listen.cors.origins)) {
    context_.counters.refuse(refusal::origin);
    return refuse(403,
                  fmt::format("pages of {} may not read answers here; listen.cors.origins says which may",
                              origin.empty() ? "no origin" : origin));
  }
  http_head head{204, {}, 0, keep_alive_, {}};
  add_origin(head);
  head.headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD, POST");
  head.headers.emplace_back("Access-Control-Allow-Headers",
                            "Accept, Authorization, Content-Type, Idempotency-Key, If-None-Match, X-API-Key");
  head.headers.emplace_back("Access-Control-Max-Age", "600");
  is_head_ = true;
  send_head_and(head, nullptr);
}

void http_session::add_origin(http_head& head) const {
  const auto& listed = context_.configuration.listen.cors.origins;
  if (listed.empty()) return;
  const auto origin = header(http::field::origin);
  head.headers.emplace_back("Vary", "Origin");
  if (!origin_listed(origin, listed)) return;
  head.headers.emplace_back("Access-Control-Allow-Origin", origin);
  head.headers.emplace_back("Access-Control-Expose-Headers", "ETag, Retry-After");
  // Cookies go along from pages of an origin that somebody has named, never from any page there is.
  if (origin_named(origin, listed)) head.headers.emplace_back("Access-Control-Allow-Credentials", "true");
}

std::string http_session::forwarded_for() const {
  std::string all;
  const auto lines = parser_->get().equal_range("X-Forwarded-For");
  for (auto at = lines.first; at != lines.second; ++at) {
    if (!all.empty()) all += ", ";
    all += as_view(at->value());
  }
  return all;
}

void http_session::send_content(const http_content& content) {
  http_head head{content.status,
                 content.content_type,
                 content.body ? content.body->payload().size() : 0,
                 keep_alive_,
                 {}};
  head.headers.reserve(content.headers.size() + 5);
  for (const auto& [name, value] : content.headers) head.headers.emplace_back(name, value);
  add_origin(head);
  if (!content.etag.empty()) {
    head.headers.emplace_back("ETag", content.etag);
    const auto known = header(http::field::if_none_match);
    if (!known.empty() && matches_etag(known, content.etag)) {
      head.status = 304;
      head.content_type = {};
      return send_head_and(head, nullptr);
    }
  }
  if (content.gzip) head.headers.emplace_back("Content-Encoding", "gzip");
  send_head_and(head, content.body);
}

void http_session::serve_file(const static_file& file) {
  const bool small = file.gzip && accepts_gzip(header(http::field::accept_encoding));
  const auto& etag = small ? file.gzip_etag : file.etag;
  const auto& body = small ? file.gzip : file.body;
  http_head head{200, file.content_type, body->payload().size(), keep_alive_, {}};
  head.headers = {{"ETag", etag}, {"Cache-Control", file.cache_control}};
  if (file.gzip) head.headers.emplace_back("Vary", "Accept-Encoding");
  if (const auto known = header(http::field::if_none_match); !known.empty() && matches_etag(known, etag)) {
    head.status = 304;
    head.content_type = {};
    return send_head_and(head, nullptr);
  }
  if (small) head.headers.emplace_back("Content-Encoding", "gzip");
  send_head_and(head, body);
}

void http_session::upgrade(const http_query& query) {
  const auto& request = parser_->get();
  if (!websocket::is_upgrade(request) || header(http::field::sec_websocket_version) != "13") {
    auto answer =
        http_refusal(426, fmt::format("{} is a WebSocket; ask for an upgrade, version 13", query.path));
    answer.headers = {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}};
    context_.counters.refuse(refusal::bad_handshake);
    return send(answer, false);
  }
  if (!is_websocket_key(header(http::field::sec_websocket_key))) {
    context_.counters.refuse(refusal::bad_handshake);
    return refuse(400, "Sec-WebSocket-Key must be 16 bytes in base64");
  }
  const auto origin = header(http::field::origin);
  if (!origin_allowed(origin, header(http::field::host), context_.configuration.listen.allowed_origins)) {
    context_.counters.refuse(refusal::origin);
    return refuse(403,
                  fmt::format("pages of {} may not connect; listen.allowed_origins says which may", origin));
  }
  if (context_.port.refuses() || !context_.peers) {
    context_.counters.refuse(refusal::stopping);
    auto answer = http_refusal(503, "the server starts or stops; try again");
    answer.headers.emplace_back("Retry-After", "1");
    return send(answer, false);
  }
  become_websocket(query);
}

void http_session::become_websocket(const http_query& query) {
  const bool echo = query.path == "/echo";
  std::shared_ptr<const access::credentials> what;
  if (!echo) {
    auto found = shown(query);
    if (!found) return refuse(400, found.error());
    if (!found->empty()) what = std::make_shared<const access::credentials>(std::move(*found));
  }
  const boost::intrusive_ptr<http_session> self(this);
  const auto left = buffer_.cdata();
  std::string unread(static_cast<const char*>(left.data()), left.size());
  const auto agreed = echo ? subprotocol{} : choose_subprotocol(header(http::field::sec_websocket_protocol));
  const boost::intrusive_ptr<websocket_session> next(new websocket_session(
      context_, stream_.queue(), std::move(unread), {agreed, echo, query.remote, std::move(what)}));
  phase_ = phase::ended;
  context_.sessions.add(next);
  context_.sessions.remove(*this);
  context_.counters.answer(101);
  next->accept(parser_->get());
}

void http_session::send(const http_answer& answer, bool keep_alive) {
  keep_alive_ = keep_alive;
  http_head head{answer.status, answer.content_type, answer.body.size(), keep_alive_, {}};
  for (const auto& [name, value] : answer.headers) head.headers.emplace_back(name, value);
  add_origin(head);
  send_head_and(head, protocol::make_frame(answer.body, protocol::encoding::msgpack));
}

void http_session::send_head_and(const http_head& head, const protocol::frame_ptr& body) {
  phase_ = phase::answering;
  since_ = context_.host.now();
  if (context_.port.stopping) keep_alive_ = false;
  auto announced = head;
  announced.keep_alive = keep_alive_;
  auto bytes = protocol::begin_frame(512);
  append_head(bytes, announced);
  context_.counters.answer(head.status);
  if (const auto* route = std::exchange(route_, nullptr))
    (*route->answered)[shard_counters::status_index(head.status)].fetch_add(1, std::memory_order_relaxed);
  const auto& queue = stream_.queue();
  queue->send_bytes(protocol::finish_frame(std::move(bytes), protocol::encoding::msgpack));
  if (body && !is_head_ && head.status != 304) queue->send_bytes(body);
  queue->want_sent();
}

void http_session::all_sent() {
  if (phase_ != phase::answering) return;
  if (!keep_alive_) return do_finish();
  phase_ = phase::idle;
  since_ = context_.host.now();
  static_cast<void>(stream_.queue()->take_received());
  do_read_head();
}

void http_session::do_finish() {
  phase_ = phase::finishing;
  since_ = context_.host.now();
  const boost::intrusive_ptr<http_session> self(this);
  async_teardown(beast::role_type::server, stream_, [self](error_code) { self->end(); });
}

void http_session::sweep(clock::time_point now) {
  const auto& queue = stream_.queue();
  const auto& configuration = context_.configuration;
  const auto waited = now - since_;
  switch (phase_) {
    case phase::idle:
      if (queue->take_received()) {
        phase_ = phase::reading;
        since_ = now;
      } else if (waited >= idle_time) {
        shut(protocol::close_code::normal);
      }
      break;
    case phase::reading:
      if (waited >=
          (shutting_ ? last_request_time : std::chrono::milliseconds(configuration.listen.handshake_ms))) {
        context_.counters.refuse(refusal::timeout);
        queue->abort();
      }
      break;
    case phase::waiting:
      if (waited >= answer_time) {
        stop_waiting();
        waits_with_.reset();
        refuse(503, "no answer was found in time; ask for less, or try again later");
      }
      break;
    case phase::answering:
      if (queue->take_progress())
        since_ = now;
      else if (waited >= std::chrono::milliseconds(configuration.limits.stalled_ms))
        queue->abort();
      break;
    case phase::finishing:
      if (waited >= finish_time) queue->abort();
      break;
    case phase::ended:
      break;
  }
}

void http_session::shut(protocol::close_code) {
  if (phase_ == phase::waiting) keep_alive_ = false;
  if (phase_ == phase::reading && !std::exchange(shutting_, true)) since_ = context_.host.now();
  if (phase_ != phase::idle) return;
  phase_ = phase::finishing;
  since_ = context_.host.now();
  stream_.queue()->socket_transport().finish();
}

void http_session::abort() {
  stream_.queue()->abort();
}

void http_session::end() {
  if (std::exchange(phase_, phase::ended) == phase::ended) return;
  stop_waiting();
  const session_ptr self(this);
  const auto& queue = stream_.queue();
  queue->watch(nullptr);
  if (queue->bytes() != 0) queue->abort();
  context_.sessions.remove(*this);
}

std::string_view http_session::header(http::field name) const {
  return as_view(parser_->get()[name]);
}

void begin_http(shard_context& context, tcp_socket&& socket, const caller& who, connection_slot&& slot,
                bool refused) {
  const queue_ptr queue(
      new outbound_queue(context.flush, context.transport_over(std::move(socket)), std::move(slot)));
  const boost::intrusive_ptr<http_session> session(new http_session(context, queue, who, refused));
  context.sessions.add(session);
  session->start();
}

}  // namespace tickcast::net
