#pragma once
#include <cstdint>

namespace CLI {
class App;
}

/// The `tickcast` program: one subcommand a file, each with one function that adds it.
namespace tickcast::tools {

/// What the program returns. Documented in `tickcast --help`; scripts rely on the numbers.
enum class exit_code : std::uint8_t {
  ok = 0,
  failed = 1,        ///< began, and could not do it
  usage = 2,         ///< wrong options, or a configuration with faults; nothing was begun
  unreachable = 3,   ///< nobody to connect to, or nobody listens
  interrupted = 130  ///< SIGINT or SIGTERM before the work was done
};

/// Adds the subcommand to `program`. When it is chosen, parsing runs it to its end and leaves the result in
/// `outcome`. An exception that leaves it is printed by main() and means `failed`.
void add_serve(CLI::App& program, exit_code& outcome);
void add_check(CLI::App& program, exit_code& outcome);
void add_replay(CLI::App& program, exit_code& outcome);
void add_import(CLI::App& program, exit_code& outcome);
void add_export(CLI::App& program, exit_code& outcome);
void add_backtest(CLI::App& program, exit_code& outcome);
void add_subscribe(CLI::App& program, exit_code& outcome);
void add_publish(CLI::App& program, exit_code& outcome);
void add_plugin_host(CLI::App& program, exit_code& outcome);

/// The commands to a running server's admin port: lists, tree, top, trace, log, and what operators do.
void add_lists(CLI::App& program, exit_code& outcome);
void add_tree(CLI::App& program, exit_code& outcome);
void add_top(CLI::App& program, exit_code& outcome);
void add_trace(CLI::App& program, exit_code& outcome);
void add_log(CLI::App& program, exit_code& outcome);
void add_actions(CLI::App& program, exit_code& outcome);

}  // namespace tickcast::tools
