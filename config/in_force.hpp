#pragma once
#include <string>
#include <vector>

#include "config/config.hpp"

namespace tickcast::config {

/// A key with the value it has now.
struct key_in_force {
  std::string name;
  std::string value;          ///< as TOML; "•••" for a secret that is set; empty: unset
  std::string default_value;  ///< the same
  bool hot = false;
  std::string text;
};

/// A section, or one row of a list: "listen.tls", "feed.pull".
struct section_in_force {
  std::string name;
  std::vector<key_in_force> keys;
};

/// Every key of `values` with its value, for people. Secrets are not shown.
std::vector<section_in_force> in_force(config values);

/// Full paths of the keys that two configurations have different values for ("feed.pull.hwm"), rows that only
/// one of them has included.
std::vector<std::string> changed_keys(config before, config after);

}  // namespace tickcast::config
