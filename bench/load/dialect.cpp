#include "bench/load/dialect.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

#include "bench/load/websocket.hpp"

namespace tickcast::bench {
namespace {

std::string joined(const shape& of, std::span<const std::uint32_t> topics, std::string_view between) {
  std::string text;
  for (const std::uint32_t topic : topics) {
    if (!text.empty()) text += between;
    text += topic_name(of, topic);
  }
  return text;
}

unsigned append_tickcast_command(std::string& out, std::string_view type, const shape& of,
                                 std::span<const std::uint32_t> topics, std::uint64_t id) {
  append_frame(out, role::client, opcode::text,
               fmt::format(R"({{"type":"{}","id":{},"data":{{"topics":["{}"]}}}})", type, id,
                           joined(of, topics, R"(",")")));
  return 1;
}

unsigned append_plain_command(std::string& out, std::string_view verb, const shape& of,
                              std::span<const std::uint32_t> topics) {
  append_frame(out, role::client, opcode::text, fmt::format("{} {}", verb, joined(of, topics, " ")));
  return 1;
}

/// The subscription's id is the topic's number, so that UNSUB needs no memory.
unsigned append_nats_commands(std::string& out, bool subscribe, const shape& of,
                              std::span<const std::uint32_t> topics, bool greet) {
  std::string text;
  if (greet) text += "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":false}\r\n";
  auto to = std::back_inserter(text);
  for (const std::uint32_t topic : topics) {
    if (subscribe) {
      fmt::format_to(to, "SUB {} {}\r\n", topic_name(of, topic), topic + 1);
    } else {
      fmt::format_to(to, "UNSUB {}\r\n", topic + 1);
    }
  }
  text += "PING\r\n";
  append_frame(out, role::client, opcode::binary, text);
  return 1;
}

}  // namespace

std::optional<dialect> parse_dialect(std::string_view name) noexcept {
  if (name == "tickcast") return dialect::tickcast;
  if (name == "plain") return dialect::plain;
  if (name == "nats") return dialect::nats;
  if (name == "nchan") return dialect::nchan;
  return std::nullopt;
}

std::string upgrade_path(dialect in, const shape& of, std::span<const std::uint32_t> topics) {
  switch (in) {
    case dialect::nchan:
      return "/sub/" + (topics.empty() ? std::string{"idle"} : joined(of, topics, ","));
    case dialect::nats:
      return "/";
    case dialect::tickcast:
    case dialect::plain:
      break;
  }
  return "/ws";
}

bool can_resubscribe(dialect in) noexcept {
  return in != dialect::nchan;
}

unsigned append_subscribe(std::string& out, dialect in, const shape& of,
                          std::span<const std::uint32_t> topics, std::uint64_t command_id, bool greet) {
  if (in == dialect::nats) return append_nats_commands(out, true, of, topics, greet);
  if (in == dialect::nchan || topics.empty()) return 0;
  if (in == dialect::plain) return append_plain_command(out, "sub", of, topics);
  return append_tickcast_command(out, "subscribe", of, topics, command_id);
}

unsigned append_unsubscribe(std::string& out, dialect in, const shape& of,
                            std::span<const std::uint32_t> topics, std::uint64_t command_id) {
  if (in == dialect::nats) return append_nats_commands(out, false, of, topics, false);
  if (in == dialect::nchan || topics.empty()) return 0;
  if (in == dialect::plain) return append_plain_command(out, "unsub", of, topics);
  return append_tickcast_command(out, "unsubscribe", of, topics, command_id);
}

meaning meaning_of(dialect in, std::string_view message) noexcept {
  if (message.starts_with(R"({"type":"update")")) return meaning::update;
  switch (in) {
    case dialect::tickcast:
      if (message.starts_with(R"({"type":"reply")")) return meaning::answer;
      if (message.starts_with(R"({"type":"error")")) return meaning::refusal;
      if (message.starts_with(R"({"type":"gap")")) return meaning::refusal;
      if (message.starts_with(R"({"type":"ping")")) return meaning::ping;
      return meaning::other;
    case dialect::plain:
      return message == "ok" ? meaning::answer : meaning::refusal;
    case dialect::nats:
      if (message.starts_with("PONG")) return meaning::answer;
      if (message.starts_with("PING")) return meaning::ping;
      return message.starts_with("-ERR") ? meaning::refusal : meaning::other;
    case dialect::nchan:
      break;
  }
  return meaning::other;
}

void append_ping_answer(std::string& out, dialect in) {
  if (in == dialect::nats) append_frame(out, role::client, opcode::binary, "PONG\r\n");
  if (in == dialect::tickcast) append_frame(out, role::client, opcode::text, R"({"type":"pong"})");
}

std::optional<std::string_view> next_nats_item(std::string_view& stream) noexcept {
  const std::size_t end = stream.find("\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view item = stream.substr(0, end);
  std::size_t taken = end + 2;
  if (item.starts_with("MSG ")) {
    std::size_t bytes = 0;
    const std::size_t number = item.rfind(' ') + 1;
    std::from_chars(item.data() + number, item.data() + item.size(), bytes);
    if (stream.size() < taken + bytes + 2) return std::nullopt;
    item = stream.substr(taken, bytes);
    taken += bytes + 2;
  }
  stream.remove_prefix(taken);
  return item;
}

}  // namespace tickcast::bench
