#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/client_message.hpp"

namespace tickcast::actors {

/// A message to a user that is kept.
struct kept_message {
  protocol::message_position at;
  std::string kind;
  std::string data;           ///< compact JSON
  std::int64_t time_us = 0;   ///< wall clock, when it came
  bool acknowledged = false;  ///< by one of the user's devices
  std::uint32_t sendings = 0;
  std::chrono::steady_clock::time_point due{};  ///< when it is to be sent again

  std::string to_bytes() const;
  /// Nothing: the bytes are none of ours.
  static std::optional<kept_message> from_bytes(std::string_view bytes);
};

/// The last messages to one user, numbered from 1 within an epoch. What has been acknowledged stays for
/// devices that say how far they are, until it is pushed out. Plain data; one thread at a time.
class inbox {
public:
  /// A new message under the present epoch. Call trim() after it.
  kept_message& add(std::string kind, std::string data, std::int64_t time_us);
  /// Takes what was kept by an earlier life, oldest first.
  void restore(kept_message&& message) { messages_.push_back(std::move(message)); }
  /// The position of the newest message; seq 0: there was none in this life.
  const protocol::message_position& position() const noexcept { return newest_; }

  /// Lets the oldest go until there are `most`; what went, oldest first.
  std::vector<kept_message> trim(std::size_t most);
  /// Lets those go that came before.
  std::vector<kept_message> expire(std::int64_t before_us);
  /// Marks one; null: it is not kept, or was acknowledged before.
  const kept_message* acknowledge(std::string_view epoch, std::uint64_t seq);

  /// What a device is to get that has seen all up to there, oldest first; without a position what nobody has
  /// acknowledged.
  std::vector<kept_message*> behind(const std::optional<protocol::message_position>& seen);
  /// Messages after `seen` that are not kept any more, as far as can be told; {0, 0}: none.
  std::pair<std::uint64_t, std::uint64_t> missing(
      const std::optional<protocol::message_position>& seen) const;
  /// Messages that nobody has acknowledged and that are due to be sent again.
  std::vector<kept_message*> due(std::chrono::steady_clock::time_point now);
  /// When the next one is; max(): none waits.
  std::chrono::steady_clock::time_point next_due() const;

  std::size_t size() const noexcept { return messages_.size(); }
  std::size_t waiting() const noexcept;

private:
  std::deque<kept_message> messages_;
  protocol::message_position newest_;
};

}  // namespace tickcast::actors
