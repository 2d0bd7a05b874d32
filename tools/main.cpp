#include <fmt/format.h>

#include <CLI/App.hpp>
#include <cstdio>
#include <exception>

#include "tools/command.hpp"

namespace {

constexpr const char* footer =
    R"(Exit codes: 0 done; 1 began and failed; 2 wrong usage or a configuration with faults;
3 nobody to connect to, or the connection was lost; 130 interrupted.

Example: tickcast serve --set listen.port=8081)";

}  // namespace

int main(int argc, char** argv) {
  using tickcast::tools::exit_code;
  auto outcome = exit_code::ok;
  CLI::App program("Market data in over ZeroMQ, live to browsers and programs over WebSocket.", "tickcast");
  program.set_version_flag("--version", "tickcast " TICKCAST_VERSION, "Print the version and exit");
  program.footer(footer);
  program.require_subcommand(1);
  tickcast::tools::add_serve(program, outcome);
  tickcast::tools::add_check(program, outcome);
  tickcast::tools::add_replay(program, outcome);
  tickcast::tools::add_import(program, outcome);
  tickcast::tools::add_export(program, outcome);
  tickcast::tools::add_backtest(program, outcome);
  tickcast::tools::add_subscribe(program, outcome);
  tickcast::tools::add_publish(program, outcome);
  tickcast::tools::add_plugin_host(program, outcome);
  tickcast::tools::add_lists(program, outcome);
  tickcast::tools::add_tree(program, outcome);
  tickcast::tools::add_top(program, outcome);
  tickcast::tools::add_trace(program, outcome);
  tickcast::tools::add_log(program, outcome);
  tickcast::tools::add_actions(program, outcome);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (program.exit(error) != 0) outcome = exit_code::usage;
  } catch (const std::exception& error) {
    fmt::print(stderr, "tickcast: {}\n", error.what());
    outcome = exit_code::failed;
  }
  return static_cast<int>(outcome);
}
