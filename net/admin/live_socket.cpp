#include "net/admin/live_socket.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace tickcast::net::admin {
namespace {

constexpr std::size_t largest_message = 16 * 1024;
/// Replies that may wait; a client that asks without reading is cut off.
constexpr std::size_t most_waiting = 64;
/// A console that hears nothing for some of these takes what it shows for old.
constexpr std::chrono::seconds ping_interval{2};
constexpr std::uint16_t invalid_token = 3500;
constexpr std::uint16_t bad_request = 3501;

/// An answer without the moment it was made, which always differs.
std::string_view without_time(std::string_view body) {
  constexpr std::string_view begin = "{\"at\":";
  if (body.substr(0, begin.size()) != begin) return body;
  return body.substr(std::min(body.find(','), body.size()));
}

}  // namespace

live_socket::live_socket(admin_server& server, transport_stream&& stream, std::string remote)
    : server_(server),
      stream_(std::move(stream)),
      remote_(std::move(remote)),
      pinger_(server.context().get_executor()) {
  ++server_.live_sockets_;
}

live_socket::~live_socket() {
  --server_.live_sockets_;
}

void live_socket::accept(http::request<http::string_body>&& request) {
  request_ = std::move(request);
  stream_.next_layer().expires_never();
  stream_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
  stream_.read_message_max(largest_message);
  stream_.text(true);
  stream_.async_accept(request_, [self = shared_from_this()](error_code ec) { self->on_accept(ec); });
}

void live_socket::on_accept(error_code ec) {
  if (ec) return end();
  ping();
  read();
}

void live_socket::read() {
  stream_.async_read(buffer_, [self = shared_from_this()](error_code ec, std::size_t) { self->on_read(ec); });
}

void live_socket::on_read(error_code ec) {
  if (ec) return end();
  const auto data = buffer_.cdata();
  const auto* begin = static_cast<const char*>(data.data());
  const auto message = nlohmann::json::parse(begin, begin + data.size(), nullptr, false);
  buffer_.consume(buffer_.size());
  if (!message.is_object()) return close(bad_request, "not a JSON object");
  on_message(message);
  if (!ended_) read();
}

void live_socket::on_message(const nlohmann::json& message) {
  const auto word = [&](const char* name) {
    const auto found = message.find(name);
    return found != message.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto number = message.find("id");
  const auto id = number != message.end() && number->is_number_unsigned() ? number->get<std::uint64_t>() : 0;
  const auto found = message.find("data");
  const auto data = found != message.end() && found->is_object() ? *found : nlohmann::json::object();
  const auto type = word("type");
  if (type == "connect") return on_connect(data);
  if (token_.empty()) return close(invalid_token, "send connect with a token first");
  if (type == "watch") return on_watch(id, data);
  if (type == "unwatch") {
    watches_.erase(id);
    return;
  }
  if (type == "pong") return;
  refuse_message(id, "bad_request", "there is no message of type \"" + type + "\"");
}

void live_socket::on_connect(const nlohmann::json& data) {
  const auto given = data.find("token");
  auto token = given != data.end() && given->is_string() ? given->get<std::string>() : std::string();
  const auto admitted = server_.admit(token);
  if (!admitted.who) {
    send_reply(fmt::format(R"({{"type":"error","data":{}}})",
                           nlohmann::json::parse(admitted.refusal.body)["error"].dump()));
    return close(invalid_token, "this token is none");
  }
  token_ = std::move(token);
  send_reply(nlohmann::json{{"type", "reply"},
                            {"data", {{"name", admitted.who->name}, {"role", to_string(admitted.who->may)}}}}
                 .dump());
}

void live_socket::on_watch(std::uint64_t id, const nlohmann::json& data) {
  const auto path = data.find("path");
  if (path == data.end() || !path->is_string())
    return refuse_message(id, "bad_request", "watch needs a path");
  if (!watches_.contains(id) && watches_.size() >= most_watches)
    return refuse_message(id, "too_many", "a socket may watch 16 views");
  if (http_query parsed; !parse_target(path->get_ref<const std::string&>(), parsed))
    return refuse_message(id, "bad_request", "the path is malformed");
  const auto every = data.find("every_ms");
  const auto ms = every != data.end() && every->is_number_integer() ? every->get<std::int64_t>() : 1000;
  auto mine = std::make_unique<watch>(server_.context().get_executor());
  mine->target = path->get<std::string>();
  mine->number = ++last_watch_;
  mine->every = std::chrono::milliseconds(std::clamp<std::int64_t>(ms, shortest_ms, 3'600'000));
  watches_[id] = std::move(mine);
  look(id);
}

void live_socket::look(std::uint64_t id) {
  const auto found = watches_.find(id);
  if (ended_ || found == watches_.end()) return;
  // A token that was taken back ends what it opened.
  auto admitted = server_.admit(token_);
  if (!admitted.who) return close(invalid_token, "this token is none any more");
  admin_request request;
  parse_target(found->second->target, request.query);
  request.query.remote = remote_;
  request.who = std::move(*admitted.who);
  server_.ask(std::move(request), false,
              [weak = weak_from_this(), id, number = found->second->number](http_answer answer) {
                if (const auto self = weak.lock()) self->show(id, number, answer);
              });
}

void live_socket::show(std::uint64_t id, std::uint64_t number, const http_answer& answer) {
  const auto found = watches_.find(id);
  // The answer to a watch whose place another has taken is nobody's.
  if (ended_ || found == watches_.end() || found->second->number != number) return;
  auto& mine = *found->second;
  const auto text = fmt::format("{}{}", answer.status, without_time(answer.body));
  if (text != mine.last && send_view(fmt::format(R"({{"type":"view","id":{},"status":{},"data":{}}})", id,
                                                 answer.status, answer.body)))
    mine.last = text;
  look_later(id);
}

void live_socket::look_later(std::uint64_t id) {
  auto& mine = *watches_.at(id);
  mine.timer.expires_after(mine.every);
  mine.timer.async_wait([weak = weak_from_this(), id](error_code ec) {
    const auto self = weak.lock();
    if (self && !ec) self->look(id);
  });
}

void live_socket::refuse_message(std::uint64_t id, std::string_view code, std::string_view what) {
  send_reply(
      nlohmann::json{{"type", "error"}, {"id", id}, {"data", {{"code", code}, {"message", what}}}}.dump(
          -1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void live_socket::ping() {
  pinger_.expires_after(ping_interval);
  pinger_.async_wait([weak = weak_from_this()](error_code ec) {
    const auto self = weak.lock();
    if (!self || ec || self->ended_) return;
    self->send_view(R"({"type":"ping"})");
    self->ping();
  });
}

bool live_socket::send_view(std::string text) {
  if (ended_) return false;
  if (!out_.empty()) {
    ++server_.views_skipped_;
    return false;
  }
  out_.push_back(std::move(text));
  write_next();
  return true;
}

void live_socket::send_reply(std::string text) {
  if (ended_) return;
  if (out_.size() >= most_waiting) return end();
  out_.push_back(std::move(text));
  if (out_.size() == 1) write_next();
}

void live_socket::write_next() {
  stream_.async_write(asio::buffer(out_.front()), [self = shared_from_this()](error_code ec, std::size_t) {
    if (ec) return self->end();
    if (self->ended_) return;
    self->out_.pop_front();
    if (!self->out_.empty()) self->write_next();
  });
}

void live_socket::close(std::uint16_t code, const std::string& reason) {
  if (std::exchange(ended_, true)) return;
  watches_.clear();
  pinger_.cancel();
  // Beast sends it after the message that is on its way.
  stream_.async_close({static_cast<websocket::close_code>(code), reason},
                      [self = shared_from_this()](error_code) {});
}

void live_socket::end() {
  ended_ = true;
  watches_.clear();
  pinger_.cancel();
  stream_.next_layer().close();
}

}  // namespace tickcast::net::admin
