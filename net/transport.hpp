#pragma once
#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <string>
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

/// How bytes get through one client's socket, plain or by TLS (net/tls_transport.hpp). Never blocks;
/// readiness is awaited on `socket()`.
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
  /// Hands to the kernel what try_write has taken and the kernel has not: `moved` when nothing is left.
  virtual transfer::status push_out() noexcept { return transfer::status::moved; }
  /// A handshake before the first byte, where there is one: `moved` when it is done. Reading and writing do
  /// it by themselves.
  virtual transfer::status shake_hands() noexcept { return transfer::status::moved; }
  /// Why the handshake failed, for people; empty: it did not.
  virtual std::string complaint() const { return {}; }
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
