#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tickcast::config {

/// A ZeroMQ endpoint taken apart: `tcp://host:port`, `ipc://path` or `inproc://name`.
struct endpoint {
  enum class transport : std::uint8_t { tcp, ipc, inproc };
  transport by = transport::tcp;
  std::string host;  ///< tcp: name, address (IPv6 without brackets), interface or `*`; else path or name
  std::uint16_t port = 0;  ///< tcp; 0: any free one (`*` or 0), only where we bind

  /// Whether only this machine can reach it: loopback addresses and `localhost`, ipc, inproc. Other host
  /// names count as outside, whatever they resolve to today.
  bool is_local() const;
};

/// Nothing when `text` is no endpoint of these.
std::optional<endpoint> parse_endpoint(std::string_view text);

/// Whether an IP address (brackets allowed) or host name stands for this machine alone.
bool is_loopback(std::string_view host);

/// Whether both cannot be bound at once: same port, and same host or one of them every host.
bool collide(const endpoint& a, const endpoint& b);

}  // namespace tickcast::config
