#include "net/websocket_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "net/blocking_call.hpp"

namespace tickcast::net {
namespace {

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failed == std::errc{} && end == text.data() + text.size() && port != 0;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return std::isgraph(static_cast<unsigned char>(c)) != 0; });
}

// Splits `host:port`, `[v6]:port`, or a host alone.
bool split_authority(std::string_view authority, url& into) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return false;
    into.host = std::string(authority.substr(1, end - 1));
    port = authority.substr(end + 1);
  } else {
    const auto colon = authority.find(':');
    into.host = std::string(authority.substr(0, colon));
    port = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
  }
  if (!port.empty()) {
    if (!port.starts_with(':') || !is_port(port.substr(1))) return false;
    into.port = std::string(port.substr(1));
  }
  return !into.host.empty() && into.host.find('@') == std::string::npos;
}

}  // namespace

std::string url::authority() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

client_result<url> parse_url(std::string_view text, std::string_view scheme) {
  const auto bad = [&](std::string_view why) {
    return tl::unexpected(client_error{client_error::reason::bad_url, fmt::format("{}: {}", text, why)});
  };
  const auto separator = text.find("://");
  if (separator == std::string_view::npos)
    return bad(fmt::format("not an address; write {}://host:port/path", scheme));
  const auto given = text.substr(0, separator);
  const bool secure = given.ends_with('s') && given.substr(0, given.size() - 1) == scheme;
  if (given != scheme && !secure) return bad(fmt::format("only {0}:// and {0}s:// are spoken here", scheme));
  if (!is_printable(text)) return bad("an address has no blanks and only ASCII");
  const auto rest = text.substr(separator + 3, text.find('#') - separator - 3);
  const auto path = rest.find_first_of("/?");
  url parsed{std::string(given), {}, secure ? "443" : "80", "/"};
  if (!split_authority(rest.substr(0, path), parsed))
    return bad(fmt::format("not an address; write {}://host:port/path", scheme));
  if (path != std::string_view::npos)
    parsed.target = (rest[path] == '?' ? "/" : "") + std::string(rest.substr(path));
  return parsed;
}

struct websocket_client::connection {
  connection(url to, const client_options& with)
      : address(std::move(to)), options(with), call(with.stop_fd) {}

  template <class Start>
  client_result<void> wait(Start&& start, std::string_view doing, std::chrono::milliseconds timeout) {
    const auto failed = call.wait(
        std::forward<Start>(start), [this] { drop(); }, timeout);
    if (!failed) return {};
    auto told = describe_failure(failed, doing, address);
    if (told.why == client_error::reason::closed) {
      const auto& goodbye = stream->reason();
      told.close_code =
          failed == websocket::error::closed ? static_cast<std::uint16_t>(goodbye.code) : std::uint16_t{0};
      if (told.close_code != 0 && !goodbye.reason.empty())
        told.message += fmt::format(" ({} {})", told.close_code,
                                    std::string_view(goodbye.reason.data(), goodbye.reason.size()));
    }
    return tl::unexpected(std::move(told));
  }

  void drop() { stream->next_layer().close(); }

  url address;
  client_options options;
  blocking_call call;
  std::optional<websocket::stream<transport_stream>> stream;  // there once it is connected
  beast::flat_buffer buffer;
};

websocket_client::websocket_client(std::unique_ptr<connection> open) : connection_(std::move(open)) {}
websocket_client::websocket_client(websocket_client&&) noexcept = default;
websocket_client& websocket_client::operator=(websocket_client&&) noexcept = default;
websocket_client::~websocket_client() = default;

client_result<websocket_client> websocket_client::connect(std::string_view address,
                                                          std::string_view subprotocol,
                                                          const client_options& options) {
  const auto to = parse_url(address, "ws");
  if (!to) return tl::unexpected(to.error());
  auto made = std::make_unique<connection>(*to, options);
  auto opened = open_stream(made->call, *to, options);
  if (!opened) return tl::unexpected(std::move(opened.error()));
  auto& stream = made->stream.emplace(std::move(*opened));
  stream.read_message_max(options.largest_message);
  stream.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
    request.set(http::field::user_agent, "tickcast");
    if (!subprotocol.empty())
      request.set(http::field::sec_websocket_protocol,
                  beast::string_view(subprotocol.data(), subprotocol.size()));
  }));
  websocket::response_type answer;
  const auto shaken =
      made->wait([&](auto done) { stream.async_handshake(answer, to->authority(), to->target, done); },
                 "open a WebSocket at", options.timeout);
  if (shaken) return websocket_client(std::move(made));
  auto failed = shaken.error();
  if (answer.result_int() >= 300) {
    failed.why = client_error::reason::refused;
    failed.message =
        fmt::format("{} answered {} {}", address, answer.result_int(), std::string(answer.reason()));
  }
  return tl::unexpected(std::move(failed));
}

client_result<void> websocket_client::send(std::string_view text) {
  auto& stream = *connection_->stream;
  stream.text(true);
  return connection_->wait(
      [&](auto done) { stream.async_write(asio::buffer(text.data(), text.size()), done); }, "send to",
      connection_->options.timeout);
}

client_result<std::string> websocket_client::receive(std::chrono::milliseconds timeout) {
  auto& buffer = connection_->buffer;
  const auto got = connection_->wait([&](auto done) { connection_->stream->async_read(buffer, done); },
                                     "hear from", timeout);
  if (!got) return tl::unexpected(got.error());
  std::string message(static_cast<const char*>(buffer.data().data()), buffer.size());
  buffer.consume(buffer.size());
  return message;
}

void websocket_client::close() noexcept {
  try {
    if (!connection_ || !connection_->stream->next_layer().is_open()) return;
    (void)connection_->wait(
        [&](auto done) { connection_->stream->async_close(websocket::close_code::normal, done); }, "close",
        std::chrono::seconds(1));
  } catch (...) {
    connection_->drop();
  }
}

namespace {

// One request on a connection of its own.
client_result<http_reply> ask(std::string_view address, http::verb method, std::string_view body,
                              const client_options& options) {
  const auto to = parse_url(address, "http");
  if (!to) return tl::unexpected(to.error());
  blocking_call call(options.stop_fd);
  auto stream = open_stream(call, *to, options);
  if (!stream) return tl::unexpected(std::move(stream.error()));
  const auto drop = [&] { stream->close(); };
  http::request<http::string_body> request(method, to->target, 11);
  request.set(http::field::host, to->authority());
  request.set(http::field::user_agent, "tickcast");
  request.set(http::field::accept, "application/json");
  request.set(http::field::connection, "close");
  if (!options.token.empty()) request.set(http::field::authorization, "Bearer " + options.token);
  if (method == http::verb::post) {
    request.set(http::field::content_type, "application/json");
    request.body() = body;
    request.prepare_payload();
  }
  if (const auto failed =
          call.wait([&](auto done) { http::async_write(*stream, request, done); }, drop, options.timeout))
    return tl::unexpected(describe_failure(failed, "send to", *to));
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(options.largest_message);
  if (const auto failed = call.wait([&](auto done) { http::async_read(*stream, buffer, parser, done); }, drop,
                                    options.timeout))
    return tl::unexpected(describe_failure(failed, "hear from", *to));
  auto& answer = parser.get();
  return http_reply{answer.result_int(), std::string(answer[http::field::content_type]),
                    std::move(answer.body())};
}

}  // namespace

client_result<http_reply> http_get(std::string_view address, const client_options& options) {
  return ask(address, http::verb::get, {}, options);
}

client_result<http_reply> http_post(std::string_view address, std::string_view json,
                                    const client_options& options) {
  return ask(address, http::verb::post, json, options);
}

}  // namespace tickcast::net
