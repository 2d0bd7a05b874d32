#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bench/load/payload.hpp"

/// How a client subscribes at each kind of server (bench/README.md, "The peers").
namespace tickcast::bench {

enum class dialect : std::uint8_t {
  tickcast,  ///< client protocol v1 in JSON
  plain,     ///< text frames `sub a b …`, `unsub a b …`, each answered by `ok` (floor, Bun, Tornado)
  nats,      ///< the NATS protocol in binary frames that do not follow its messages
  nchan,     ///< the topics are the URL; nothing is sent
};

std::optional<dialect> parse_dialect(std::string_view name) noexcept;

/// What a message means to the client.
enum class meaning : std::uint8_t { update, answer, refusal, ping, other };

/// The path of the upgrade request.
std::string upgrade_path(dialect in, const shape& of, std::span<const std::uint32_t> topics);

/// Whether topics can change while a connection lives.
bool can_resubscribe(dialect in) noexcept;

/// Appends the frames that subscribe to or leave `topics`; returns how many answers will come (0 or 1).
/// `greet`: the first command of a connection.
unsigned append_subscribe(std::string& out, dialect in, const shape& of,
                          std::span<const std::uint32_t> topics, std::uint64_t command_id, bool greet);
unsigned append_unsubscribe(std::string& out, dialect in, const shape& of,
                            std::span<const std::uint32_t> topics, std::uint64_t command_id);

/// What one message says. For NATS: of an item as next_nats_item takes it.
meaning meaning_of(dialect in, std::string_view message) noexcept;

/// Appends the answer to a message whose meaning is `ping`.
void append_ping_answer(std::string& out, dialect in);

/// Takes one item of the NATS stream off the front of `stream`: a message's payload or a control line.
/// Nothing when the item is not complete yet.
std::optional<std::string_view> next_nats_item(std::string_view& stream) noexcept;

}  // namespace tickcast::bench
