#include "tools/config_options.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <cstdio>
#include <utility>

#include "analytics/session_hours.hpp"
#include "config/instruments.hpp"
#include "config/load.hpp"

namespace tickcast::tools {

void add_config_options(CLI::App& command, config_options& options) {
  command
      .add_option("--config", options.file,
                  "Configuration file (TOML); without one the embedded defaults stand")
      ->type_name("FILE");
  command
      .add_option("--set", options.settings,
                  "Overrides one key, also beside a file; may be repeated: --set log.level=debug --set "
                  "feed.pull.hwm=10")
      ->type_name("SECTION.KEY=VALUE")
      ->allow_extra_args(false);
}

namespace {

/// Session hours need time zones, which config/ does not know. False: a fault was printed.
bool check_sessions(const config::config& values) {
  bool good = true;
  for (const auto& feed : values.feeds)
    if (const auto hours = analytics::session_hours::parse(feed.sessions); !hours) {
      fmt::print(stderr, "feed.{}.sessions: {}\n", feed.name, hours.error());
      good = false;
    }
  if (!good) fmt::print(stderr, "tickcast: faults in the configuration; nothing was started\n");
  return good;
}

}  // namespace

std::optional<config::config> load_config(const config_options& options) {
  auto result = options.file.empty() ? config::load_defaults(options.settings)
                                     : config::load_file(options.file, options.settings);
  if (!result) {
    for (const auto& fault : result.error()) fmt::print(stderr, "{}\n", config::to_string(fault));
    const auto count = result.error().size();
    fmt::print(stderr, "tickcast: {} fault{} in the configuration; nothing was started\n", count,
               count == 1 ? "" : "s");
    return std::nullopt;
  }
  for (const auto& notice : result->notices) fmt::print(stderr, "notice: {}\n", config::to_string(notice));
  if (!check_sessions(result->values)) return std::nullopt;
  return std::move(result->values);
}

std::optional<analytics::instruments> load_instruments(const config::config& values) {
  if (values.instruments.file.empty()) return analytics::instruments{};
  const auto read = config::load_instruments(values.instruments.file, analytics::is_time_zone);
  if (!read) {
    for (const auto& fault : read.error()) fmt::print(stderr, "{}\n", config::to_string(fault));
    fmt::print(stderr, "tickcast: faults in the instruments; nothing was started\n");
    return std::nullopt;
  }
  auto made = analytics::instruments::make(*read);
  if (!made) {
    fmt::print(stderr, "{}: {}\n", values.instruments.file, made.error());
    return std::nullopt;
  }
  return std::move(*made);
}

}  // namespace tickcast::tools
