#include "net/gate.hpp"

#include <algorithm>
#include <cctype>

namespace tickcast::net {
namespace {

constexpr std::string_view token_protocol = "tickcast.token.";

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// The part before `separator`, trimmed; `text` goes on behind it.
std::string_view next_part(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto part = trim(text.substr(0, end));
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return part;
}

bool begins_ignoring_case(std::string_view text, std::string_view with) {
  return text.size() >= with.size() &&
         std::equal(with.begin(), with.end(), text.begin(),
                    [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

}  // namespace

std::string_view cookie_of(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const auto part = next_part(header, ';');
    const auto equals = part.find('=');
    if (equals == std::string_view::npos || part.substr(0, equals) != name) continue;
    auto value = part.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    return value;
  }
  return {};
}

std::string_view token_offered(std::string_view subprotocols) {
  while (!subprotocols.empty())
    if (const auto part = next_part(subprotocols, ','); part.starts_with(token_protocol))
      return part.substr(token_protocol.size());
  return {};
}

void read_authorization(std::string_view header, access::credentials& to) {
  constexpr std::string_view bearer = "Bearer ";
  constexpr std::string_view api_key = "ApiKey ";
  if (begins_ignoring_case(header, bearer)) to.token = trim(header.substr(bearer.size()));
  if (begins_ignoring_case(header, api_key)) to.api_key = trim(header.substr(api_key.size()));
}

}  // namespace tickcast::net
