#include "protocol/value_bytes.hpp"

#include <algorithm>

#include "protocol/msgpack_writer.hpp"

namespace tickcast::protocol {
namespace {

std::size_t json_text_size(std::string_view from) noexcept {
  std::size_t at = 1;
  while (at < from.size() && from[at] != '"') at += from[at] == '\\' ? 2 : 1;
  return std::min(at + 1, from.size());
}

unsigned char head_of(std::string_view bytes) noexcept {
  return bytes.empty() ? 0xc0 : static_cast<unsigned char>(bytes.front());
}

/// The big-endian number of `bytes` bytes behind the head.
std::size_t number_behind(std::string_view from, std::size_t bytes) noexcept {
  std::size_t result = 0;
  for (std::size_t i = 1; i <= bytes && i < from.size(); ++i)
    result = (result << 8) | static_cast<unsigned char>(from[i]);
  return result;
}

/// What a value that holds no others takes behind its head; its content begins behind `length` bytes.
struct plain_size {
  std::size_t length;   ///< bytes of a length that stands before the content
  std::size_t content;  ///< bytes of it where there is no length
};

plain_size size_behind(unsigned char head) noexcept {
  if (head >= 0xa0 && head <= 0xbf) return {0, head & 0x1fU};
  switch (head) {
    case 0xcc:
    case 0xd0:
      return {0, 1};
    case 0xcd:
    case 0xd1:
      return {0, 2};
    case 0xca:
    case 0xce:
    case 0xd2:
      return {0, 4};
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return {0, 8};
    case 0xc4:
    case 0xd9:
      return {1, 0};
    case 0xc5:
    case 0xda:
      return {2, 0};
    case 0xc6:
    case 0xdb:
      return {4, 0};
    default:
      return {0, 0};
  }
}

}  // namespace

std::size_t json_bytes::size_of(std::string_view from) noexcept {
  if (from.empty()) return 0;
  if (from.front() == '"') return json_text_size(from);
  if (!is_map(from) && !is_array(from)) return std::min(from.find_first_of(",]}"), from.size());
  std::size_t depth = 0;
  std::size_t at = 0;
  do {
    const char c = from[at];
    if (c == '"') {
      at += json_text_size(from.substr(at));
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at;
  } while (depth > 0 && at < from.size());
  return at;
}

bool msgpack_bytes::is_map(std::string_view value) noexcept {
  const auto head = head_of(value);
  return (head >= 0x80 && head <= 0x8f) || head == 0xde || head == 0xdf;
}

bool msgpack_bytes::is_array(std::string_view value) noexcept {
  const auto head = head_of(value);
  return (head >= 0x90 && head <= 0x9f) || head == 0xdc || head == 0xdd;
}

std::size_t msgpack_bytes::size_of(std::string_view from) noexcept {
  if (from.empty()) return 0;
  if (is_map(from) || is_array(from)) {
    auto rest = from;
    const std::size_t values = is_map(from) ? 2 : 1;
    for (auto left = take_count(rest) * values; left > 0 && !rest.empty(); --left)
      rest.remove_prefix(size_of(rest));
    return from.size() - rest.size();
  }
  const auto [length, content] = size_behind(head_of(from));
  return std::min(1 + length + (length > 0 ? number_behind(from, length) : content), from.size());
}

std::size_t msgpack_bytes::take_count(std::string_view& from) noexcept {
  const auto head = head_of(from);
  const std::size_t bytes = head >= 0xdc ? (head % 2 == 0 ? 2 : 4) : 0;
  const auto result = bytes > 0 ? number_behind(from, bytes) : head & 0x0fU;
  from.remove_prefix(std::min(1 + bytes, from.size()));
  return result;
}

std::string_view msgpack_bytes::text_of(std::string_view key) noexcept {
  return key.substr(std::min(1 + size_behind(head_of(key)).length, key.size()));
}

void msgpack_bytes::begin_map(std::string& to, std::size_t fields) {
  msgpack_writer(to).begin_map(fields);
}

void msgpack_bytes::begin_array(std::string& to, std::size_t elements) {
  msgpack_writer(to).begin_array(elements);
}

}  // namespace tickcast::protocol
