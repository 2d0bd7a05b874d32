#include "protocol/topic_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/topic.hpp"
#include "protocol/utf8.hpp"

namespace tickcast::protocol {
namespace {

/// Goes back to the last star alone, so that no pattern takes longer than its length times the topic's.
bool glob_matches(std::string_view glob, std::string_view text) noexcept {
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_ends = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      star_ends = t;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
      ++g;
      ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++star_ends;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

}  // namespace

bool topic_pattern::matches(std::string_view topic) const noexcept {
  return is == kind::prefix ? topic.starts_with(text) : glob_matches(text, topic);
}

expected<topic_pattern> parse_pattern(std::string_view text) {
  if (text.size() > max_topic_bytes)
    return unexpected(error{errc::too_large, fmt::format("a pattern has at most {} bytes, this one {}",
                                                         max_topic_bytes, text.size())});
  const auto wild = text.find_first_of("*?");
  const auto dot = text.substr(0, wild).find('.');
  if (dot == std::string_view::npos || dot == 0)
    return unexpected(
        error{errc::bad_topic,
              fmt::format("the pattern {} must name a kind before its first star, as in trade.BTC*",
                          in_quotes(text))});
  std::string plain(text);
  std::replace_if(
      plain.begin(), plain.end(), [](char c) { return c == '*' || c == '?'; }, 'x');
  if (!has_topic_bytes_alone(plain))
    return unexpected(error{
        errc::bad_topic,
        fmt::format("the pattern {} holds more than letters, digits and ._-:@/+(),*?", in_quotes(text))});
  return topic_pattern{topic_pattern::kind::glob, std::string(text)};
}

}  // namespace tickcast::protocol
