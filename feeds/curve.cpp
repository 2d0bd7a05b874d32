#include "feeds/curve.hpp"

#include <fmt/format.h>
#include <zmq.h>

#include <array>
#include <cstdint>
#include <fstream>

#include "feeds/source.hpp"

namespace tickcast::feeds {
namespace {

constexpr std::size_t z85_chars = 40;
constexpr std::string_view blanks = " \t\r\n";

bool is_key(const std::string& text) {
  std::array<std::uint8_t, 32> bytes{};
  return text.size() == z85_chars && zmq_z85_decode(bytes.data(), text.c_str()) != nullptr;
}

void require_key(const std::string& text, std::string_view who, std::string_view which) {
  if (is_key(text)) return;
  throw feed_error(
      fmt::format("{}: the CURVE {} is no key: it has {} characters, where a key is 40 characters of Z85 "
                  "(docs/feeds.md tells how to make one)",
                  who, which, text.size()));
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The value of `name = "value"`, if the line is that.
std::string_view certificate_value(std::string_view line, std::string_view name) {
  if (line.substr(0, name.size()) != name) return {};
  const auto open = line.find('"');
  const auto close = line.rfind('"');
  if (open == std::string_view::npos || close <= open) return {};
  return line.substr(open + 1, close - open - 1);
}

}  // namespace

std::string read_key_file(const std::string& path, std::string_view name) {
  std::ifstream file(path);
  if (!file)
    throw feed_error(
        fmt::format("cannot read the CURVE key file {}: check the path and its permissions", path));
  for (std::string line; std::getline(file, line);) {
    const std::string bare{trimmed(line)};
    if (is_key(bare)) return bare;
    if (const auto value = certificate_value(bare, name); !value.empty()) return std::string(value);
  }
  throw feed_error(fmt::format(
      "the CURVE key file {} holds neither a Z85 key of 40 characters on a line of its own nor `{} = \"…\"`",
      path, name));
}

curve_keys check_curve(curve_keys keys, bool binds, std::string_view who) {
  if (!keys.enabled()) {
    if (keys.allowed.empty()) return keys;
    throw feed_error(fmt::format("{}: a list of allowed CURVE keys needs a CURVE secret key beside it", who));
  }
  if (zmq_has("curve") == 0) throw feed_error(fmt::format("{}: this libzmq was built without CURVE", who));
  require_key(keys.secret, who, "secret key");

  std::array<char, z85_chars + 1> derived{};
  if (zmq_curve_public(derived.data(), keys.secret.c_str()) != 0) {
    throw feed_error(fmt::format("{}: no public key belongs to the CURVE secret key", who));
  }
  if (keys.own.empty()) keys.own = derived.data();
  if (keys.own != derived.data()) {
    throw feed_error(
        fmt::format("{}: the CURVE public key is not the secret key's; its own is {}", who, derived.data()));
  }

  if (binds) {
    if (!keys.server.empty()) {
      throw feed_error(fmt::format(
          "{}: a socket that binds is the CURVE server and takes no server key, only its secret key", who));
    }
    for (const auto& key : keys.allowed) require_key(key, who, "allowed key");
  } else {
    require_key(keys.server, who, "server key");
    if (!keys.allowed.empty()) {
      throw feed_error(
          fmt::format("{}: only a socket that binds can have a list of allowed CURVE keys", who));
    }
  }
  return keys;
}

void apply_curve(zmq::socket_t& socket, const curve_keys& keys, bool binds) {
  if (!keys.enabled()) return;
  socket.set(zmq::sockopt::curve_secretkey, keys.secret);
  if (binds) {
    socket.set(zmq::sockopt::curve_server, true);
  } else {
    socket.set(zmq::sockopt::curve_publickey, keys.own);
    socket.set(zmq::sockopt::curve_serverkey, keys.server);
  }
}

}  // namespace tickcast::feeds
