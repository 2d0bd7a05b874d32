#include "tools/subscription.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace tickcast::tools {
namespace {

constexpr std::uint64_t connect_id = 1;
constexpr std::uint64_t subscribe_id = 2;
constexpr std::chrono::milliseconds slack{8000};
constexpr std::int64_t longest_ping_ms = 3'600'000;

// Null when `of` is no object or has no such member.
nlohmann::json member(const nlohmann::json& of, const char* name) {
  const auto found = of.is_object() ? of.find(name) : of.end();
  return found == of.end() ? nlohmann::json() : *found;
}

std::uint64_t id_of(const nlohmann::json& frame) {
  const auto id = member(frame, "id");
  return id.is_number_unsigned() ? id.get<std::uint64_t>() : 0;
}

// A line break can only stand between the parts of a JSON text, where a blank does as well.
std::string one_line(std::string_view json) {
  std::string line(json);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

}  // namespace

subscription::subscription(std::vector<std::string> topics, std::string token, std::uint64_t count)
    : topics_(std::move(topics)), token_(std::move(token)), count_(count) {}

std::vector<std::string> subscription::commands() const {
  nlohmann::json connect{{"type", "connect"}, {"id", connect_id}, {"data", nlohmann::json::object()}};
  if (!token_.empty()) connect["data"]["token"] = token_;
  const nlohmann::json subscribe{
      {"type", "subscribe"}, {"id", subscribe_id}, {"data", {{"topics", topics_}}}};
  const auto as_text = [](const nlohmann::json& command) {
    return command.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  return {as_text(connect), as_text(subscribe)};
}

subscription::answer subscription::on_frame(std::string_view frame) {
  const auto parsed = nlohmann::json::parse(frame, nullptr, false);
  if (!parsed.is_object())
    return refused{"the server sent a frame that is no JSON object; is this Tickcast?"};
  const auto type = member(parsed, "type");
  const auto data = member(parsed, "data");
  if (type == "error") {
    const auto what =
        id_of(parsed) == subscribe_id ? fmt::format("{}: ", fmt::join(topics_, " ")) : std::string();
    const auto code = member(data, "code");
    const auto message = member(data, "message");
    return refused{fmt::format("{}{} (code {})", what,
                               message.is_string() ? message.get<std::string>() : "refused", code.dump())};
  }
  if (type == "reply" && id_of(parsed) == connect_id) {
    const auto ping = member(data, "ping_ms");
    if (ping.is_number_integer() && ping >= 0 && ping <= longest_ping_ms)
      patience_ = std::chrono::milliseconds(ping.get<std::int64_t>()) + slack;
  }
  if (type != "snapshot" && type != "update" && type != "gap") return nothing{};
  ++printed_;
  return print{one_line(frame), count_ != 0 && printed_ >= count_};
}

}  // namespace tickcast::tools
