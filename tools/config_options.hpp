#pragma once
#include <optional>
#include <string>
#include <vector>

#include "analytics/instruments.hpp"
#include "config/config.hpp"

namespace CLI {
class App;
}

namespace tickcast::tools {

/// `--config FILE` and `--set section.key=value`, as `serve` and `check` have them.
struct config_options {
  std::string file;  ///< empty: none was given, the embedded defaults stand
  std::vector<std::string> settings;
};

void add_config_options(CLI::App& command, config_options& options);

/// Reads and checks. What a person should know goes to stderr, one line each: notices beside a configuration,
/// every fault instead of one. Nothing: end with exit_code::usage.
std::optional<config::config> load_config(const config_options& options);
/// The instruments that the configuration names, in the same way; none where it names none.
std::optional<analytics::instruments> load_instruments(const config::config& values);

}  // namespace tickcast::tools
