#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "net/websocket_client.hpp"
#include "tools/command.hpp"
#include "tools/failure.hpp"
#include "tools/interrupt.hpp"
#include "tools/topic_table.hpp"

namespace tickcast::tools {
namespace {

struct topics_options {
  std::string admin = "http://127.0.0.1:9190";
  bool json = false;
};

exit_code list_topics(const topics_options& options) {
  const interrupt stop;
  net::client_options with;
  with.stop_fd = stop.fd();
  const auto base = options.admin.substr(0, options.admin.find_last_not_of('/') + 1);
  const auto reply = net::http_get(base + "/api/topics", with);
  if (!reply) return tell_failure("topics", reply.error());
  if (reply->status != 200) {
    fmt::print(stderr, "tickcast topics: {} answered with status {}\n", base, reply->status);
    return exit_code::failed;
  }
  const auto printed = print_topics(reply->body);
  if (!printed) {
    fmt::print(stderr, "tickcast topics: {}: {}\n", base, printed.error());
    return exit_code::failed;
  }
  return print_out(options.json ? reply->body + "\n" : *printed);
}

}  // namespace

void add_topics(CLI::App& program, exit_code& outcome) {
  auto* command =
      program.add_subcommand("topics", "Lists the topics of a running server, from its admin port");
  command->footer("Example: tickcast topics --admin http://127.0.0.1:9190 --json");
  auto options = std::make_shared<topics_options>();
  command->add_option("--admin", options->admin, "Address of the admin port")
      ->type_name("URL")
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print the answer as it came");
  command->callback([options, &outcome] { outcome = list_topics(*options); });
}

}  // namespace tickcast::tools
