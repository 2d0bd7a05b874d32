#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "config/config.hpp"

/// From TOML and overrides to a checked configuration. Thread-safe; only load_file touches the disk.
namespace tickcast::config {

/// One thing that is wrong, or that a reader should know: where, what was found, what is allowed.
struct fault {
  std::string file;          ///< as given; empty: from an override
  std::uint32_t line = 0;    ///< from 1; 0: no line of the file is to blame
  std::uint32_t column = 0;  ///< from 1
  std::string option;        ///< the override as given, e.g. "listen.port=x"; empty: from the file
  std::string key;           ///< full path, e.g. "feed.pull.endpoint"; empty: the file as a whole
  std::string value;         ///< the offending value as TOML, shortened; empty: a key or section is to blame
  std::string message;       ///< what is wrong
  std::string allowed;       ///< what would be right; empty: the message says it

  bool operator==(const fault&) const = default;
};

/// One line: `tickcast.toml:12:8: listen.port = 99999: out of range; allowed: 0 to 65535`. No secret is
/// shown.
std::string to_string(const fault& what);

/// A configuration that holds. `notices`: settings that were read and checked, and that this version does not
/// act on yet; they disturb nothing, but who wrote them should hear of it.
struct loaded {
  config values;
  std::vector<fault> notices;
};

/// Either all is well, or every fault there is, in order of lines and then of overrides. A syntax error in
/// the TOML is one fault and hides what stands in the file; overrides are checked all the same.
using load_result = tl::expected<loaded, std::vector<fault>>;

/// `overrides` are `section.key=value`, taken in order after the file. The value is TOML; what is not
/// (`eth0`, `tcp://127.0.0.1:5557`) is taken as a string. Tables of tables go by name: `feed.pull.hwm=10`
/// changes the feed `pull` and adds it where there is none.
load_result load_text(std::string_view toml, std::string_view file,
                      std::span<const std::string> overrides = {});
/// A file that cannot be read is one fault.
load_result load_file(const std::string& path, std::span<const std::string> overrides = {});
/// Without a file: the defaults, the feeds `sub` and `pull`, and the simulator.
load_result load_defaults(std::span<const std::string> overrides = {});

/// The default file with all its comments (config/tickcast.toml).
std::string_view default_file() noexcept;

}  // namespace tickcast::config
