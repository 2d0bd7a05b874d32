#include "protocol/service_request.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "protocol/feed_message.hpp"
#include "protocol/json_capture.hpp"
#include "protocol/json_writer.hpp"
#include "protocol/msgpack_writer.hpp"
#include "protocol/parse_json.hpp"
#include "protocol/parse_msgpack.hpp"

namespace tickcast::protocol {
namespace {

using nlohmann::json;

constexpr std::size_t longest_id = 128;

/// The parts of a message, each as JSON text; empty: it is not there.
struct envelope {
  bool is_map = false;
  bool sayable = true;  ///< JSON can say all of them
  std::string type;
  std::string id;
  std::string data;
  std::string error;
  std::string key;
};

/// Writes the parts down while a document is read (wire_value.hpp); stops where it is nested too deep.
class envelope_reader {
public:
  explicit envelope_reader(envelope& to) : to_(to) {}

  bool begin_map() {
    if (depth_ == 0) to_.is_map = true;
    if (writer_) writer_->begin_map();
    return ++depth_ <= max_depth;
  }
  bool begin_array() {
    if (writer_) writer_->begin_array();
    return ++depth_ <= max_depth;
  }
  bool end_map() {
    if (writer_ && depth_ > 1) writer_->end_map();
    return leave();
  }
  bool end_array() {
    if (writer_) writer_->end_array();
    return leave();
  }
  bool key(std::string_view name) {
    if (depth_ == 1) {
      begin_part(name);
    } else if (writer_) {
      to_.sayable = writer_->key(name) && to_.sayable;
    }
    return true;
  }
  bool odd_key() {
    if (depth_ == 1) return writer_.reset(), true;
    return !writer_;
  }
  bool value(wire_value v) {
    if (writer_) to_.sayable = writer_->value(v) && to_.sayable;
    if (depth_ == 1) writer_.reset();
    return true;
  }

private:
  void begin_part(std::string_view name) {
    auto* part = name == "type"              ? &to_.type
                 : name == "id"              ? &to_.id
                 : name == "data"            ? &to_.data
                 : name == "error"           ? &to_.error
                 : name == "idempotency_key" ? &to_.key
                                             : nullptr;
    writer_.reset();
    if (!part) return;
    part->clear();
    writer_.emplace(*part);
  }
  bool leave() {
    if (--depth_ == 1) writer_.reset();
    return true;
  }

  envelope& to_;
  std::optional<json_capture> writer_;  ///< of the part that is being read
  std::size_t depth_ = 0;
};

bool read_envelope(std::string_view body, encoding as, envelope& to) {
  envelope_reader into(to);
  const auto end = as == encoding::json ? parse_json(body, into) : parse_msgpack(body, into);
  return end == parse_end::whole && to.is_map && to.sayable;
}

json value_of(const std::string& part) {
  return part.empty() ? json() : json::parse(part, nullptr, false);
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
  envelope whole;
  if (!read_envelope(body, refusal.as, whole))
    return refuse(R"(a question is one map in JSON or MessagePack: {"type":…,"id":…,"data":{…}})");
  const auto type = value_of(whole.type);
  const auto unanswered = type.is_string() && is_unanswered(type.get_ref<const std::string&>());
  const auto id = value_of(whole.id);
  if (!is_id(id) && !(unanswered && id.is_null()))
    return refuse("id must be a whole number or a text of at most 128 bytes");
  refusal.id = id.is_null() ? "null" : id.dump();
  if (!type.is_string()) return refuse("type must be a text, such as get_quote");
  const auto key = value_of(whole.key);
  if (!key.is_null() && (!key.is_string() || key.get_ref<const std::string&>().size() > longest_id))
    return refuse("idempotency_key must be a text of at most 128 bytes");
  service_request made;
  made.type = type.get<std::string>();
  made.id = id.is_null() ? std::string() : refusal.id;
  made.as = refusal.as;
  made.data_text = whole.data.empty() ? "null" : std::move(whole.data);
  made.error_text = std::move(whole.error);
  if (key.is_string()) made.key = key.get<std::string>();
  if (unanswered) return made;
  made.data = value_of(made.data_text);
  if (made.data.is_null()) made.data = json::object();
  if (!made.data.is_object()) return refuse("data must be a map");
  return made;
}

bool is_unanswered(std::string_view type) noexcept {
  return type == "answer" || type == "ping";
}

std::string encode_service_data(encoding as, std::string_view json_text) {
  if (as == encoding::json) return std::string(json_text);
  std::string bytes;
  msgpack_writer(bytes).json(json_text);
  return bytes;
}

std::string encode_service_call(encoding as, const service_call& what) {
  std::string bytes;
  bytes.reserve(what.data.size() + what.type.size() + what.user.size() + what.name.size() + 128);
  const auto write = [&](auto&& to) {
    to.begin_map(2U + !what.id.empty());
    to.key("type");
    to.plain("call");
    if (!what.id.empty()) {
      to.key("id");
      to.text(what.id);
    }
    to.key("data");
    const bool known = !what.user.empty();
    to.begin_map(3U + known + (known && !what.name.empty()) + (known && !what.groups.empty()));
    to.key("type");
    to.text(what.type);
    if (known) {
      to.key("user");
      to.text(what.user);
      if (!what.name.empty()) {
        to.key("name");
        to.text(what.name);
      }
      if (!what.groups.empty()) {
        to.key("groups");
        to.begin_array(what.groups.size());
        for (const auto& each : what.groups) to.text(each);
        to.end_array();
      }
    }
    to.key("client");
    to.text(what.client);
    to.key("data");
    to.json(what.data);
    to.end_map();
    to.end_map();
  };
  if (as == encoding::json)
    write(json_writer(bytes));
  else
    write(msgpack_writer(bytes));
  return bytes;
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
