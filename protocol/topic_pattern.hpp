#pragma once
#include <cstdint>
#include <string>
#include <string_view>

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

}  // namespace tickcast::protocol
