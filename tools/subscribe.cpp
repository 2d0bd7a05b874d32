#include <fmt/format.h>

#include <CLI/App.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/websocket_client.hpp"
#include "tools/command.hpp"
#include "tools/failure.hpp"
#include "tools/interrupt.hpp"
#include "tools/subscription.hpp"

namespace tickcast::tools {
namespace {

struct subscribe_options {
  std::vector<std::string> topics;
  std::string url = "ws://127.0.0.1:8080/ws";
  std::string token;
  std::string ca;
  std::uint64_t count = 0;
};

exit_code listen(net::websocket_client& client, subscription& wanted) {
  for (;;) {
    const auto frame = client.receive(wanted.patience());
    if (!frame) return tell_failure("subscribe", frame.error());
    const auto answer = wanted.on_frame(*frame);
    if (const auto* refused = std::get_if<subscription::refused>(&answer)) {
      fmt::print(stderr, "tickcast subscribe: {}\n", refused->why);
      return exit_code::failed;
    }
    if (const auto* update = std::get_if<subscription::print>(&answer)) {
      const auto written = print_out(update->line + "\n");
      if (written != exit_code::ok || update->last) return written;
    }
  }
}

exit_code subscribe(const subscribe_options& options) {
  const interrupt stop;
  net::client_options with;
  with.stop_fd = stop.fd();
  with.ca = options.ca;
  auto client = net::websocket_client::connect(options.url, {}, with);
  if (!client) return tell_failure("subscribe", client.error());
  subscription wanted(options.topics, options.token, options.count);
  for (const auto& command : wanted.commands())
    if (const auto sent = client->send(command); !sent) return tell_failure("subscribe", sent.error());
  const auto outcome = listen(*client, wanted);
  client->close();
  return outcome;
}

}  // namespace

void add_subscribe(CLI::App& program, exit_code& outcome) {
  auto* command = program.add_subcommand(
      "subscribe",
      "Prints snapshots, updates and gaps of topics, one JSON line each, until it is interrupted");
  command->footer("Example: tickcast subscribe trade.BTCUSDT bar.1m.BTCUSDT --count 10");
  auto options = std::make_shared<subscribe_options>();
  command->add_option("topics", options->topics, "Topics to subscribe to")->type_name("TOPIC")->required();
  command->add_option("--url", options->url, "Address of the server's WebSocket")
      ->type_name("URL")
      ->capture_default_str();
  command
      ->add_option("--token", options->token,
                   "Token to sign in with; better by the environment, where ps does not show it")
      ->type_name("TOKEN")
      ->envname("TICKCAST_TOKEN");
  command
      ->add_option("--ca", options->ca,
                   "PEM file of the authorities to trust with wss:// (default: the system's)")
      ->type_name("FILE");
  command->add_option("--count", options->count, "End with 0 after so many lines; 0: go on")->type_name("N");
  command->callback([options, &outcome] { outcome = subscribe(*options); });
}

}  // namespace tickcast::tools
