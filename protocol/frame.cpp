#include "protocol/frame.hpp"

#include <cassert>

namespace tickcast::protocol {
namespace {

constexpr char fin = static_cast<char>(0x80);
constexpr char opcode_text = 0x1;
constexpr char opcode_binary = 0x2;

/// Writes `size` in network order so that it ends at `end`, and returns where it begins.
char* write_big_endian(char* end, std::uint64_t value, int bytes) noexcept {
  for (int i = 0; i < bytes; ++i) {
    *--end = static_cast<char>(value & 0xff);
    value >>= 8;
  }
  return end;
}

}  // namespace

std::string begin_frame(std::size_t expected_payload) {
  std::string buffer;
  buffer.reserve(frame::header_room + expected_payload);
  buffer.append(frame::header_room, '\0');
  return buffer;
}

frame_ptr finish_frame(std::string&& buffer, encoding as) {
  assert(buffer.size() >= frame::header_room);
  const std::uint64_t size = buffer.size() - frame::header_room;
  char* at = buffer.data() + frame::header_room;
  if (size < 126) {
    *--at = static_cast<char>(size);
  } else if (size <= 0xffff) {
    at = write_big_endian(at, size, 2);
    *--at = 126;
  } else {
    at = write_big_endian(at, size, 8);
    *--at = 127;
  }
  *--at = static_cast<char>(fin | (as == encoding::json ? opcode_text : opcode_binary));
  const auto start = static_cast<std::uint8_t>(at - buffer.data());
  return frame_ptr(new frame(std::move(buffer), start));
}

frame_ptr make_frame(std::string_view payload, encoding as) {
  std::string buffer = begin_frame(payload.size());
  buffer.append(payload);
  return finish_frame(std::move(buffer), as);
}

}  // namespace tickcast::protocol
