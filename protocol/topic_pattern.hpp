#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/error.hpp"

namespace tickcast::protocol {

/// Which topics somebody means. A topic that exists later can match as well as one that exists.
struct topic_pattern {
  enum class kind : std::uint8_t {
    prefix,  ///< topics that begin with `text`; an empty one means all
    glob,    ///< `*` stands for any run of characters, dots included, `?` for one; all else for itself
  };
  kind is = kind::glob;
  std::string text;

  bool matches(std::string_view topic) const noexcept;

  friend bool operator==(const topic_pattern&, const topic_pattern&) noexcept = default;
};

/// Whether a client means a pattern by it: no topic holds `*` or `?`.
inline bool is_topic_pattern(std::string_view text) noexcept {
  return text.find_first_of("*?") != std::string_view::npos;
}

/// A client's pattern: a topic's characters with `*` and `?`, at most as long as a topic. It names one kind:
/// a whole word and its dot stand before the first star. Errors: bad_topic, too_large.
expected<topic_pattern> parse_pattern(std::string_view text);

}  // namespace tickcast::protocol
