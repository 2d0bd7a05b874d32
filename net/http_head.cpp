#include "net/http_head.hpp"

#include <fmt/format.h>

#include <array>
#include <ctime>
#include <iterator>

#include "net/asio.hpp"

namespace tickcast::net {
namespace {

constexpr std::string_view page_policy =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors "
    "'none'";

/// IMF-fixdate of RFC 9110, 5.6.7. Each thread formats it once a second.
std::string_view date_now() {
  thread_local std::time_t formatted = 0;
  thread_local std::array<char, 40> text{};
  thread_local std::size_t size = 0;
  const auto now = std::time(nullptr);
  if (now != formatted) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    formatted = now;
  }
  return {text.data(), size};
}

}  // namespace

std::string_view reason_phrase(unsigned status) {
  const auto phrase = http::obsolete_reason(static_cast<http::status>(status));
  return {phrase.data(), phrase.size()};
}

void append_head(std::string& to, const http_head& head) {
  auto out = std::back_inserter(to);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\nServer: tickcast\r\nDate: {}\r\n", head.status,
                 reason_phrase(head.status), date_now());
  if (!head.content_type.empty()) fmt::format_to(out, "Content-Type: {}\r\n", head.content_type);
  if (head.status != 304) fmt::format_to(out, "Content-Length: {}\r\n", head.length);
  to += "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\n";
  if (head.content_type.substr(0, 9) == "text/html")
    fmt::format_to(out, "Content-Security-Policy: {}\r\n", page_policy);
  for (const auto& [name, value] : head.headers)
    if (value.find_first_of("\r\n") == std::string_view::npos) fmt::format_to(out, "{}: {}\r\n", name, value);
  to += head.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
}

}  // namespace tickcast::net
