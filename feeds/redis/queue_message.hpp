#pragma once
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "actors/users/errands.hpp"
#include "protocol/service_command.hpp"

namespace tickcast::feeds {

/// A command from a list, as the service office takes it.
struct queued_command {
  protocol::service_command what;
  std::string key;      ///< idempotency key; empty: none
  std::string content;  ///< what must be the same where the key is
};
/// A backend's answer to a client's message.
struct queued_answer {
  std::string id;
  actors::call_result what;
};

/// Takes a list's entry apart, a map or an array of maps in JSON or MessagePack: each map as JSON text, every
/// number with its digits. Error: a sentence that says what is wrong with it.
tl::expected<std::vector<std::string>, std::string> split_entry(std::string_view bytes);

/// Reads one of those maps. Error: a sentence that says what to send instead.
tl::expected<std::variant<queued_command, queued_answer>, std::string> read_queued(const std::string& text);

/// What a backend says in `error`, as far as it can be understood: a code of its own, 1000 to 65535, and why.
actors::call_result read_refusal(std::string_view json_text);

}  // namespace tickcast::feeds
