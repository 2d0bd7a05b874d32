#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// As much of RFC 6455 as the load client and the floor server need: no extensions, no fragmented messages.
namespace tickcast::bench {

enum class opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

enum class role : std::uint8_t { client, server };

/// One frame at the front of a buffer. `payload` points into that buffer and is unmasked in place.
struct frame_view {
  opcode op = opcode::continuation;
  std::string_view payload;
  std::size_t wire_size = 0;
};

enum class parse_result : std::uint8_t { complete, incomplete, broken };

/// Takes the first frame of `size` bytes at `data`. Reserved bits and fragments are `broken`: no server that
/// is measured here sends them uninvited.
parse_result parse_frame(char* data, std::size_t size, frame_view& out) noexcept;

/// Appends one whole frame; a client's frames are masked.
void append_frame(std::string& out, role from, opcode op, std::string_view payload);

/// The `Sec-WebSocket-Accept` that answers `key` (section 4.2.2).
std::string accept_key(std::string_view key);

/// Appends a GET with upgrade for `path`, with an own random key; returns the accept value to expect.
std::string append_upgrade_request(std::string& out, std::string_view path);

/// The value of a header in a whole HTTP head, without regard to case; empty when absent.
std::string_view header_value(std::string_view head, std::string_view name) noexcept;

}  // namespace tickcast::bench
