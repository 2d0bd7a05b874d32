#include "feeds/zmq_endpoint.hpp"

#include <fmt/format.h>
#include <zmq.h>

#include <cerrno>

#include "feeds/source.hpp"

namespace tickcast::feeds {
namespace {

bool is_ipv4(std::string_view endpoint) {
  constexpr std::string_view tcp = "tcp://";
  if (endpoint.substr(0, tcp.size()) != tcp) return false;
  const auto host = endpoint.substr(tcp.size(), endpoint.rfind(':') - tcp.size());
  return !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string advice(int error) {
  switch (error) {
    case EADDRINUSE:
      return "another program, or another section of the configuration, holds this port";
    case EADDRNOTAVAIL:
    case ENODEV:
      return "this machine has no such address";
    case EACCES:
      return "the process may not use this port or path";
    case EINVAL:
    case EPROTONOSUPPORT:
      return "an endpoint looks like tcp://127.0.0.1:5557 or ipc:///run/feed.sock";
    default:
      return "check the endpoint";
  }
}

}  // namespace

void attach_socket(zmq::socket_t& socket, const std::string& endpoint, bool bind, std::string_view who) {
  // With IPv6 on, libzmq reports an IPv4 address as ::ffff:127.0.0.1; it is off where nobody needs it.
  socket.set(zmq::sockopt::ipv6, !is_ipv4(endpoint));
  const int failed =
      bind ? zmq_bind(socket.handle(), endpoint.c_str()) : zmq_connect(socket.handle(), endpoint.c_str());
  if (failed == 0) return;
  const int error = zmq_errno();
  throw feed_error(fmt::format("{}: cannot {} {}: {}; {}", who, bind ? "bind" : "connect to", endpoint,
                               zmq_strerror(error), advice(error)));
}

std::string with_any_port(std::string endpoint) {
  if (endpoint.starts_with("tcp://") && endpoint.ends_with(":0")) endpoint.back() = '*';
  return endpoint;
}

}  // namespace tickcast::feeds
