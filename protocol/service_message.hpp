#pragma once
#include <string>
#include <string_view>

#include "protocol/feed_message.hpp"

namespace tickcast::protocol {

/// Decodes a body from the service PULL socket: `{"type":…, "src":…, "data":…}` in JSON or MessagePack (by
/// its first byte), or an array of such maps. `publish` {topic, data} becomes `on_event`; feed messages are
/// taken as decode_feed takes them. Types of the service bus that are not built yet are refused with
/// `unsupported`.
void decode_service(std::string_view body, feed_sink& sink);

/// A `publish` message with `data` given as JSON text.
expected<std::string> encode_publish(std::string_view topic, std::string_view data_json,
                                     std::string_view src);

}  // namespace tickcast::protocol
