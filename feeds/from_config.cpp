#include "feeds/from_config.hpp"

#include <algorithm>
#include <limits>

#include "feeds/zmq_endpoint.hpp"

namespace tickcast::feeds {
namespace {

std::int64_t to_bytes(std::size_t value) {
  return static_cast<std::int64_t>(
      std::min(value, static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max())));
}

}  // namespace

curve_keys keys_from(const config::curve_keys& section) {
  curve_keys keys;
  keys.secret = section.curve_secret_key_file.empty()
                    ? section.curve_secret_key
                    : read_key_file(section.curve_secret_key_file, "secret-key");
  keys.own = section.curve_public_key;
  keys.server = section.curve_server_key;
  keys.allowed = section.curve_client_keys;
  return keys;
}

zmq_options zmq_options_from(const config::feed_section& section, std::size_t most_bytes) {
  zmq_options options;
  options.name = section.name;
  options.kind =
      section.kind == config::feed_kind::zmq_sub ? zmq_options::pattern::sub : zmq_options::pattern::pull;
  options.bind = section.binds();
  for (const auto& endpoint : section.endpoint) {
    options.endpoints.push_back(options.bind ? with_any_port(endpoint) : endpoint);
  }
  options.receive_hwm =
      static_cast<int>(std::min<std::uint32_t>(section.hwm, std::numeric_limits<int>::max()));
  options.most_bytes = to_bytes(most_bytes);
  options.format = section.format;
  options.curve = keys_from(section.curve);
  return options;
}

zmq_options zmq_options_from(const config::service_section& section, std::size_t most_bytes) {
  zmq_options options;
  options.name = "service";
  options.endpoints = {with_any_port(section.pull)};
  options.most_bytes = to_bytes(most_bytes);
  options.curve = keys_from(section.curve);
  options.decode = &decode_service_body;
  return options;
}

xpub_options xpub_options_from(const config::egress_section& section) {
  xpub_options options;
  options.endpoint = section.endpoint;
  options.hwm = static_cast<int>(section.hwm);
  options.curve = keys_from(section.curve);
  return options;
}

router_options router_options_from(const config::service_section& section) {
  return {section.router, static_cast<int>(section.calls), keys_from(section.curve)};
}

replay_options replay_options_from(const config::feed_section& section) {
  replay_options options;
  options.name = section.name;
  options.what.files = section.files;
  options.what.reading.time_column = section.time_column;
  options.what.loop = section.loop;
  options.speed = section.speed.factor;
  return options;
}

}  // namespace tickcast::feeds
