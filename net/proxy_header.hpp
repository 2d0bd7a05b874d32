#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/asio.hpp"

namespace tickcast::net {

/// The header by which a proxy says whose connection it passes on, version 1 or 2
/// (https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt). Takes bytes as they come and never one that
/// belongs to what follows.
class proxy_header {
public:
  /// Longest header of version 2 that is taken: addresses, and some room for what proxies add to them.
  static constexpr std::size_t longest = 1024;

  enum class state : std::uint8_t { more, done, malformed };
  struct progress {
    state what;
    std::size_t taken;  ///< of the bytes that were shown
  };

  /// Shows the bytes that are there, beginning with the first that was not taken yet.
  progress take(std::string_view bytes);
  /// When done: who the client is; nullopt: the proxy speaks for itself (a health check), or does not know.
  const std::optional<tcp::endpoint>& client() const noexcept { return client_; }

private:
  progress take_line(std::string_view bytes);
  progress take_binary(std::string_view bytes);
  bool read_line();
  bool read_binary();

  std::string held_;
  std::optional<tcp::endpoint> client_;
};

}  // namespace tickcast::net
