#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "net/tls_context.hpp"
#include "net/tls_failure.hpp"
#include "net/transport.hpp"

namespace tickcast::net {

/// Told what becomes of handshakes, and asked when one may go on. Outlives the transports it watches. Thread:
/// theirs.
class tls_watcher {
public:
  /// Whether a handshake may take a step now. False: it tries again in the next turn.
  virtual bool may_work() = 0;
  /// A step took so long.
  virtual void worked(std::chrono::nanoseconds time) = 0;
  virtual void shaken(bool resumed) = 0;
  virtual void failed(tls_failure why) = 0;

protected:
  ~tls_watcher() = default;
};

/// TLS over a non-blocking socket, as the server; the handshake happens in the first reads. `watcher` may be
/// null.
std::unique_ptr<transport> make_tls_transport(tcp_socket&& socket, tls_context_ptr context,
                                              tls_watcher* watcher);

/// The same as the client: `host`, a name or an address, must be what the certificate is for.
std::unique_ptr<transport> make_tls_client_transport(tcp_socket&& socket, tls_context_ptr context,
                                                     const std::string& host);

}  // namespace tickcast::net
