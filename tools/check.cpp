#include <fmt/format.h>

#include <CLI/App.hpp>
#include <memory>
#include <string_view>

#include "config/load.hpp"
#include "config/reference.hpp"
#include "tools/command.hpp"
#include "tools/config_options.hpp"
#include "tools/failure.hpp"

namespace tickcast::tools {
namespace {

struct check_options {
  config_options source;
  bool print_default = false;
  bool print_keys = false;
  bool print_effective = false;
};

exit_code check(const check_options& options) {
  if (options.print_default) return print_out(config::default_file());
  if (options.print_keys) return print_out(config::key_reference());
  auto values = load_config(options.source);
  if (!values || !load_instruments(*values)) return exit_code::usage;
  if (options.print_effective) return print_out(config::write_config(*values));
  return print_out(
      fmt::format("{}: no faults\n", options.source.file.empty() ? "defaults" : options.source.file));
}

}  // namespace

void add_check(CLI::App& program, exit_code& outcome) {
  auto* command =
      program.add_subcommand("check", "Reads a configuration and prints every fault with its line");
  command->footer(
      "Example: tickcast check --config /etc/tickcast.toml\n"
      "         tickcast check --print-default > tickcast.toml");
  auto options = std::make_shared<check_options>();
  add_config_options(*command, options->source);
  command->add_flag("--print-default", options->print_default, "Print the default file with its comments");
  command->add_flag("--print-keys", options->print_keys, "Print a table of every key (Markdown)");
  command->add_flag("--print-effective", options->print_effective,
                    "Print what file and overrides come to, as TOML; secret keys are left out");
  command->callback([options, &outcome] {
    if (options->source.file.empty() && options->source.settings.empty() && !options->print_default &&
        !options->print_keys && !options->print_effective)
      throw CLI::RequiredError("--config FILE, --set or one of --print-…");
    outcome = check(*options);
  });
}

}  // namespace tickcast::tools
