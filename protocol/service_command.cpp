#include "protocol/service_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "protocol/topic.hpp"
#include "protocol/utf8.hpp"

namespace tickcast::protocol {
namespace {

using nlohmann::json;

constexpr std::size_t longest_reason = 120;  // with its code it must fit into a close frame
constexpr std::size_t most_topics = 2000;

tl::unexpected<error> refuse(errc code, std::string why) {
  return unexpected(error{code, std::move(why)});
}

/// The fields of `data`, checked one by one; the first fault stands.
class reader {
public:
  reader(std::string_view type, const json& data, std::optional<std::string>&& payload)
      : type_(type), data_(data), payload_(std::move(payload)) {}

  const json* find(std::string_view name) const {
    const auto at = data_.find(name);
    return at == data_.end() || at->is_null() ? nullptr : &*at;
  }
  const json* need(std::string_view name) {
    const auto* at = find(name);
    if (!at) blame(errc::missing_field, fmt::format("{} needs data.{}", type_, name));
    return at;
  }
  std::string text(std::string_view name, std::size_t most) {
    const auto* at = need(name);
    if (!at) return {};
    if (!at->is_string() || at->get_ref<const std::string&>().empty() ||
        at->get_ref<const std::string&>().size() > most) {
      blame(errc::bad_field, fmt::format("{}: {} must be a text of 1 to {} bytes", type_, name, most));
      return {};
    }
    return at->get<std::string>();
  }
  /// Django's keys are numbers: 42 and "42" are one user.
  std::string user_of(const json& id) {
    if (id.is_number_integer()) return id.dump();
    if (id.is_string() && !id.get_ref<const std::string&>().empty() &&
        id.get_ref<const std::string&>().size() <= max_user_bytes)
      return id.get<std::string>();
    blame(errc::bad_field,
          fmt::format("{}: a user is a whole number or a text of 1 to {} bytes", type_, max_user_bytes));
    return {};
  }
  std::string user() {
    const auto* at = need("user");
    return at ? user_of(*at) : std::string();
  }
  std::string topic_of(const json& name, bool may_be_reserved) {
    if (!name.is_string()) {
      blame(errc::bad_field, fmt::format("{}: a topic is a text", type_));
      return {};
    }
    const auto& text = name.get_ref<const std::string&>();
    const auto parsed = parse_topic(text);
    if (!parsed)
      blame(parsed.error().code, parsed.error().message);
    else if (!may_be_reserved && is_reserved(parsed->kind))
      blame(errc::reserved_topic,
            fmt::format("topics of kind \"{}\" are written by the engine alone", parsed->word));
    return text;
  }
  std::string payload() {
    if (payload_) return std::move(*payload_);
    blame(errc::missing_field, fmt::format("{} needs data.data, anything that JSON can say", type_));
    return {};
  }
  bool flag(std::string_view name, bool otherwise) {
    const auto* at = find(name);
    if (!at) return otherwise;
    if (!at->is_boolean()) blame(errc::bad_field, fmt::format("{}: {} must be true or false", type_, name));
    return at->is_boolean() && at->get<bool>();
  }
  /// Nothing but these.
  void only(std::initializer_list<std::string_view> known) {
    for (const auto& [name, value] : data_.items())
      if (std::find(known.begin(), known.end(), name) == known.end())
        blame(errc::bad_field, fmt::format("{} has no field {} in data; it takes {}", type_, in_quotes(name),
                                           fmt::join(known, ", ")));
  }
  void blame(errc code, std::string why) {
    if (!fault_) fault_ = error{code, std::move(why)};
  }

  expected<service_command> end(service_command&& what) {
    if (fault_) return unexpected(std::move(*fault_));
    return std::move(what);
  }

private:
  std::string_view type_;
  const json& data_;
  std::optional<std::string> payload_;
  std::optional<error> fault_;
};

service_command read_publish(reader& from) {
  from.only({"topic", "data"});
  const auto* topic = from.need("topic");
  return publish_command{topic ? from.topic_of(*topic, false) : std::string(), from.payload()};
}

to_users read_users(reader& from) {
  const auto* several = from.find("users");
  if (!several) return {{from.user()}};
  if (from.find("user")) from.blame(errc::bad_field, "push_user takes user or users, not both");
  if (!several->is_array() || several->empty() || several->size() > max_command_users) {
    from.blame(errc::bad_field, fmt::format("push_user: users is a list of 1 to {}", max_command_users));
    return {};
  }
  to_users found;
  for (const auto& each : *several) found.ids.push_back(from.user_of(each));
  std::sort(found.ids.begin(), found.ids.end());
  found.ids.erase(std::unique(found.ids.begin(), found.ids.end()), found.ids.end());
  return found;
}

service_command read_push_user(reader& from) {
  from.only({"user", "users", "kind", "data", "keep"});
  return push_command{read_users(from), from.text("kind", max_kind_bytes), from.payload(),
                      from.flag("keep", true)};
}

service_command read_push_group(reader& from) {
  from.only({"group", "kind", "data", "keep"});
  return push_command{to_group{from.text("group", max_user_bytes)}, from.text("kind", max_kind_bytes),
                      from.payload(), from.flag("keep", true)};
}

service_command read_broadcast(reader& from) {
  from.only({"kind", "data"});
  return push_command{to_everybody{}, from.text("kind", max_kind_bytes), from.payload(), false};
}

service_command read_topics(reader& from, bool begins) {
  from.only({"user", "topics"});
  subscribe_user_command found{from.user(), {}, begins};
  const auto* topics = from.need("topics");
  if (!topics) return found;
  if (!topics->is_array() || topics->empty() || topics->size() > most_topics) {
    from.blame(errc::bad_field, fmt::format("topics is a list of 1 to {}", most_topics));
    return found;
  }
  for (const auto& each : *topics) found.topics.push_back(from.topic_of(each, true));
  return found;
}

service_command read_subscribe(reader& from) {
  return read_topics(from, true);
}

service_command read_unsubscribe(reader& from) {
  return read_topics(from, false);
}

service_command read_disconnect(reader& from) {
  from.only({"user", "code", "reason"});
  disconnect_user_command found;
  found.user = from.user();
  if (const auto* code = from.find("code")) {
    const auto number = code->is_number_integer() ? code->get<std::int64_t>() : 0;
    if (number < 3000 || number > 4999)
      from.blame(errc::bad_field,
                 "disconnect_user: code is 3000 to 4999; clients come back by themselves below 3500");
    found.code = static_cast<std::uint16_t>(number);
  }
  if (from.find("reason")) found.reason = from.text("reason", longest_reason);
  return found;
}

service_command read_refresh(reader& from) {
  from.only({"user"});
  return refresh_user_command{from.user()};
}

struct kind_of_command {
  std::string_view type;
  service_command (*read)(reader&);
};

constexpr std::array<kind_of_command, 8> kinds{{{"publish", read_publish},
                                                {"push_user", read_push_user},
                                                {"push_group", read_push_group},
                                                {"broadcast", read_broadcast},
                                                {"subscribe_user", read_subscribe},
                                                {"unsubscribe_user", read_unsubscribe},
                                                {"disconnect_user", read_disconnect},
                                                {"refresh", read_refresh}}};

const kind_of_command* find_kind(std::string_view type) noexcept {
  for (const auto& each : kinds)
    if (each.type == type) return &each;
  return nullptr;
}

}  // namespace

bool is_service_command(std::string_view type) noexcept {
  return find_kind(type) != nullptr;
}

expected<service_command> read_service_command(std::string_view type, const json& data,
                                               std::optional<std::string>&& payload) {
  const auto* kind = find_kind(type);
  if (!kind) return refuse(errc::unknown_type, fmt::format("\"{}\" is no service message", type));
  if (!data.is_object()) return refuse(errc::bad_field, fmt::format("{}: data must be a map", type));
  reader from(type, data, std::move(payload));
  return from.end(kind->read(from));
}

}  // namespace tickcast::protocol
