#include "tools/watch_option.hpp"

#include <CLI/App.hpp>
#include <charconv>
#include <string>

namespace tickcast::tools {
namespace {

constexpr double unless_told = 2;

double read_seconds(const std::string& text) {
  // CLI11 gives an option without its value as one of these.
  if (text.empty() || text == "true") return unless_told;
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || value < 0.2 || value > 3600)
    throw CLI::ValidationError("--watch", text + " is no number of seconds from 0.2 to 3600");
  return value;
}

}  // namespace

void add_watch_option(CLI::App& command, double& seconds) {
  command
      .add_option_function<std::string>(
          "--watch", [&seconds](const std::string& text) { seconds = read_seconds(text); },
          "Show it again every so many seconds (2), until interrupted")
      ->type_name("[SECONDS]")
      ->expected(0, 1);
}

}  // namespace tickcast::tools
