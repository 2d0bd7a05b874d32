#include "net/admin/admin_connection.hpp"

#include <fmt/format.h>

#include <utility>

#include "net/admin/live_socket.hpp"
#include "net/http_head.hpp"
#include "net/remote_address.hpp"

namespace tickcast::net::admin {

using net::to_string;
namespace {

constexpr std::uint32_t largest_head = 8 * 1024;
/// For a request to come, whole, or an answer to be taken.
constexpr std::chrono::seconds step_time{30};

std::string_view as_view(beast::string_view text) {
  return {text.data(), text.size()};
}

std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view scheme = "Bearer ";
  return authorization.substr(0, scheme.size()) == scheme ? authorization.substr(scheme.size())
                                                          : std::string_view{};
}

}  // namespace

admin_connection::admin_connection(admin_server& server, tcp_socket&& socket)
    : server_(server),
      stream_(server.transport_over(std::move(socket))),
      buffer_(2 * largest_head + router::usual_body) {
  ++server_.open_;
  error_code ec;
  if (const auto peer = stream_.link().socket().remote_endpoint(ec); !ec) {
    remote_ = to_string(peer);
    is_near_ = peer.address().is_loopback();
  }
}

admin_connection::~admin_connection() {
  --server_.open_;
}

std::string_view admin_connection::header(http::field name) const {
  return as_view(parser_->get()[name]);
}

void admin_connection::do_read() {
  parser_.emplace();
  parser_->header_limit(largest_head);
  // Until the head tells which route is asked, a body may be as long as any route's.
  parser_->body_limit(router::largest_body);
  stream_.expires_after(step_time);
  http::async_read_header(stream_, buffer_, *parser_,
                          [self = shared_from_this()](error_code ec, std::size_t) { self->on_head(ec); });
}

void admin_connection::on_head(error_code ec) {
  if (ended_by(ec)) return;
  const auto most_bytes = largest_body_asked_for();
  if (most_bytes == router::usual_body) return do_read_body(most_bytes);
  // So much is taken of nobody but an operator, and before it is there.
  const auto admitted = server_.admit(bearer(header(http::field::authorization)));
  if (!admitted.who) return do_write(admitted.refusal, false);
  do_read_body(admitted.who->may == role::operator_ ? most_bytes : router::usual_body);
}

void admin_connection::do_read_body(std::size_t most_bytes) {
  if (parser_->content_length().value_or(0) > most_bytes)
    return refuse_and_end(admin_error::too_large,
                          fmt::format("the body is too long: at most {} bytes are taken here", most_bytes));
  parser_->body_limit(most_bytes);
  stream_.expires_after(step_time);
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](error_code ec, std::size_t) { self->on_read(ec); });
}

void admin_connection::on_read(error_code ec) {
  if (!ended_by(ec)) on_request();
}

/// Whether the request ends here: it was refused, or nobody is there any more.
bool admin_connection::ended_by(error_code ec) {
  if (!ec) return false;
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    auto refusal = refuse(admin_error::too_large, "the request's head is too long");
    refusal.status = 431;
    do_write(refusal, false);
  } else if (ec == http::error::body_limit) {
    refuse_and_end(admin_error::too_large, "the request's body is too long");
  } else if (ec != http::error::end_of_stream && ec != http::error::partial_message &&
             ec.category() == http::make_error_code(http::error::bad_method).category()) {
    refuse_and_end(admin_error::bad_request, "this is no HTTP request: " + ec.message());
  }
  return true;
}

std::size_t admin_connection::largest_body_asked_for() const {
  http_query query;
  const auto& request = parser_->get();
  if (request.method() != http::verb::post || !parse_target(as_view(request.target()), query))
    return router::usual_body;
  const auto found = server_.api_.find(true, query.path);
  return found.found ? found.found->traits.largest_body : router::usual_body;
}

void admin_connection::on_request() {
  const auto& request = parser_->get();
  const bool reads = request.method() == http::verb::get || request.method() == http::verb::head;
  const auto keep = request.keep_alive();
  http_query query;
  if (!parse_target(as_view(request.target()), query))
    return do_write(refuse(admin_error::bad_request, "the path is malformed"), keep);
  const auto host = header(http::field::host);
  // A page on another name cannot get past the certificate.
  if (!server_.speaks_tls() && !admin_server::names_this_machine(host))
    return do_write(refuse(admin_error::host,
                           "the admin port is asked by its address or as localhost, not by another name"),
                    keep);
  if (!reads && request.method() != http::verb::post) {
    auto refusal = refuse(admin_error::method, "only GET, HEAD and POST are served here");
    refusal.headers.emplace_back("Allow", "GET, HEAD, POST");
    return do_write(refusal, keep);
  }
  if (query.path == "/metrics" && !is_near_)
    if (auto admitted = server_.admit(bearer(header(http::field::authorization))); !admitted.who)
      return do_write(admitted.refusal, keep);
  if (reads)
    if (auto answer = server_.open_answer(query.path)) return do_write(*answer, keep);
  if (!server_.is_own_origin(header(http::field::origin), host))
    return do_write(refuse(admin_error::origin, "pages of another origin may not ask here"), keep);
  if (query.path == "/api/live" && websocket::is_upgrade(request)) return become_live();
  if (query.path.rfind("/api/", 0) == 0) return ask_api(std::move(query));
  const auto* file = reads ? server_.files_.find(query.path) : nullptr;
  if (!file) return do_write(refuse(admin_error::not_found, "there is nothing at " + query.path), keep);
  serve_file(*file);
}

void admin_connection::ask_api(http_query&& query) {
  auto& request = parser_->get();
  const auto keep = request.keep_alive();
  const bool acts = request.method() == http::verb::post;
  auto admitted = server_.admit(bearer(header(http::field::authorization)));
  if (!admitted.who) return do_write(admitted.refusal, keep);
  const auto kind = header(http::field::content_type);
  if (acts && kind.substr(0, kind.find(';')) != "application/json")
    return do_write(refuse(admin_error::bad_request, "send the body as Content-Type: application/json"),
                    keep);
  query.remote = remote_;
  stream_.expires_never();
  server_.ask({std::move(query), std::move(request.body()), std::move(*admitted.who), {}}, acts,
              [self = shared_from_this(), keep](http_answer answer) { self->do_write(answer, keep); });
}

void admin_connection::become_live() {
  if (server_.live_sockets_ >= live_socket::most_sockets)
    return refuse_and_end(admin_error::too_many, "too many consoles are open");
  const auto next = std::make_shared<live_socket>(server_, std::move(stream_), remote_);
  next->accept(parser_->release());
}

void admin_connection::serve_file(const static_file& file) {
  const bool keep = parser_->get().keep_alive();
  const bool small = file.gzip && accepts_gzip(header(http::field::accept_encoding));
  const auto& etag = small ? file.gzip_etag : file.etag;
  const auto& body = small ? file.gzip : file.body;
  const auto known = header(http::field::if_none_match);
  const bool unchanged = !known.empty() && matches_etag(known, etag);
  http_head head{unchanged ? 304U : 200U,
                 unchanged ? std::string_view{} : file.content_type,
                 body->payload().size(),
                 keep,
                 {{"ETag", etag}, {"Cache-Control", file.cache_control}}};
  if (file.gzip) head.headers.emplace_back("Vary", "Accept-Encoding");
  if (small) head.headers.emplace_back("Content-Encoding", "gzip");
  out_.clear();
  append_head(out_, head);
  if (!unchanged && parser_->get().method() != http::verb::head) out_ += body->payload();
  write_out(keep);
}

void admin_connection::do_write(const http_answer& answer, bool keep_alive) {
  http_head head{answer.status, answer.content_type, answer.body.size(), keep_alive, {}};
  if (answer.status >= 400) ++server_.refusals_[answer.status];
  for (const auto& [name, value] : answer.headers) head.headers.emplace_back(name, value);
  head.headers.emplace_back("Cache-Control", "no-store");
  out_.clear();
  append_head(out_, head);
  if (!parser_->is_header_done() || parser_->get().method() != http::verb::head) out_ += answer.body;
  write_out(keep_alive);
}

void admin_connection::write_out(bool keep_alive) {
  ++server_.answers_;
  stream_.expires_after(step_time);
  asio::async_write(stream_, asio::buffer(out_),
                    [self = shared_from_this(), keep_alive](error_code ec, std::size_t) {
                      self->on_written(ec, keep_alive);
                    });
}

void admin_connection::on_written(error_code ec, bool keep_alive) {
  if (ec) return;
  if (keep_alive) return do_read();
  stream_.expires_never();
  stream_.link().finish();
}

}  // namespace tickcast::net::admin
