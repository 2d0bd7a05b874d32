#include "protocol/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace tickcast::protocol {
namespace {

constexpr std::size_t max_quoted = 40;

bool is_continuation(unsigned char byte) noexcept {
  return (byte & 0xc0) == 0x80;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return 1;
  // The second byte's range excludes overlong forms, surrogates and what lies beyond U+10FFFF.
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  std::size_t length = 0;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  }
  if (length == 0 || text.size() < length || at(1) < low || at(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_continuation(at(i))) return 0;
  }
  return length;
}

bool is_valid_utf8(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size()) {
    std::uint64_t eight = 0;
    if (text.size() - i >= sizeof eight) {
      std::memcpy(&eight, text.data() + i, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        i += sizeof eight;
        continue;
      }
    }
    const std::size_t length = utf8_sequence(text.substr(i));
    if (length == 0) return false;
    i += length;
  }
  return true;
}

void append_as_utf8(std::string& to, std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    to.append(length == 0 ? utf8_replacement : text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  const bool cut = text.size() > max_quoted;
  std::size_t taken = 0;
  while (taken < text.size()) {
    const std::size_t length = utf8_sequence(text.substr(taken));
    if (taken + (length == 0 ? 1 : length) > max_quoted) break;
    const auto byte = static_cast<unsigned char>(text[taken]);
    if (length == 0 || byte < 0x20 || byte == 0x7f) {
      result += '?';
      ++taken;
    } else {
      result.append(text.substr(taken, length));
      taken += length;
    }
  }
  result += cut ? "…\"" : "\"";
  return result;
}

}  // namespace tickcast::protocol
