#include <poll.h>
#include <spdlog/spdlog.h>
#include <CLI/App.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include "tools/command.hpp"
#include "tools/config_options.hpp"
#include "tools/interrupt.hpp"
#include "tools/logging.hpp"
#include "tools/serving.hpp"

namespace tickcast::tools {
namespace {

exit_code serve(const config_options& options) {
  auto settings = load_config(options);
  if (!settings) return exit_code::usage;
  auto listed = load_instruments(*settings);
  if (!listed) return exit_code::usage;
  const interrupt signals;
  interrupt hangups({SIGHUP});
  std::optional<logging> log(std::in_place, settings->log);
  serving server(std::move(*settings), std::move(*listed));
  server.start();
  const auto line = server.start_line();
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
  spdlog::info("serving: {}", line);

  pollfd waits[] = {{signals.fd(), POLLIN, 0}, {server.given_up_fd(), POLLIN, 0}, {hangups.fd(), POLLIN, 0}};
  for (;;) {
    if (::poll(waits, 3, -1) < 0) continue;
    if ((waits[0].revents | waits[1].revents) != 0) break;
    hangups.take();
    server.reload(options);
  }
  const bool asked = (waits[0].revents & POLLIN) != 0;
  if (asked)
    spdlog::info("asked to stop");
  else
    spdlog::error("the root supervisor gave up: stopping");
  server.stop();
  spdlog::info("stopped");
  if (server.must_leave_at_once()) {
    spdlog::warn("threads of plugins or reads never came back: leaving without them");
    log.reset();
    std::_Exit(static_cast<int>(asked ? exit_code::ok : exit_code::failed));
  }
  return asked ? exit_code::ok : exit_code::failed;
}

}  // namespace

void add_serve(CLI::App& program, exit_code& outcome) {
  auto* command = program.add_subcommand("serve", "Runs the server");
  command->footer("Example: tickcast serve --config /etc/tickcast.toml --set log.level=debug");
  auto options = std::make_shared<config_options>();
  add_config_options(*command, *options);
  command->callback([options, &outcome] { outcome = serve(*options); });
}

}  // namespace tickcast::tools
