#include "net/transport.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace tickcast::net {
namespace {

class plain_transport final : public transport {
public:
  using transport::transport;

  transfer try_write(const iovec* buffers, int count) noexcept override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(buffers);
    message.msg_iovlen = static_cast<std::size_t>(count);
    const int fd = socket().native_handle();
    for (;;) {
      // One frame alone is what a client gets most of the time, and send() has less to copy and check.
      const auto moved = count == 1
                             ? ::send(fd, buffers->iov_base, buffers->iov_len, MSG_NOSIGNAL | MSG_DONTWAIT)
                             : ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (moved > 0) return {transfer::status::moved, static_cast<std::size_t>(moved)};
      if (moved < 0 && errno == EINTR) continue;
      if (moved < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {transfer::status::want_write, 0};
      return {transfer::status::failed, 0};
    }
  }

  transfer try_read(const iovec* buffers, int count) noexcept override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(buffers);
    message.msg_iovlen = static_cast<std::size_t>(count);
    for (;;) {
      const auto moved = ::recvmsg(socket().native_handle(), &message, MSG_DONTWAIT);
      if (moved > 0) return {transfer::status::moved, static_cast<std::size_t>(moved)};
      if (moved == 0) return {transfer::status::ended, 0};
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return {transfer::status::want_read, 0};
      return {transfer::status::failed, 0};
    }
  }
};

}  // namespace

void transport::finish() noexcept {
  error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_send, ignored);
}

void transport::abort() noexcept {
  if (!socket_.is_open()) return;
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

std::unique_ptr<transport> make_plain_transport(tcp_socket&& socket) {
  return std::make_unique<plain_transport>(std::move(socket));
}

std::int64_t transport::round_trip_us() noexcept {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (!socket_.is_open() || ::getsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
    return -1;
  return info.tcpi_rtt;
}

}  // namespace tickcast::net
