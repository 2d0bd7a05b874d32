#pragma once
#include <optional>
#include <string>
#include <string_view>

/// The keys of the engine's states in the store.
namespace tickcast::actors {

/// There while the last end was an orderly one.
inline constexpr std::string_view orderly_key = "orderly";
inline constexpr std::string_view event_prefix = "event/";

inline std::string event_key(std::string_view topic) {
  return std::string(event_prefix) + std::string(topic);
}

/// The topic of an event_key.
inline std::optional<std::string_view> event_topic_of(std::string_view key) {
  if (!key.starts_with(event_prefix)) return std::nullopt;
  return key.substr(event_prefix.size());
}

}  // namespace tickcast::actors
