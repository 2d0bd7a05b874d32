#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "protocol/client_message.hpp"
#include "protocol/utf8.hpp"
#include "tests/fuzz/finding.hpp"

namespace tickcast::protocol {

/// A command's topics again, in the same order, through the other encoding's decoder.
inline void check_topics(std::uint64_t id, const char* type, const std::vector<std::string>& topics) {
  require(!topics.empty() && topics.size() <= max_command_topics, "a command has no topics, or too many");
  for (const std::string& topic : topics) {
    if (!is_valid_utf8(topic)) return;
  }
  const nlohmann::json again{{"type", type}, {"id", id}, {"data", {{"topics", topics}}}};
  const std::vector<std::uint8_t> packed = nlohmann::json::to_msgpack(again);
  for (const auto& decoded : {decode_command(again.dump(), encoding::json),
                              decode_command(as_text(packed.data(), packed.size()), encoding::msgpack)}) {
    require(decoded.has_value() && decoded->id == id, "a command is refused when it comes again");
    const auto* subscribe = std::get_if<subscribe_command>(&decoded->what);
    const auto* unsubscribe = std::get_if<unsubscribe_command>(&decoded->what);
    require(subscribe != nullptr || unsubscribe != nullptr, "a command became another one");
    require((subscribe != nullptr ? subscribe->topics : unsubscribe->topics) == topics, "topics changed");
  }
}

/// A history command again, as check_topics.
inline void check_history(std::uint64_t id, const history_command& asked) {
  require(asked.limit >= 1 && asked.limit <= max_history_rows, "a limit is impossible");
  if (!is_valid_utf8(asked.topic)) return;
  nlohmann::json data{{"topic", asked.topic}, {"limit", asked.limit}};
  if (asked.from_us) data["from"] = *asked.from_us;
  if (asked.to_us) data["to"] = *asked.to_us;
  const nlohmann::json again{{"type", "history"}, {"id", id}, {"data", data}};
  const std::vector<std::uint8_t> packed = nlohmann::json::to_msgpack(again);
  for (const auto& decoded : {decode_command(again.dump(), encoding::json),
                              decode_command(as_text(packed.data(), packed.size()), encoding::msgpack)}) {
    require(decoded.has_value() && decoded->id == id, "a command is refused when it comes again");
    const auto* history = std::get_if<history_command>(&decoded->what);
    require(history != nullptr, "a command became another one");
    require(history->topic == asked.topic && history->from_us == asked.from_us &&
                history->to_us == asked.to_us && history->limit == asked.limit,
            "a history command changed");
  }
}

inline void check_command(std::string_view frame, encoding as) {
  constexpr std::uint64_t largest_id = (std::uint64_t{1} << 53) - 1;
  const auto decoded = decode_command(frame, as);
  if (!decoded) {
    const command_error& why = decoded.error();
    require(!why.message.empty() && is_valid_utf8(why.message), "a refusal's sentence is not text");
    require(!why.id || (*why.id >= 1 && *why.id <= largest_id), "a refusal has an impossible id");
    const frame_ptr answer = encode_error(encoding::json, why.id.value_or(0), why.code, why.message);
    require(nlohmann::json::parse(answer->payload())["data"]["message"] == why.message,
            "an error frame is not JSON");
    return;
  }
  const bool may_have_none = std::holds_alternative<pong_command>(decoded->what) ||
                             std::holds_alternative<ack_command>(decoded->what) ||
                             std::holds_alternative<call_command>(decoded->what);
  require((may_have_none && decoded->id == 0) || (decoded->id >= 1 && decoded->id <= largest_id),
          "a command's id is impossible");
  const auto is_json = [](const std::string& text) { return nlohmann::json::accept(text); };
  if (const auto* call = std::get_if<call_command>(&decoded->what))
    require(is_call_type(call->type) && is_json(call->data), "a call is not what it must be");
  if (const auto* publish = std::get_if<client_publish_command>(&decoded->what))
    require(is_json(publish->data), "what is published is not JSON");
  if (const auto* ack = std::get_if<ack_command>(&decoded->what))
    require(!ack->seqs.empty() && ack->seqs.size() <= max_command_acks, "an acknowledgement names nothing");
  if (const auto* subscribe = std::get_if<subscribe_command>(&decoded->what)) {
    check_topics(decoded->id, "subscribe", subscribe->topics);
  }
  if (const auto* unsubscribe = std::get_if<unsubscribe_command>(&decoded->what)) {
    check_topics(decoded->id, "unsubscribe", unsubscribe->topics);
  }
  if (const auto* history = std::get_if<history_command>(&decoded->what))
    check_history(decoded->id, *history);
  if (const auto* connect = std::get_if<connect_command>(&decoded->what)) {
    require(is_valid_utf8(connect->token), "a token is not text");
  }
}

}  // namespace tickcast::protocol
