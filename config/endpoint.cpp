#include "config/endpoint.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace tickcast::config {
namespace {

constexpr std::size_t longest_ipc_path = 107;  // sockaddr_un::sun_path without its terminating zero

bool is_address(std::string_view host, int family) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(family, std::string(host).c_str(), bytes) == 1;
}

bool is_host_name(std::string_view host) {
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  };
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-' ||
      !std::all_of(host.begin(), host.end(), fits))
    return false;
  // Digits and dots alone are an address or a mistake, never a name.
  return host.find_first_not_of("0123456789.") != std::string_view::npos || is_address(host, AF_INET);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  if (text == "*") return std::uint16_t{0};
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

std::optional<endpoint> parse_tcp(std::string_view rest) {
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_port(rest.substr(colon + 1));
  if (!port) return std::nullopt;
  auto host = rest.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!is_address(host, AF_INET6)) return std::nullopt;
  } else if (host != "*" && !is_host_name(host)) {
    return std::nullopt;
  }
  return endpoint{endpoint::transport::tcp, std::string(host), *port};
}

std::string_view family(const endpoint& e) {
  return e.host.find(':') == std::string::npos ? "4" : "6";
}

// Whether binding `any` takes the port on the address of `other` too. A dual-stack socket takes both
// families.
bool covers(const endpoint& any, const endpoint& other) {
  return any.host == "*" || any.host == "::" || (any.host == "0.0.0.0" && family(other) == "4");
}

std::string canonical(const endpoint& e) {
  return e.host == "localhost" ? "127.0.0.1" : e.host;
}

}  // namespace

bool is_loopback(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host == "localhost" || host == "::1") return true;
  const bool mapped = host.starts_with("::ffff:");
  if (mapped) host.remove_prefix(7);
  return host.starts_with("127.") && is_address(host, AF_INET);
}

bool endpoint::is_local() const {
  return by != transport::tcp || is_loopback(host);
}

std::optional<endpoint> parse_endpoint(std::string_view text) {
  const auto begins = [&](std::string_view scheme) { return text.starts_with(scheme); };
  if (begins("tcp://")) return parse_tcp(text.substr(6));
  if (begins("ipc://")) {
    const auto path = text.substr(6);
    if (path.empty() || path.size() > longest_ipc_path) return std::nullopt;
    return endpoint{endpoint::transport::ipc, std::string(path), 0};
  }
  if (begins("inproc://") && text.size() > 9 && text.size() <= 256)
    return endpoint{endpoint::transport::inproc, std::string(text.substr(9)), 0};
  return std::nullopt;
}

bool collide(const endpoint& a, const endpoint& b) {
  if (a.by != b.by) return false;
  if (a.by != endpoint::transport::tcp) return a.host == b.host;
  if (a.port == 0 || a.port != b.port) return false;
  return canonical(a) == canonical(b) || covers(a, b) || covers(b, a);
}

}  // namespace tickcast::config
