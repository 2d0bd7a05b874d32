#include "protocol/service_message.hpp"

#include "protocol/feed_decode.hpp"
#include "protocol/json_text.hpp"
#include "protocol/json_writer.hpp"

namespace tickcast::protocol {

void decode_service(std::string_view body, feed_sink& sink) {
  decode_messages(body, feed_format::automatic, message_source::service, sink);
}

expected<std::string> encode_publish(std::string_view topic, std::string_view data_json,
                                     std::string_view src) {
  const expected<topic_name> parsed = parse_topic(topic);
  if (!parsed) return unexpected(error(parsed.error()));
  if (is_reserved(parsed->kind)) {
    return unexpected(error{errc::reserved_topic, "topics of kind \"" + std::string(parsed->word) +
                                                      "\" are written by the engine alone"});
  }
  const expected<std::string> data = compact_json(data_json);
  if (!data) return unexpected(error(data.error()));
  std::string result;
  {
    json_writer to(result);
    to.begin_map();
    to.key("type");
    to.plain("publish");
    to.key("src");
    to.text(src);
    to.key("data");
    to.begin_map();
    to.key("topic");
    to.plain(topic);
    to.key("data");
    to.json(*data);
    to.end_map();
    to.end_map();
  }
  return result;
}

}  // namespace tickcast::protocol
