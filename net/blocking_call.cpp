#include "net/blocking_call.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <exception>

#include "net/tls_transport.hpp"

namespace tickcast::net {

blocking_call::blocking_call(int stop_fd) : stop_(context_) {
  // A copy, because the descriptor object closes what it holds.
  if (stop_fd >= 0)
    if (const int copy = ::dup(stop_fd); copy >= 0) stop_.assign(copy);
}

bool blocking_call::stop_came() {
  if (!stop_.is_open()) return false;
  pollfd stop{stop_.native_handle(), POLLIN, 0};
  return ::poll(&stop, 1, 0) > 0;
}

void blocking_call::watch_stop() {
  if (!stop_.is_open()) return;
  stop_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const error_code& ec) {
    if (!ec) stopped_ = true;
  });
}

void blocking_call::unwatch_stop() {
  error_code ignored;
  if (stop_.is_open()) stop_.cancel(ignored);
}

client_error describe_failure(const error_code& failed, std::string_view doing, const url& to) {
  const auto address = to.authority();
  if (failed == asio::error::interrupted) return {client_error::reason::interrupted, "interrupted"};
  if (failed == asio::error::timed_out)
    return {client_error::reason::timed_out, fmt::format("{} did not answer in time ({})", address, doing)};
  if (failed == websocket::error::message_too_big || failed == http::error::body_limit)
    return {client_error::reason::too_large, fmt::format("{} sent more than is taken", address)};
  if (failed == asio::error::eof || failed == asio::error::connection_reset ||
      failed == asio::error::broken_pipe || failed == http::error::end_of_stream ||
      failed == http::error::partial_message || failed == websocket::error::closed)
    return {client_error::reason::closed, fmt::format("{} closed the connection", address)};
  return {client_error::reason::unreachable,
          fmt::format("cannot {} {}: {}", doing, address, failed.message())};
}

namespace {

client_result<tcp_socket> open_socket(blocking_call& call, const url& to, std::chrono::milliseconds timeout) {
  tcp::resolver resolver(call.context());
  tcp::resolver::results_type found;
  auto failed = call.wait(
      [&](auto done) {
        resolver.async_resolve(to.host, to.port,
                               [&found, done](const error_code& ec, tcp::resolver::results_type all) mutable {
                                 found = std::move(all);
                                 done(ec);
                               });
      },
      [&] { resolver.cancel(); }, timeout);
  if (failed) return tl::unexpected(describe_failure(failed, "find", to));
  tcp_socket socket(call.context().get_executor());
  failed = call.wait([&](auto done) { asio::async_connect(socket, found, done); },
                     [&] {
                       error_code ignored;
                       socket.close(ignored);
                     },
                     timeout);
  if (failed) return tl::unexpected(describe_failure(failed, "connect to", to));
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  return client_result<tcp_socket>(std::move(socket));
}

client_result<transport_stream> open_secure(blocking_call& call, tcp_socket&& socket, const url& to,
                                            const client_options& options) {
  std::unique_ptr<transport> link;
  try {
    link = make_tls_client_transport(std::move(socket), tls_context::client(options.ca), to.host);
  } catch (const std::exception& fault) {
    return tl::unexpected(client_error{client_error::reason::unreachable, fault.what()});
  }
  transport_stream stream(std::move(link));
  const auto failed =
      call.wait([&](auto done) { stream.async_shake_hands(done); }, [&] { stream.close(); }, options.timeout);
  if (!failed) return client_result<transport_stream>(std::move(stream));
  const auto why = stream.link().complaint();
  if (why.empty()) return tl::unexpected(describe_failure(failed, "speak TLS with", to));
  return tl::unexpected(
      client_error{client_error::reason::unreachable,
                   fmt::format("cannot speak TLS with {}: {} (--ca FILE names authorities to trust)",
                               to.authority(), why)});
}

}  // namespace

client_result<transport_stream> open_stream(blocking_call& call, const url& to,
                                            const client_options& options) {
  auto socket = open_socket(call, to, options.timeout);
  if (!socket) return tl::unexpected(std::move(socket.error()));
  if (to.is_secure()) return open_secure(call, std::move(*socket), to, options);
  return client_result<transport_stream>(transport_stream(make_plain_transport(std::move(*socket))));
}

}  // namespace tickcast::net
