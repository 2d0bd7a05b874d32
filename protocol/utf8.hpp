#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace tickcast::protocol {

/// U+FFFD, which stands where no text could be read.
inline constexpr std::string_view utf8_replacement = "\xEF\xBF\xBD";

/// Length of the well-formed UTF-8 sequence (RFC 3629) that `text` begins with, 1 to 4; 0 when it begins with
/// none.
std::size_t utf8_sequence(std::string_view text) noexcept;

/// Whether all of `text` is well-formed UTF-8. Plain ASCII takes the short way.
bool is_valid_utf8(std::string_view text) noexcept;

/// Appends `text` with each byte that belongs to no sequence replaced by U+FFFD. For text of others that goes
/// into our own messages.
void append_as_utf8(std::string& to, std::string_view text);

/// `text` in double quotes for an error message: at most 40 bytes of it, control characters as '?'.
std::string in_quotes(std::string_view text);

}  // namespace tickcast::protocol
