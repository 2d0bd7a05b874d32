#include "protocol/json_writer.hpp"

#include "protocol/utf8.hpp"

namespace tickcast::protocol {
namespace {

void append_escaped(std::string& to, unsigned char byte) {
  switch (byte) {
    case '"':
      to += "\\\"";
      return;
    case '\\':
      to += "\\\\";
      return;
    case '\n':
      to += "\\n";
      return;
    case '\r':
      to += "\\r";
      return;
    case '\t':
      to += "\\t";
      return;
    default:
      break;
  }
  constexpr std::string_view hex = "0123456789abcdef";
  to += "\\u00";
  to += hex[byte >> 4];
  to += hex[byte & 0xf];
}

bool passes_unchanged(unsigned char byte) noexcept {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

}  // namespace

void json_writer::text(std::string_view value) {
  separate();
  to_ += '"';
  while (!value.empty()) {
    std::size_t run = 0;
    while (run < value.size() && passes_unchanged(static_cast<unsigned char>(value[run]))) ++run;
    to_ += value.substr(0, run);
    value.remove_prefix(run);
    if (value.empty()) break;
    const auto byte = static_cast<unsigned char>(value.front());
    if (byte < 0x80) {
      append_escaped(to_, byte);
      value.remove_prefix(1);
    } else {
      const std::size_t length = utf8_sequence(value);
      append_as_utf8(to_, value.substr(0, length == 0 ? 1 : length));
      value.remove_prefix(length == 0 ? 1 : length);
    }
  }
  to_ += '"';
}

}  // namespace tickcast::protocol
