#include "plugins/runner/pattern.hpp"

#include <algorithm>

#include "protocol/topic.hpp"

namespace tickcast::plugins {

bool matches(std::string_view glob, std::string_view text) noexcept {
  std::size_t g = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (g < glob.size() && (glob[g] == '?' || (glob[g] != '*' && glob[g] == text[t]))) {
      ++g;
      ++t;
    } else if (g < glob.size() && glob[g] == '*') {
      star = g++;
      resume = t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

bool is_glob(std::string_view pattern) noexcept {
  return pattern.find_first_of("*?") != std::string_view::npos;
}

bool is_pattern(std::string_view pattern) noexcept {
  if (!is_glob(pattern)) return protocol::parse_topic(pattern).has_value();
  if (pattern.size() > protocol::max_topic_bytes) return false;
  constexpr std::string_view others = "._-:@/+(),*?";
  return std::all_of(pattern.begin(), pattern.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

}  // namespace tickcast::plugins
