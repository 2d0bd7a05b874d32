#include "net/admin/admin_connection.hpp"

#include <spdlog/spdlog.h>

#include <exception>

#include "net/http_head.hpp"
#include "net/remote_address.hpp"

namespace tickcast::net::admin {
namespace {

constexpr std::uint32_t largest_head = 8 * 1024;
/// For a request to come, whole, or an answer to be taken.
constexpr std::chrono::seconds step_time{30};

std::string_view as_view(beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

admin_connection::admin_connection(admin_server& server, tcp_socket&& socket)
    : server_(server), stream_(std::move(socket)), buffer_(2 * largest_head) {
  ++server_.open_;
}

admin_connection::~admin_connection() {
  --server_.open_;
}

void admin_connection::do_read() {
  parser_.emplace();
  parser_->header_limit(largest_head);
  parser_->body_limit(0);
  stream_.expires_after(step_time);
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](error_code ec, std::size_t) { self->on_read(ec); });
}

void admin_connection::on_read(error_code ec) {
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
    return do_write(http_refusal(431, "the request's head is too long"), false);
  if (ec == http::error::body_limit) return do_write(http_refusal(413, "a request here has no body"), false);
  if (ec == http::error::end_of_stream || ec == http::error::partial_message) return;
  if (ec && ec.category() == http::make_error_code(http::error::bad_method).category())
    return do_write(http_refusal(400, "this is no HTTP request: " + ec.message()), false);
  if (ec) return;
  do_write(answer_request(), parser_->get().keep_alive());
}

http_answer admin_connection::answer_request() {
  const auto& request = parser_->get();
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    auto refusal = http_refusal(405, "only GET and HEAD are served here");
    refusal.headers.emplace_back("Allow", "GET, HEAD");
    return refusal;
  }
  http_query query;
  if (!parse_target(as_view(request.target()), query)) return http_refusal(400, "the path is malformed");
  query.method = as_view(request.method_string());
  query.authorization = as_view(request[http::field::authorization]);
  error_code ec;
  const auto peer = stream_.socket().remote_endpoint(ec);
  if (!ec) query.remote = to_string(peer);
  try {
    return server_.answer(query, as_view(request[http::field::host]));
  } catch (const std::exception& bug) {
    spdlog::error("admin: the handler of {} threw: {}", query.path, bug.what());
    return http_refusal(500, "the request could not be answered; the server's log says why");
  }
}

void admin_connection::do_write(const http_answer& answer, bool keep_alive) {
  http_head head{answer.status, answer.content_type, answer.body.size(), keep_alive, {}};
  for (const auto& [name, value] : answer.headers) head.headers.emplace_back(name, value);
  head.headers.emplace_back("Cache-Control", "no-store");
  out_.clear();
  append_head(out_, head);
  if (!parser_->is_header_done() || parser_->get().method() != http::verb::head) out_ += answer.body;
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
  error_code ignored;
  stream_.socket().shutdown(tcp_socket::shutdown_both, ignored);
}

}  // namespace tickcast::net::admin
