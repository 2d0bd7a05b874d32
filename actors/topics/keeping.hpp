#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/topics/stored_offsets.hpp"
#include "actors/users/inbox.hpp"
#include "store/lane.hpp"
#include "store/store.hpp"

namespace tickcast::actors {

/// Where an event topic stands, as it is kept.
struct event_record {
  std::string epoch;
  std::uint64_t seq = 0;
  std::string data;  ///< the last message, compact JSON

  std::string to_bytes() const;
  /// Nothing: the bytes are none of ours.
  static std::optional<event_record> from_bytes(std::string_view bytes);
};

/// What the topics know of the store. Filled before their actors start, read-only after that.
struct keeping {
  /// Where each shard leaves what it took, by shard; empty: nothing is kept.
  std::vector<std::shared_ptr<store::lane>> lanes;
  /// How far each feed was when the store was opened.
  stored_offsets offsets;
  /// Event topics as they were then, by topic, for the first directory.
  std::map<std::string, event_record> events;
  /// Messages to users that nobody had acknowledged, by user, oldest first; for the user manager.
  std::map<std::string, std::vector<kept_message>> messages;
  /// Something that event topics or users had to keep was not: the next start is none after an orderly end.
  std::atomic<bool> lost_states{false};
  /// To read; outlives all actors. Null: there is no store.
  const store::tick_store* history = nullptr;
  /// The same for seeds of indicators.
  const store::history* past = nullptr;
  /// Has `past` write all that it was given, and waits for it; on reader threads. Empty: it has it at once.
  std::function<void()> catch_up;
  /// Runs a job on a reader thread; false: too many wait. Empty: there are none, it runs at once.
  std::function<bool(std::function<void()>)> read_aside;
};

}  // namespace tickcast::actors
