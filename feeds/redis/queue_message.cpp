#include "feeds/redis/queue_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "protocol/feed_message.hpp"
#include "protocol/frame_part.hpp"
#include "protocol/json_capture.hpp"
#include "protocol/parse_json.hpp"
#include "protocol/parse_msgpack.hpp"

namespace tickcast::feeds {
namespace {

using nlohmann::json;
using protocol::encoding;

constexpr std::size_t longest_key = 128;
constexpr std::size_t longest_shown = 60;
constexpr std::int64_t lowest_code = 1000;
constexpr std::int64_t highest_code = 65535;

/// Writes down the maps of an entry while it is read (protocol/wire_value.hpp).
class map_splitter {
public:
  std::vector<std::string> maps;
  bool fits = true;     ///< nothing but maps
  bool sayable = true;  ///< JSON can say all of it
  bool too_deep = false;

  bool begin_map() {
    if (!writer_) {
      if (depth_ > 1 || maps.size() == protocol::max_feed_array) return fits = false;
      writer_.emplace(maps.emplace_back());
      outermost_ = depth_;
    }
    writer_->begin_map();
    return enter();
  }
  bool begin_array() {
    if (writer_)
      writer_->begin_array();
    else if (depth_ > 0)
      return fits = false;
    return enter();
  }
  bool end_map() {
    writer_->end_map();
    if (--depth_ == outermost_) writer_.reset();
    return true;
  }
  bool end_array() {
    if (writer_) writer_->end_array();
    --depth_;
    return true;
  }
  bool key(std::string_view name) {
    sayable = writer_->key(name) && sayable;
    return true;
  }
  bool odd_key() { return sayable = false; }
  bool value(protocol::wire_value v) {
    if (!writer_) return fits = false;
    sayable = writer_->value(v) && sayable;
    return true;
  }

private:
  bool enter() {
    too_deep = ++depth_ > protocol::max_depth + 1;
    return !too_deep;
  }

  std::optional<protocol::json_capture> writer_;  ///< of the map that is being read
  std::size_t depth_ = 0;
  std::size_t outermost_ = 0;
};

tl::unexpected<std::string> refuse(std::string why) {
  return tl::unexpected(std::move(why));
}

std::string shown(const std::string& type) {
  return type.size() > longest_shown ? type.substr(0, longest_shown) + "…" : type;
}

tl::expected<std::variant<queued_command, queued_answer>, std::string> read_answer(const json& whole,
                                                                                   const std::string& text) {
  const auto id = whole.find("id");
  if (id == whole.end() || !id->is_string()) return refuse("an answer needs the id of the call, a text");
  queued_answer made{id->get<std::string>(), {}};
  if (const auto error = protocol::find_part(text, encoding::json, {"error"}))
    made.what = read_refusal(*error);
  else
    made.what.data = protocol::find_part(text, encoding::json, {"data"}).value_or("null");
  return made;
}

}  // namespace

tl::expected<std::vector<std::string>, std::string> split_entry(std::string_view bytes) {
  if (bytes.size() > protocol::max_feed_body) return refuse("it is larger than 16 MiB");
  // No MessagePack map or array begins like a JSON text.
  const auto begin = bytes.find_first_not_of(" \t\r\n");
  const bool is_json = begin != std::string_view::npos && (bytes[begin] == '{' || bytes[begin] == '[');
  map_splitter into;
  const auto end = is_json ? protocol::parse_json(bytes, into) : protocol::parse_msgpack(bytes, into);
  if (into.too_deep) return refuse(fmt::format("it is nested deeper than {}", protocol::max_depth));
  if (!into.sayable) return refuse("it has keys that are no text, or values that JSON cannot say");
  if (end != protocol::parse_end::whole || !into.fits)
    return refuse(R"(send a map or an array of maps, in JSON or MessagePack: {"type":…,"data":{…}})");
  return std::move(into.maps);
}

tl::expected<std::variant<queued_command, queued_answer>, std::string> read_queued(const std::string& text) {
  const auto whole = json::parse(text, nullptr, false);
  const auto type = whole.find("type");
  if (type == whole.end() || !type->is_string()) return refuse("type must be a text, such as push_user");
  const auto& name = type->get_ref<const std::string&>();
  if (name == "answer") return read_answer(whole, text);
  if (!protocol::is_service_command(name))
    return refuse(fmt::format(
        "lists carry commands and answers, not \"{}\": send market data and events by a channel or ZeroMQ, "
        "questions to service.router",
        shown(name)));
  queued_command made;
  if (const auto key = whole.find("idempotency_key"); key != whole.end()) {
    if (!key->is_string() || key->get_ref<const std::string&>().size() > longest_key)
      return refuse("idempotency_key must be a text of at most 128 bytes");
    made.key = key->get<std::string>();
  }
  const auto data = whole.find("data");
  if (data == whole.end() || !data->is_object()) return refuse("data must be a map");
  auto read = protocol::read_service_command(name, *data,
                                             protocol::find_part(text, encoding::json, {"data", "data"}));
  if (!read) return refuse(std::move(read.error().message));
  made.what = std::move(*read);
  made.content = name + protocol::find_part(text, encoding::json, {"data"}).value_or("null");
  return made;
}

actors::call_result read_refusal(std::string_view json_text) {
  const auto given = json::parse(json_text, nullptr, false);
  actors::call_result made{{}, lowest_code, "the backend refused it and did not say why"};
  if (!given.is_object()) return made;
  if (const auto code = given.find("code"); code != given.end() && code->is_number_integer())
    made.code = static_cast<std::uint32_t>(std::clamp(code->get<std::int64_t>(), lowest_code, highest_code));
  if (const auto why = given.find("message"); why != given.end() && why->is_string())
    made.message = why->get<std::string>();
  if (const auto data = given.find("data"); data != given.end() && !data->is_null())
    made.data = protocol::find_part(json_text, encoding::json, {"data"}).value_or("");
  return made;
}

}  // namespace tickcast::feeds
