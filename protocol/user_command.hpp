#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/client_message.hpp"

/// The commands between users, and between users and backends: a part of decode_command.
namespace tickcast::protocol {

/// A frame that has been parsed once.
struct frame_text {
  std::string_view bytes;
  encoding as;
};

/// publish, presence, ack, and every is_call_type.
bool is_user_command(std::string_view type) noexcept;
/// Those that get no answer when they bring no id.
bool needs_no_id(std::string_view type) noexcept;
/// `type` is_user_command. `id` 0: there is none.
tl::expected<command, command_error> make_user_command(std::uint64_t id, std::string_view type,
                                                       const frame_text& whole);
/// connect's `messages`, where it is there. False: it is not what it should be.
bool read_message_position(const frame_text& whole, std::optional<message_position>& to);

}  // namespace tickcast::protocol
