#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/keys.hpp"

namespace tickcast::config {

/// One key of the description, with all that can be said of it without a file.
struct known_key {
  std::string section;   ///< as its header stands in a file: "listen.tls"; for rows of a list the list's name
  bool in_list = false;  ///< the section is an array of tables
  key_info info;
  std::string type;           ///< in words
  std::string default_value;  ///< as TOML; empty: unset
  std::string allowed;        ///< in words; empty: anything of its type
  support state;              ///< of the key and all sections around it
};

struct known_section {
  std::string name;
  bool is_list = false;
  std::string_view text;
  support state;
  std::vector<known_key> keys;
};

/// Every section in order of description, with its keys. Made once; lives as long as the program.
const std::vector<known_section>& all_sections();

/// The sentence for a key or section `name` that does not exist under `path`: names what was meant, out of
/// `known` (what exists there) or of all other sections, if that can be told.
std::string unknown_key(std::string_view path, std::string_view name,
                        const std::vector<std::string_view>& known);

}  // namespace tickcast::config
