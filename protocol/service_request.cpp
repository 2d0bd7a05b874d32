#include "protocol/service_request.hpp"

#include <utility>
#include <vector>

#include "protocol/feed_message.hpp"
#include "protocol/json_capture.hpp"
#include "protocol/parse_json.hpp"
#include "protocol/parse_msgpack.hpp"

namespace tickcast::protocol {
namespace {

using nlohmann::json;

constexpr std::size_t longest_id = 128;

/// Writes a document as JSON while it is read; stops where JSON has no such value or it is nested too deep.
class capture {
public:
  explicit capture(std::string& to) : to_(to) {}

  bool begin_map() {
    to_.begin_map();
    return ++depth_ <= max_depth;
  }
  bool begin_array() {
    to_.begin_array();
    return ++depth_ <= max_depth;
  }
  bool end_map() {
    to_.end_map();
    --depth_;
    return true;
  }
  bool end_array() {
    to_.end_array();
    --depth_;
    return true;
  }
  bool key(std::string_view name) { return to_.key(name); }
  bool odd_key() { return false; }
  bool value(wire_value v) { return to_.value(v); }

private:
  json_capture to_;
  std::size_t depth_ = 0;
};

/// Discarded: it is no such document.
json read_document(std::string_view body, encoding as) {
  std::string text;
  parse_end end = parse_end::broken;
  {
    capture into(text);
    end = as == encoding::json ? parse_json(body, into) : msgpack_parser<capture>(body, into).run();
  }
  if (end != parse_end::whole) return json(json::value_t::discarded);
  return json::parse(text, nullptr, false);
}

bool is_id(const json& id) {
  return id.is_number_integer() || (id.is_string() && id.get_ref<const std::string&>().size() <= longest_id);
}

void append(std::string& to, const json& value) {
  const auto bytes = json::to_msgpack(value);
  to.append(bytes.begin(), bytes.end());
}

std::string with_data(encoding as, std::string_view type, const std::string& id, std::string_view data) {
  std::string text;
  text.reserve(data.size() + id.size() + 48);
  if (as == encoding::json) {
    text.append(R"({"type":")").append(type).append(R"(","id":)").append(id).append(R"(,"data":)");
    return text.append(data).append("}");
  }
  text.push_back(static_cast<char>(0x83));  // a map of three
  append(text, "type");
  append(text, std::string(type));
  append(text, "id");
  append(text, json::parse(id));
  append(text, "data");
  return text.append(data);
}

}  // namespace

tl::expected<service_request, service_refusal> decode_service_request(std::string_view body) {
  service_refusal refusal;
  // No MessagePack map begins like a JSON text.
  const auto begin = body.find_first_not_of(" \t\r\n");
  const bool is_json = begin != std::string_view::npos && (body[begin] == '{' || body[begin] == '[');
  refusal.as = is_json ? encoding::json : encoding::msgpack;
  const auto refuse = [&](std::string why) {
    refusal.message = std::move(why);
    return tl::unexpected(refusal);
  };
  const auto whole = read_document(body, refusal.as);
  if (!whole.is_object())
    return refuse(R"(a question is one map in JSON or MessagePack: {"type":…,"id":…,"data":{…}})");
  const auto id = whole.find("id");
  if (id == whole.end() || !is_id(*id))
    return refuse("id must be a whole number or a text of at most 128 bytes");
  refusal.id = id->dump();
  const auto type = whole.find("type");
  if (type == whole.end() || !type->is_string()) return refuse("type must be a text, such as get_quote");
  const auto data = whole.find("data");
  if (data != whole.end() && !data->is_object() && !data->is_null()) return refuse("data must be a map");
  return service_request{type->get<std::string>(), refusal.id,
                         data != whole.end() && data->is_object() ? *data : json::object(), refusal.as};
}

std::string encode_service_reply(const service_request& to, std::string_view payload) {
  return with_data(to.as, "reply", to.id, payload);
}

std::string encode_service_error(const service_refusal& why) {
  const json data{{"code", static_cast<unsigned>(why.code)},
                  {"message", why.message},
                  {"temporary", is_temporary(why.code)}};
  if (why.as == encoding::json)
    return with_data(why.as, "error", why.id, data.dump(-1, ' ', false, json::error_handler_t::replace));
  std::string bytes;
  append(bytes, data);
  return with_data(why.as, "error", why.id, bytes);
}

}  // namespace tickcast::protocol
