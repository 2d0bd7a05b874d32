#pragma once
#include <string_view>

namespace tickcast::plugins {

/// Whether `text` fits the glob: `*` is any text, the empty one too, `?` one character.
bool matches(std::string_view glob, std::string_view text) noexcept;
/// Whether it has a `*` or `?`.
bool is_glob(std::string_view pattern) noexcept;
/// Topic characters, `*` and `?`, at most as long as a topic; without a glob character it must be a topic.
bool is_pattern(std::string_view pattern) noexcept;

}  // namespace tickcast::plugins
