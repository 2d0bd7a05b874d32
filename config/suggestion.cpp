#include "config/suggestion.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace tickcast::config {
namespace {

char fold(char c) {
  return c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = fold(a[i - 1]) == fold(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      const bool swapped =
          i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::optional<std::string> suggest(std::string_view word, const std::vector<std::string_view>& known) {
  constexpr std::size_t longest_word = 64;
  if (word.empty() || word.size() > longest_word) return std::nullopt;
  std::optional<std::string> nearest;
  std::size_t least = std::max<std::size_t>(1, (word.size() + 1) / 3) + 1;
  for (const auto candidate : known) {
    const auto distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      nearest = std::string(candidate);
    }
  }
  if (nearest) return nearest;
  // A word that was cut short or goes on ("origins_list") is near too.
  for (const auto candidate : known)
    if (word.size() >= 3 && candidate.size() >= 3 &&
        (candidate.starts_with(word) || word.starts_with(candidate)))
      return std::string(candidate);
  return std::nullopt;
}

}  // namespace tickcast::config
