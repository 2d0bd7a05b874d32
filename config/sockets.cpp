#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "config/endpoint.hpp"
#include "config/relations.hpp"
#include "config/value.hpp"

namespace tickcast::config {
namespace {

struct bound_socket {
  std::string key;
  std::string text;
  endpoint at;
};

// Every socket that will be bound, in the order in which they are described.
class bound_sockets {
public:
  explicit bound_sockets(findings& found) : found_(found) {}

  void add(const std::string& key, const std::string& text, const endpoint& at) {
    for (const auto& other : all_)
      if (collide(other.at, at)) {
        const auto owner =
            other.key == key ? std::string("twice here") : fmt::format("by {} ({})", other.key, other.text);
        found_.blame_at(key, text, fmt::format("is bound {}; two sockets cannot share it", owner));
        break;
      }
    all_.push_back({key, text, at});
  }

private:
  findings& found_;
  std::vector<bound_socket> all_;
};

constexpr std::string_view curve_how =
    "CURVE keys for this socket (docs/configuration.md, \"Beyond loopback\"), or an address of this machine";

// `path` stands before the keys curve_…; `socket_key` is blamed for what is missing altogether.
void check_curve(const curve_keys& keys, const std::string& path, const std::string& socket_key, bool binds,
                 bool is_open, findings& found) {
  const auto at = [&](std::string_view key) { return fmt::format("{}.{}", path, key); };
  if (!keys.curve_secret_key.empty() && !keys.curve_secret_key_file.empty())
    found.blame_at(at("curve_secret_key_file"), {}, "the secret key is given twice",
                   "curve_secret_key or curve_secret_key_file");
  if (binds && !keys.curve_server_key.empty())
    found.blame_at(at("curve_server_key"), {}, "is for sockets that connect; this one binds",
                   "curve_client_keys");
  if (!binds && !keys.curve_client_keys.empty())
    found.blame_at(at("curve_client_keys"), {}, "is for sockets that bind; this one connects",
                   "curve_server_key");
  const bool any = keys.enabled() || !keys.curve_public_key.empty() || !keys.curve_client_keys.empty();
  const bool whole =
      keys.has_secret() && !(binds ? keys.curve_client_keys.empty() : keys.curve_server_key.empty());
  const auto needed = fmt::format("curve_secret_key or curve_secret_key_file, and {}",
                                  binds ? "curve_client_keys" : "curve_server_key");
  if (any && !whole)
    found.blame_at(socket_key, {}, fmt::format("its CURVE keys are not complete; it needs {}", needed));
  if (!any && is_open)
    found.blame_at(socket_key, {}, "beyond loopback no ZeroMQ socket goes without CURVE and a key list",
                   std::string(curve_how));
}

void check_feed_sockets(const feed_section& feed, const std::string& path, bound_sockets& bound,
                        findings& found) {
  if (feed.kind != feed_kind::zmq_sub && feed.kind != feed_kind::zmq_pull) return;
  const auto key = path + ".endpoint";
  bool is_open = false;
  for (const auto& text : feed.endpoint) {
    const auto parsed = parse_endpoint(text);
    if (!parsed) continue;
    is_open = is_open || !parsed->is_local();
    if (feed.binds())
      bound.add(key, quote(text), *parsed);
    else if (parsed->by == endpoint::transport::tcp && (parsed->port == 0 || parsed->host == "*"))
      found.blame_at(key, quote(text), "cannot be connected to", "a host and a port from 1 to 65535");
  }
  check_curve(feed.curve, path, key, feed.binds(), is_open, found);
}

// Sockets of one section that always bind and share its CURVE keys.
void check_bound(std::initializer_list<std::pair<std::string, const std::string*>> sockets,
                 const curve_keys& keys, const std::string& path, bound_sockets& bound, findings& found) {
  std::string blamed = sockets.begin()->first;
  bool is_open = false;
  for (const auto& [key, text] : sockets) {
    const auto parsed = parse_endpoint(*text);
    if (!parsed) continue;
    bound.add(key, quote(*text), *parsed);
    if (parsed->is_local() || is_open) continue;
    is_open = true;
    blamed = key;
  }
  check_curve(keys, path, blamed, true, is_open, found);
}

void check_port(const std::string& address, std::uint16_t port, const std::string& path,
                bound_sockets& bound) {
  bound.add(path + ".port", fmt::format("{}", port), {endpoint::transport::tcp, address, port});
}

}  // namespace

void check_sockets(const config& values, findings& found) {
  bound_sockets bound(found);
  check_port(values.listen.address, values.listen.port, "listen", bound);
  check_port(values.admin.address, values.admin.port, "admin", bound);
  if (!is_loopback(values.admin.address) && !values.admin.tls.enabled())
    found.blame_at("admin.address", quote(values.admin.address),
                   "beyond loopback no admin port goes without TLS",
                   "an address of this machine, or [admin.tls] with certificate and key");
  const auto& paths = found.rows("feed");
  for (std::size_t i = 0; i < values.feeds.size(); ++i)
    check_feed_sockets(values.feeds[i], paths[i], bound, found);
  check_bound({{"service.pull", &values.service.pull}, {"service.router", &values.service.router}},
              values.service.curve, "service", bound, found);
  check_bound({{"egress.endpoint", &values.egress.endpoint}}, values.egress.curve, "egress", bound, found);
}

}  // namespace tickcast::config
