#include "net/blocking_call.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>

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

client_result<void> open_socket(blocking_call& call, tcp::socket& socket, const url& to,
                                std::chrono::milliseconds timeout) {
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
  failed = call.wait([&](auto done) { asio::async_connect(socket, found, done); },
                     [&] {
                       error_code ignored;
                       socket.close(ignored);
                     },
                     timeout);
  if (failed) return tl::unexpected(describe_failure(failed, "connect to", to));
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  return {};
}

}  // namespace tickcast::net
