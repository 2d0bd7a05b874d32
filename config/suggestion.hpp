#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tickcast::config {

/// Insertions, deletions, replacements and swaps of neighbours that make `b` of `a` (optimal string
/// alignment). Upper and lower case, `-` and `_` count as equal.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of `known`, if it is near enough to be what was meant.
std::optional<std::string> suggest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace tickcast::config
