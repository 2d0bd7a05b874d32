#pragma once
#include <cstdint>
#include <string>

#include "config/config.hpp"
#include "feeds/replay_source.hpp"
#include "feeds/router_socket.hpp"
#include "feeds/xpub_outlet.hpp"
#include "feeds/zmq_source.hpp"

/// From configuration sections to what the sources take. Pure but for key files.
namespace tickcast::feeds {

/// Reads the secret key from its file where the section names one; throws feed_error.
curve_keys keys_from(const config::curve_keys& section);
/// `most_bytes`: limits.message_bytes. A port of 0 becomes ZeroMQ's `*`.
zmq_options zmq_options_from(const config::feed_section& section, std::size_t most_bytes);
zmq_options zmq_options_from(const config::service_section& section, std::size_t most_bytes);
xpub_options xpub_options_from(const config::egress_section& section);
router_options router_options_from(const config::service_section& section);
replay_options replay_options_from(const config::feed_section& section);

}  // namespace tickcast::feeds
