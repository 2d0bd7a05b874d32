#include "protocol/json_writer.hpp"

#include "protocol/utf8.hpp"

namespace tickcast::protocol {
namespace {

void append_escaped(appender& to, unsigned char byte) {
  switch (byte) {
    case '"':
      return to.append("\\\"");
    case '\\':
      return to.append("\\\\");
    case '\n':
      return to.append("\\n");
    case '\r':
      return to.append("\\r");
    case '\t':
      return to.append("\\t");
    default:
      break;
  }
  constexpr std::string_view hex = "0123456789abcdef";
  to.append("\\u00");
  to.append(hex[byte >> 4]);
  to.append(hex[byte & 0xf]);
}

bool passes_unchanged(unsigned char byte) noexcept {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

}  // namespace

void json_writer::text(std::string_view value) {
  begin_value(0);
  to_.append('"');
  while (!value.empty()) {
    std::size_t run = 0;
    while (run < value.size() && passes_unchanged(static_cast<unsigned char>(value[run]))) ++run;
    to_.append(value.substr(0, run));
    value.remove_prefix(run);
    if (value.empty()) break;
    const std::size_t length = utf8_sequence(value);
    if (length == 1) {
      append_escaped(to_, static_cast<unsigned char>(value.front()));
    } else {
      to_.append(length == 0 ? utf8_replacement : value.substr(0, length));
    }
    value.remove_prefix(length == 0 ? 1 : length);
  }
  to_.append('"');
}

}  // namespace tickcast::protocol
