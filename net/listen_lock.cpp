#include "net/listen_lock.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "net/remote_address.hpp"

namespace tickcast::net {
namespace {

std::runtime_error in_use(const tcp::endpoint& endpoint) {
  return std::runtime_error(
      fmt::format("{} is in use by another program; stop it or set listen.port", to_string(endpoint)));
}

/// Binds without SO_REUSEPORT, which fails when anybody listens there; SO_REUSEADDR passes over connections
/// of an earlier server that the kernel still remembers.
tcp::endpoint probe(const tcp::endpoint& wanted) {
  asio::io_context context;
  tcp_acceptor acceptor(context.get_executor());
  error_code ec;
  acceptor.open(wanted.protocol(), ec);
  if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor.bind(wanted, ec);
  if (ec == asio::error::address_in_use) throw in_use(wanted);
  if (ec) throw std::runtime_error(fmt::format("cannot listen at {}: {}", to_string(wanted), ec.message()));
  return acceptor.local_endpoint();
}

}  // namespace

listen_lock::listen_lock(const tcp::endpoint& endpoint) : endpoint_(probe(endpoint)) {
  const auto name = fmt::format("tickcast/listen/{}", to_string(endpoint_));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // A leading zero byte makes the name abstract: no file to clean up.
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  lock_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (lock_ < 0) throw std::system_error(errno, std::generic_category(), "lock of the listening port");
  if (::bind(lock_, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    const int why = errno;
    ::close(lock_);
    if (why == EADDRINUSE) throw in_use(endpoint_);
    throw std::system_error(why, std::generic_category(), "lock of the listening port");
  }
}

listen_lock::~listen_lock() {
  ::close(lock_);
}

}  // namespace tickcast::net
