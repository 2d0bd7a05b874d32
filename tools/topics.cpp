#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "net/websocket_client.hpp"
#include "tools/command.hpp"
#include "tools/failure.hpp"
#include "tools/interrupt.hpp"
#include "tools/topic_table.hpp"

namespace tickcast::tools {
namespace {

struct topics_options {
  std::string admin = "http://127.0.0.1:9190";
  std::string token_file;
  bool json = false;
};

std::string read_token(const std::string& path) {
  std::ifstream file(path);
  std::string token;
  if (!std::getline(file, token) || token.empty())
    throw std::runtime_error(fmt::format("{}: cannot be read, or its first line holds no token", path));
  return token;
}

exit_code list_topics(const topics_options& options) {
  const interrupt stop;
  net::client_options with;
  with.stop_fd = stop.fd();
  if (!options.token_file.empty()) with.token = read_token(options.token_file);
  const auto base = options.admin.substr(0, options.admin.find_last_not_of('/') + 1);
  const auto reply = net::http_get(base + "/api/topics", with);
  if (!reply) return tell_failure("topics", reply.error());
  if (reply->status != 200) {
    fmt::print(stderr, "tickcast topics: {} answered with status {}{}\n", base, reply->status,
               reply->status == 401 ? "; give --token-file" : "");
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
  command
      ->add_option("--token-file", options->token_file,
                   "File with the token, when the admin port asks for one")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "Print the answer as it came");
  command->callback([options, &outcome] { outcome = list_topics(*options); });
}

}  // namespace tickcast::tools
