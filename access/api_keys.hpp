#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "access/identity.hpp"

namespace tickcast::access {

/// The keys of programs, by their SHA-256: keys are long and random, so that no slower hash is needed.
///
/// A file with one line a key, `NAME SHA256-IN-HEX [GROUP,GROUP…]`; empty lines and those that begin with `#`
/// are left out. Immutable; any thread.
class api_keys {
public:
  /// Shorter keys are refused unread.
  static constexpr std::size_t shortest = 32;
  static constexpr std::size_t longest = 256;

  api_keys() = default;
  /// Throws std::runtime_error with a sentence that names the line.
  explicit api_keys(std::string_view text);

  /// Compares with every key, in constant time each.
  verdict check(std::string_view key) const;

private:
  using digest = std::array<unsigned char, 32>;
  struct entry {
    std::string name;
    digest hash;
    std::vector<std::string> groups;
  };
  static entry read_line(std::string_view line, std::size_t number);

  std::vector<entry> entries_;
};

}  // namespace tickcast::access
