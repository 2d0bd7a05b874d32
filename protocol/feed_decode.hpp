#pragma once
#include <string_view>

#include "protocol/feed_fields.hpp"

namespace tickcast::protocol {

/// What decode_feed and decode_service have in common: finds the format, parses, delivers.
void decode_messages(std::string_view body, feed_format format, message_source from, feed_sink& sink);

}  // namespace tickcast::protocol
