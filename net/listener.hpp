#pragma once
#include "net/asio.hpp"
#include "net/shard_context.hpp"

namespace tickcast::net {

/// Accepts a shard's connections: its own socket on the common port (SO_REUSEPORT), from which the kernel
/// gives it its share. Every accepted connection becomes an http_session.
///
/// Thread: the shard's, but for the constructor, which runs before the shard does.
class listener {
public:
  /// Binds and listens. Throws std::runtime_error, naming the option the kernel refuses.
  listener(shard_context& context, const tcp::endpoint& endpoint);

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void start();
  /// Takes what the kernel has already accepted for us, which would be reset otherwise, and closes.
  void stop();

private:
  void wait();
  void on_ready();
  /// Accepts at most `most`; false: it must pause (no descriptor or memory left).
  bool accept_some(int most);
  void take(tcp_socket&& socket, const tcp::endpoint& peer);

  shard_context& context_;
  tcp_acceptor acceptor_;
};

}  // namespace tickcast::net
