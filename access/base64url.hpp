#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace tickcast::access {

/// Base64 with `-` and `_`, without padding (RFC 4648, 5; RFC 7515, 2).
std::string to_base64url(std::string_view bytes);
/// Nothing when it is none: padding, other characters, or a length that cannot be.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace tickcast::access
