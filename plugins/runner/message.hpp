#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/market.hpp"
#include "protocol/topic.hpp"
#include "tickcast/past.hpp"

/// What reaches a plugin, as plain values: the same in a thread of the engine, in a process and in the test
/// kit.
namespace tickcast::plugins {

/// A topic, taken apart once for all its updates.
struct topic_ref {
  explicit topic_ref(const protocol::topic_name& parsed)
      : topic(parsed.whole),
        symbol(parsed.has_symbol() ? parsed.name : std::string_view{}),
        interval(parsed.interval_text),
        kind(parsed.kind) {}
  std::string topic;
  std::string symbol;    ///< empty for event topics
  std::string interval;  ///< bars
  protocol::topic_kind kind;
};

/// Where a topic stands: all that the engine holds of it. `seq` of its message is the last one in it.
struct topic_history {
  std::string epoch;  ///< empty: nobody has written the topic yet
  std::vector<protocol::trade> trades;
  std::optional<protocol::quote> quote;
  std::vector<protocol::bar> bars;
  std::shared_ptr<const std::string> event;
};

struct question {
  std::uint64_t id;  ///< to be given back with the answer
  std::string from;
  std::string json_text;
};
struct answer_text {
  std::uint64_t id;
  bool ok;
  std::string text;  ///< JSON, or a sentence
};

/// A plugin asks for the past of a topic of kind trade or bar.
struct past_request {
  std::uint64_t id = 0;  ///< to be given back with the answer
  std::string topic;
  past which;
};
struct past_answer {
  std::uint64_t id = 0;
  past_error code = past_error::none;
  std::string error;
  std::string epoch;
  std::uint64_t seq = 0;
  bool more = false;
  std::vector<protocol::trade> trades;
  std::vector<protocol::bar> bars;
};

struct message {
  std::shared_ptr<const topic_ref> topic;  ///< null for questions and answers
  std::uint64_t seq = 0;
  std::variant<protocol::trade, protocol::quote, protocol::bar, std::shared_ptr<const std::string>,
               std::shared_ptr<const topic_history>, question, answer_text,
               std::shared_ptr<const past_answer>>
      what;

  /// An update may be dropped when too many wait; all else may not.
  bool is_update() const noexcept { return what.index() < 4; }
};

}  // namespace tickcast::plugins
