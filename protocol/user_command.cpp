#include "protocol/user_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "protocol/frame_part.hpp"

namespace tickcast::protocol {
namespace {

using nlohmann::json;
using result = tl::expected<command, command_error>;

constexpr std::size_t longest_type = 64;
constexpr std::array<std::string_view, 17> own_words{
    "connect", "refresh", "subscribe", "unsubscribe", "history", "publish", "presence", "ack",     "ping",
    "pong",    "reply",   "error",     "snapshot",    "update",  "gap",     "message",  "expiring"};

unexpected<command_error> bad(std::uint64_t id, std::string message) {
  return unexpected(
      command_error{id == 0 ? std::nullopt : std::optional(id), error_code::bad_request, std::move(message)});
}

/// The part as a value; discarded: there is none.
json part_of(const frame_text& whole, std::initializer_list<std::string_view> path) {
  const auto text = find_part(whole.bytes, whole.as, path);
  return text ? json::parse(*text, nullptr, false) : json(json::value_t::discarded);
}

result make_publish(std::uint64_t id, const frame_text& whole) {
  const auto topic = part_of(whole, {"data", "topic"});
  if (!topic.is_string()) return bad(id, R"("data" needs "topic", a string such as "chat.room1")");
  auto data = find_part(whole.bytes, whole.as, {"data", "data"});
  if (!data) return bad(id, R"("data" needs "data", what JSON can say)");
  const auto echo = part_of(whole, {"data", "echo"});
  if (!echo.is_discarded() && !echo.is_boolean()) return bad(id, R"("echo" must be true or false)");
  return command{id, client_publish_command{topic.get<std::string>(), std::move(*data),
                                            echo.is_discarded() || echo.get<bool>()}};
}

result make_presence(std::uint64_t id, const frame_text& whole) {
  const auto topic = part_of(whole, {"data", "topic"});
  if (!topic.is_string()) return bad(id, R"("data" needs "topic", a string such as "chat.room1")");
  return command{id, presence_command{topic.get<std::string>()}};
}

result make_ack(std::uint64_t id, const frame_text& whole) {
  const auto data = part_of(whole, {"data"});
  const auto why = R"("data" needs "epoch", a string, and "seq", a whole number or a list of up to 1000)";
  if (!data.is_object() || !data.contains("epoch") || !data["epoch"].is_string() || !data.contains("seq"))
    return bad(id, why);
  ack_command made{data["epoch"].get<std::string>(), {}};
  const auto& seq = data["seq"];
  const auto take = [&](const json& one) {
    if (!one.is_number_unsigned()) return false;
    made.seqs.push_back(one.get<std::uint64_t>());
    return true;
  };
  if (seq.is_array() ? seq.empty() || seq.size() > max_command_acks : !seq.is_number_unsigned())
    return bad(id, why);
  if (seq.is_array() ? !std::all_of(seq.begin(), seq.end(), take) : !take(seq)) return bad(id, why);
  return command{id, std::move(made)};
}

}  // namespace

bool is_call_type(std::string_view type) noexcept {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !type.empty() && type.size() <= longest_type && std::all_of(type.begin(), type.end(), fits) &&
         std::find(own_words.begin(), own_words.end(), type) == own_words.end();
}

bool is_user_command(std::string_view type) noexcept {
  return type == "publish" || type == "presence" || type == "ack" || is_call_type(type);
}

bool needs_no_id(std::string_view type) noexcept {
  return type == "ack" || is_call_type(type);
}

result make_user_command(std::uint64_t id, std::string_view type, const frame_text& whole) {
  if (type == "publish") return make_publish(id, whole);
  if (type == "presence") return make_presence(id, whole);
  if (type == "ack") return make_ack(id, whole);
  bool is_there = false;
  auto data = find_part(whole.bytes, whole.as, {"data"}, &is_there);
  if (!data && is_there) return bad(id, R"("data" must be something that JSON can say)");
  return command{id, call_command{std::string(type), data ? std::move(*data) : "null"}};
}

bool read_message_position(const frame_text& whole, std::optional<message_position>& to) {
  const auto given = part_of(whole, {"data", "messages"});
  if (given.is_discarded() || given.is_null()) return true;
  if (!given.is_object() || !given.contains("epoch") || !given["epoch"].is_string() ||
      !given.contains("seq") || !given["seq"].is_number_unsigned())
    return false;
  to = message_position{given["epoch"].get<std::string>(), given["seq"].get<std::uint64_t>()};
  return true;
}

}  // namespace tickcast::protocol
