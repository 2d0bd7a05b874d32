#include "protocol/topic_pattern.hpp"

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

}  // namespace tickcast::protocol
