#pragma once
#include <cstdint>
#include <string>

#include "net/asio.hpp"

namespace tickcast::net {

/// One server a port. SO_REUSEPORT, which spreads connections over our shards, would let a second server bind
/// the same port without an error and take half of the clients; this finds it out first.
///
/// Holds a socket in Linux's abstract namespace, named after the port, as long as it lives; the kernel frees
/// it whatever happens to the process.
class listen_lock {
public:
  /// Throws std::runtime_error when another socket listens at `endpoint` or another Tickcast holds the port.
  explicit listen_lock(const tcp::endpoint& endpoint);
  listen_lock(const listen_lock&) = delete;
  listen_lock& operator=(const listen_lock&) = delete;
  ~listen_lock();

  /// The endpoint to bind: as asked for, with a port of the kernel's choice where it was 0.
  const tcp::endpoint& endpoint() const noexcept { return endpoint_; }

private:
  tcp::endpoint endpoint_;
  int lock_ = -1;
};

}  // namespace tickcast::net
