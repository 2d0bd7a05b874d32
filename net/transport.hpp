#pragma once
#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <utility>

#include "net/asio.hpp"

namespace tickcast::net {

/// What a try to move bytes came to.
struct transfer {
  enum class status : unsigned char {
    moved,       ///< `bytes` were moved, at least one
    want_read,   ///< nothing moved: try again when the socket is readable
    want_write,  ///< nothing moved: try again when the socket is writable
    ended,       ///< reading: the peer sends nothing more
    failed,      ///< the connection is gone
  };
  status what = status::failed;
  std::size_t bytes = 0;
};

/// How bytes get through one client's socket. Never blocks; readiness is awaited on `socket()`.
///
/// Plain text is the only kind so far. TLS is to stand beside it as a second subclass over the same socket:
/// `SSL_set_fd(ssl, socket().native_handle())` with SSL_MODE_RELEASE_BUFFERS, SSL_MODE_ENABLE_PARTIAL_WRITE
/// and SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER; try_read and try_write become SSL_read and SSL_write (which
/// answer SSL_ERROR_WANT_READ and WANT_WRITE: hence the two `want_`), `has_pending` is SSL_pending() > 0, and
/// finish() sends close_notify before it shuts the socket's sending side. Nothing above this class would
/// change.
///
/// Thread: the shard's.
class transport {
public:
  explicit transport(tcp_socket&& socket) : socket_(std::move(socket)) {}
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  virtual ~transport() = default;

  virtual transfer try_write(const iovec* buffers, int count) noexcept = 0;
  virtual transfer try_read(const iovec* buffers, int count) noexcept = 0;
  /// Whether try_read would give bytes although the socket is not readable.
  virtual bool has_pending() const noexcept { return false; }
  /// Says that we send nothing more; reading goes on.
  virtual void finish() noexcept;

  /// Closes at once and throws away what the kernel still holds for a peer that does not read (RST).
  void abort() noexcept;
  /// The kernel's smoothed round-trip time (TCP_INFO), µs; -1 when it has none.
  std::int64_t round_trip_us() noexcept;
  bool is_open() const noexcept { return socket_.is_open(); }
  tcp_socket& socket() noexcept { return socket_; }

  /// Calls `handler(error_code)` when what `status` asks for has come.
  template <class Handler>
  void async_wait(transfer::status status, Handler&& handler) {
    socket_.async_wait(
        status == transfer::status::want_write ? tcp_socket::wait_write : tcp_socket::wait_read,
        std::forward<Handler>(handler));
  }

private:
  tcp_socket socket_;
};

/// Bytes as they are. Takes a non-blocking socket.
std::unique_ptr<transport> make_plain_transport(tcp_socket&& socket);

}  // namespace tickcast::net
