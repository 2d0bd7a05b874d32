#pragma once
#include <string>
#include <string_view>
#include <zmq.hpp>

namespace tickcast::feeds {

/// Binds or connects `socket`. Throws feed_error with a sentence that begins with `who` and says what to do.
void attach_socket(zmq::socket_t& socket, const std::string& endpoint, bool bind, std::string_view who);

/// A tcp port of 0 becomes ZeroMQ's `*`.
std::string with_any_port(std::string endpoint);

}  // namespace tickcast::feeds
