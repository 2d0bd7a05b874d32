#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "net/asio.hpp"

namespace tickcast::net {

/// Proxies whose X-Forwarded-For is believed: addresses or networks ("10.0.0.0/8", "::1").
class trusted_proxies {
public:
  trusted_proxies() = default;
  /// Throws std::runtime_error naming the entry that is neither address nor network.
  explicit trusted_proxies(const std::vector<std::string>& entries);

  bool empty() const noexcept { return networks_.empty(); }
  bool trusts(const asio::ip::address& address) const;
  /// Who the client is, "address:port": the peer itself, or what the nearest trusted proxies forward, read
  /// from the right until an address that is not trusted (then without a port).
  std::string client_of(const tcp::endpoint& peer, std::string_view forwarded_for) const;

private:
  struct network {
    asio::ip::address base;
    unsigned prefix;
  };
  std::vector<network> networks_;
};

std::string to_string(const tcp::endpoint& endpoint);

/// Whose connection it is.
struct caller {
  tcp::endpoint client;   ///< the peer, or whom its PROXY header names
  bool by_proxy = false;  ///< the peer is one of listen.trusted_proxies
};

}  // namespace tickcast::net
