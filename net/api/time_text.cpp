#include "net/api/time_text.hpp"

#include <string>

#include "protocol/time_text.hpp"

namespace tickcast::net::api {

std::optional<std::int64_t> parse_time(std::string_view text) {
  constexpr std::size_t length_of_date = 10;
  const auto blank = text.rfind(' ');
  if (blank == std::string_view::npos || blank <= length_of_date) return protocol::parse_query_time(text);
  std::string whole(text);
  whole[blank] = '+';
  return protocol::parse_query_time(whole);
}

}  // namespace tickcast::net::api
