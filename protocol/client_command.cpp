#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/client_message.hpp"
#include "protocol/feed_message.hpp"
#include "protocol/parse_json.hpp"
#include "protocol/parse_msgpack.hpp"
#include "protocol/user_command.hpp"
#include "protocol/utf8.hpp"

namespace tickcast::protocol {
namespace {

using kind = wire_value::kind;

constexpr std::uint64_t largest_id = (std::uint64_t{1} << 53) - 1;

/// The parts of a command as they were found, before it is known which command it is.
struct command_parts {
  kind type_kind = kind::null;
  std::string type;
  kind id_kind = kind::null;
  std::uint64_t id = 0;
  kind data_kind = kind::null;
  bool data_is_map = false;
  kind token_kind = kind::null;
  std::string token;
  kind api_key_kind = kind::null;
  std::string api_key;
  kind mode_kind = kind::null;
  std::string mode;
  kind topic_kind = kind::null;
  std::string topic;
  wire_value from = wire_value::null();
  wire_value to = wire_value::null();
  wire_value limit = wire_value::null();
  bool topics_are_array = false;
  bool topics_are_texts = true;
  bool has_topics = false;
  bool too_many_topics = false;
  std::vector<std::string> topics;
  std::vector<std::optional<last_seen>> seen;  ///< by topic
};

/// Takes what a parser tells of one frame (wire_value.hpp).
class command_reader {
public:
  explicit command_reader(command_parts& to) noexcept : to_(to) {}

  bool begin_map() {
    if (depth_ == 0) {
      is_map_ = true;
    } else if (depth_ == 1) {
      set_nested(true);
    } else if (in_topics_ && depth_ == 3) {
      open_topic();
    } else {
      element_or_field(wire_value::of_kind(kind::nested));
    }
    return ++depth_ <= max_depth;
  }
  bool begin_array() {
    if (depth_ == 1) {
      set_nested(false);
    } else if (depth_ == 2 && in_data_ && current_ == part::topics) {
      clear_topics();
      to_.topics_are_array = true;
      in_topics_ = true;
    } else {
      element_or_field(wire_value::of_kind(kind::nested));
    }
    return ++depth_ <= max_depth;
  }
  bool end_map() { return leave(); }
  bool end_array() { return leave(); }
  bool key(std::string_view name) {
    current_ = part::other;
    if (depth_ == 1) {
      current_ = name == "type"   ? part::type
                 : name == "id"   ? part::id
                 : name == "data" ? part::data
                                  : part::other;
    } else if (depth_ == 2 && in_data_) {
      current_ = name == "token"     ? part::token
                 : name == "api_key" ? part::api_key
                 : name == "topics"  ? part::topics
                 : name == "mode"    ? part::mode
                 : name == "topic"   ? part::topic
                 : name == "from"    ? part::from
                 : name == "to"      ? part::to
                 : name == "limit"   ? part::limit
                                     : part::other;
    } else if (depth_ == 4 && in_topic_) {
      current_ = name == "topic"   ? part::topic
                 : name == "epoch" ? part::epoch
                 : name == "seq"   ? part::seq
                                   : part::other;
    }
    return true;
  }
  bool odd_key() {
    current_ = part::other;
    return true;
  }
  bool value(wire_value v) {
    if (depth_ == 1) {
      set(v);
    } else {
      element_or_field(v);
    }
    return true;
  }

  bool is_map() const noexcept { return is_map_; }

private:
  enum class part : std::uint8_t {
    other,
    type,
    id,
    data,
    token,
    api_key,
    topics,
    mode,
    topic,
    from,
    to,
    limit,
    epoch,
    seq
  };

  bool leave() {
    --depth_;
    if (depth_ == 3 && in_topic_) close_topic();
    if (depth_ == 2) in_topics_ = false;
    if (depth_ == 1) in_data_ = false;
    return true;
  }

  void set(wire_value v) {
    switch (current_) {
      case part::type:
        to_.type_kind = v.is;
        if (v.is == kind::text) to_.type = v.text();
        break;
      case part::id:
        to_.id_kind = v.is;
        to_.id = v.is == kind::natural ? v.natural : 0;
        break;
      case part::data:
        forget_data();
        to_.data_kind = v.is;
        break;
      default:
        break;
    }
  }

  void set_nested(bool map) {
    set(wire_value::of_kind(kind::nested));
    in_data_ = current_ == part::data && map;
    if (current_ == part::data) to_.data_is_map = map;
  }

  void element_or_field(wire_value v) {
    if (in_topics_ && depth_ == 3) return add_topic(v);
    if (in_topic_ && depth_ == 4) return set_topic(v);
    if (!in_data_ || depth_ != 2) return;
    switch (current_) {
      case part::token:
        to_.token_kind = v.is;
        if (v.is == kind::text) to_.token = v.text();
        break;
      case part::api_key:
        to_.api_key_kind = v.is;
        if (v.is == kind::text) to_.api_key = v.text();
        break;
      case part::mode:
        to_.mode_kind = v.is;
        if (v.is == kind::text) to_.mode = v.text();
        break;
      case part::topics:
        clear_topics();
        break;
      case part::topic:
        to_.topic_kind = v.is;
        if (v.is == kind::text) to_.topic = v.text();
        break;
      case part::from:
        to_.from = v;
        break;
      case part::to:
        to_.to = v;
        break;
      case part::limit:
        to_.limit = v;
        break;
      default:
        break;
    }
  }

  void add_topic(wire_value v) {
    if (v.is != kind::text) {
      to_.topics_are_texts = false;
    } else if (to_.topics.size() == max_command_topics) {
      to_.too_many_topics = true;
    } else {
      to_.topics.emplace_back(v.text());
      to_.seen.emplace_back();
    }
  }

  /// A topic that the client wants to go on with: {"topic":…,"epoch":…,"seq":…}.
  void open_topic() {
    in_topic_ = true;
    topic_kind_ = epoch_kind_ = seq_kind_ = kind::null;
    going_on_ = {};
  }
  void set_topic(wire_value v) {
    if (current_ == part::topic) {
      topic_kind_ = v.is;
      if (v.is == kind::text) topic_ = v.text();
    } else if (current_ == part::epoch) {
      epoch_kind_ = v.is;
      if (v.is == kind::text) going_on_.epoch = v.text();
    } else if (current_ == part::seq) {
      seq_kind_ = v.is;
      if (v.is == kind::natural) going_on_.seq = v.natural;
    }
  }
  void close_topic() {
    in_topic_ = false;
    if (topic_kind_ != kind::text || epoch_kind_ != kind::text || seq_kind_ != kind::natural) {
      to_.topics_are_texts = false;
    } else if (to_.topics.size() == max_command_topics) {
      to_.too_many_topics = true;
    } else {
      to_.topics.push_back(std::move(topic_));
      to_.seen.emplace_back(std::move(going_on_));
    }
  }

  void clear_topics() {
    to_.has_topics = true;
    to_.topics_are_array = false;
    to_.topics_are_texts = true;
    to_.too_many_topics = false;
    to_.topics.clear();
    to_.seen.clear();
  }

  void forget_data() {
    clear_topics();
    to_.has_topics = false;
    to_.data_is_map = false;
    to_.token_kind = kind::null;
    to_.api_key_kind = kind::null;
    to_.mode_kind = kind::null;
    to_.topic_kind = kind::null;
    to_.from = to_.to = to_.limit = wire_value::null();
  }

  command_parts& to_;
  std::size_t depth_ = 0;
  part current_ = part::other;
  bool is_map_ = false;
  bool in_data_ = false;
  bool in_topics_ = false;
  bool in_topic_ = false;
  kind topic_kind_ = kind::null;
  kind epoch_kind_ = kind::null;
  kind seq_kind_ = kind::null;
  std::string topic_;
  last_seen going_on_;
};

unexpected<command_error> refuse(std::optional<std::uint64_t> id, error_code code, std::string message) {
  return unexpected(command_error{id, code, std::move(message)});
}

using result = tl::expected<command, command_error>;

result make_connect(std::uint64_t id, command_parts&& parts, const frame_text& whole) {
  if (parts.token_kind != kind::null && (parts.token_kind != kind::text || !is_valid_utf8(parts.token))) {
    return refuse(id, error_code::bad_request, "\"token\" must be a string");
  }
  if (parts.api_key_kind != kind::null &&
      (parts.api_key_kind != kind::text || !is_valid_utf8(parts.api_key))) {
    return refuse(id, error_code::bad_request, "\"api_key\" must be a string");
  }
  connect_command made;
  if (parts.token_kind == kind::text) made.token = std::move(parts.token);
  if (parts.api_key_kind == kind::text) made.api_key = std::move(parts.api_key);
  if (!read_message_position(whole, made.messages))
    return refuse(id, error_code::bad_request, R"("messages" must be {"epoch":…,"seq":…})");
  return command{id, std::move(made)};
}

result make_refresh(std::uint64_t id, command_parts&& parts) {
  if (parts.token_kind != kind::text || parts.token.empty() || !is_valid_utf8(parts.token)) {
    return refuse(id, error_code::bad_request, "\"data\" needs \"token\", the new one, a string");
  }
  return command{id, refresh_command{std::move(parts.token)}};
}

std::optional<command_error> check_topics(std::uint64_t id, const command_parts& parts) {
  const auto bad = [&](std::string message) {
    return command_error{id, error_code::bad_request, std::move(message)};
  };
  if (!parts.has_topics || !parts.topics_are_array) {
    return bad("\"data\" needs \"topics\", an array of strings such as [\"trade.BTCUSDT\"]");
  }
  if (!parts.topics_are_texts)
    return bad("each element of \"topics\" must be a string, or a map with \"topic\", \"epoch\" and \"seq\"");
  if (parts.too_many_topics) {
    return command_error{
        id, error_code::limit_exceeded,
        fmt::format("one command names at most {} topics: send several commands", max_command_topics)};
  }
  if (parts.topics.empty()) return bad("\"topics\" is empty: name at least one");
  return std::nullopt;
}

result make_subscribe(std::uint64_t id, command_parts&& parts) {
  if (std::optional<command_error> wrong = check_topics(id, parts)) return unexpected(std::move(*wrong));
  if (parts.mode_kind != kind::null && (parts.mode_kind != kind::text || parts.mode != "every")) {
    return refuse(
        id, error_code::bad_request,
        fmt::format("\"mode\" {} does not exist: send \"every\", the only mode so far, or leave it out",
                    parts.mode_kind == kind::text ? in_quotes(parts.mode) : "that is no string"));
  }
  const bool goes_on = std::any_of(parts.seen.begin(), parts.seen.end(),
                                   [](const std::optional<last_seen>& each) { return each.has_value(); });
  if (!goes_on) parts.seen.clear();
  return command{id, subscribe_command{std::move(parts.topics), std::move(parts.seen)}};
}

result make_unsubscribe(std::uint64_t id, command_parts&& parts) {
  if (std::optional<command_error> wrong = check_topics(id, parts)) return unexpected(std::move(*wrong));
  return command{id, unsubscribe_command{std::move(parts.topics)}};
}

/// A time in microseconds; false when it is none.
bool read_time(const wire_value& from, std::optional<std::int64_t>& to) {
  if (from.is == kind::null) return true;
  if (from.is == kind::negative) to = from.negative;
  if (from.is == kind::natural && from.natural <= largest_id) to = static_cast<std::int64_t>(from.natural);
  return to.has_value() && *to >= -static_cast<std::int64_t>(largest_id);
}

result make_history(std::uint64_t id, command_parts&& parts) {
  const auto bad = [&](std::string message) {
    return refuse(id, error_code::bad_request, std::move(message));
  };
  if (parts.topic_kind != kind::text)
    return bad("\"data\" needs \"topic\", a string such as \"bar.1m.BTCUSDT\"");
  history_command made;
  made.topic = std::move(parts.topic);
  if (!read_time(parts.from, made.from_us) || !read_time(parts.to, made.to_us))
    return bad("\"from\" and \"to\" are whole microseconds since 1970 UTC");
  made.limit = default_history_rows;
  if (parts.limit.is != kind::null) {
    if (parts.limit.is != kind::natural || parts.limit.natural == 0 || parts.limit.natural > max_history_rows)
      return bad(fmt::format("\"limit\" is a whole number from 1 to {}", max_history_rows));
    made.limit = static_cast<std::size_t>(parts.limit.natural);
  }
  return command{id, std::move(made)};
}

result make_command(command_parts&& parts, const frame_text& whole) {
  if (parts.type_kind == kind::text && parts.type == "pong") return command{0, pong_command{}};
  if (parts.id_kind == kind::null) {
    if (parts.type_kind == kind::text && needs_no_id(parts.type))
      return make_user_command(0, parts.type, whole);
    return refuse({}, error_code::bad_request, "a command needs \"id\", a whole number from 1");
  }
  if (parts.id_kind != kind::natural || parts.id == 0 || parts.id > largest_id) {
    return refuse({}, error_code::bad_request, "\"id\" must be a whole number from 1 to 9007199254740991");
  }
  const std::uint64_t id = parts.id;
  if (parts.type_kind != kind::text) {
    return refuse(id, error_code::bad_request, "a command needs \"type\", a string such as \"subscribe\"");
  }
  if (is_user_command(parts.type)) return make_user_command(id, parts.type, whole);
  if (parts.data_kind != kind::null && !parts.data_is_map) {
    return refuse(id, error_code::bad_request, "\"data\" must be a map, or be left out");
  }
  if (parts.type == "connect") return make_connect(id, std::move(parts), whole);
  if (parts.type == "subscribe") return make_subscribe(id, std::move(parts));
  if (parts.type == "unsubscribe") return make_unsubscribe(id, std::move(parts));
  if (parts.type == "history") return make_history(id, std::move(parts));
  if (parts.type == "refresh") return make_refresh(id, std::move(parts));
  if (parts.type == "ping") return command{id, ping_command{}};
  return refuse(
      id, error_code::unknown_command,
      fmt::format("{} is no command: send connect, refresh, subscribe, unsubscribe, history, publish, "
                  "presence, ack, ping, pong or what a backend has claimed",
                  in_quotes(parts.type)));
}

}  // namespace

tl::expected<command, command_error> decode_command(std::string_view frame, encoding as) {
  command_parts parts;
  command_reader reader(parts);
  const parse_end end = as == encoding::json ? parse_json(frame, reader) : parse_msgpack(frame, reader);
  if (end == parse_end::stopped) {
    return refuse({}, error_code::bad_request,
                  fmt::format("the frame is nested deeper than {} levels", max_depth));
  }
  if (end != parse_end::whole) {
    return refuse(
        {}, error_code::bad_request,
        as == encoding::json ? "the frame is not one JSON text" : "the frame is not one MessagePack map");
  }
  if (!reader.is_map())
    return refuse({}, error_code::bad_request, "a command is a map with \"type\" and \"id\"");
  return make_command(std::move(parts), {frame, as});
}

}  // namespace tickcast::protocol
