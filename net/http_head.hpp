#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickcast::net {

/// What stands before the body of an answer.
struct http_head {
  unsigned status = 200;
  std::string_view content_type;  ///< empty: none
  std::size_t length = 0;         ///< Content-Length; left out with 304
  bool keep_alive = true;
  /// Further headers. Values must not hold line breaks; such a header is left out.
  std::vector<std::pair<std::string_view, std::string_view>> headers = {};
};

/// Appends the head in HTTP/1.1 form, with Date and the security headers every answer carries:
/// nosniff, no framing, and for HTML a policy that allows nothing from elsewhere and no inline script.
void append_head(std::string& to, const http_head& head);

/// "Not Found" for 404.
std::string_view reason_phrase(unsigned status);

}  // namespace tickcast::net
