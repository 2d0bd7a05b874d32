#include "protocol/feed_decode.hpp"

#include <fmt/format.h>

#include "protocol/feed_reader.hpp"
#include "protocol/parse_json.hpp"
#include "protocol/parse_msgpack.hpp"

namespace tickcast::protocol {
namespace {

/// Maps and arrays of MessagePack begin with a byte above ASCII, JSON never does.
bool looks_like_json(std::string_view body) noexcept {
  return static_cast<unsigned char>(body.front()) < 0x80;
}

}  // namespace

void decode_messages(std::string_view body, feed_format format, message_source from, feed_sink& sink) {
  if (body.size() > max_feed_body) {
    return sink.on_refused(
        error{errc::too_large, fmt::format("the body has {} bytes, {} are allowed: send smaller "
                                           "arrays",
                                           body.size(), max_feed_body)},
        {});
  }
  if (body.empty()) return sink.on_refused(error{errc::malformed, "the body is empty"}, {});
  if (format == feed_format::json || (format == feed_format::automatic && looks_like_json(body))) {
    feed_fields::text_store texts;
    feed_reader reader(sink, from, &texts);
    reader.finish(parse_json(body, reader));
  } else {
    feed_reader reader(sink, from, nullptr);
    reader.finish(parse_msgpack(body, reader));
  }
}

}  // namespace tickcast::protocol
