#pragma once
#include <string>
#include <string_view>
#include <vector>
#include <zmq.hpp>

namespace tickcast::feeds {

/// CURVE keys of one socket, each 40 characters of Z85 (https://rfc.zeromq.org/spec/32). The side that binds
/// is the CURVE server, the side that connects is the client.
struct curve_keys {
  std::string secret;  ///< our own; empty: no CURVE
  std::string own;     ///< our public key; filled in by check_curve when it is left out
  std::string server;  ///< clients only: the other side's public key
  /// Servers only: the public keys that may connect. Empty: every client that knows our public key.
  std::vector<std::string> allowed;

  bool enabled() const noexcept { return !secret.empty() || !server.empty() || !own.empty(); }
};

/// One key from a file: the bare 40 characters, or a ZeroMQ certificate (`public-key = "…"`, `secret-key =
/// "…"`, as Python's zmq.auth.create_certificates writes it), of which `name` (`secret-key`) is taken. Throws
/// feed_error that names the file.
std::string read_key_file(const std::string& path, std::string_view name);

/// Checks that `keys` are whole and fit together, and derives the own public key from the secret one.
/// `binds`: the socket is the CURVE server. `who` begins the sentence of the feed_error it throws.
curve_keys check_curve(curve_keys keys, bool binds, std::string_view who);

/// Gives `keys`, as check_curve returned them, to a socket that binds (the server) or connects. Before it
/// does.
void apply_curve(zmq::socket_t& socket, const curve_keys& keys, bool binds);

}  // namespace tickcast::feeds
