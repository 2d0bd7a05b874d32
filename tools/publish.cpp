#include <fmt/format.h>

#include <CLI/App.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <zmq.hpp>

#include "config/endpoint.hpp"
#include "feeds/curve.hpp"
#include "protocol/service_message.hpp"
#include "protocol/topic.hpp"
#include "tools/command.hpp"
#include "tools/interrupt.hpp"

namespace tickcast::tools {
namespace {

struct publish_options {
  std::string topic;
  std::string data;
  std::string to = "tcp://127.0.0.1:5560";
  std::string server_key;
  std::string secret_key_file;
  int timeout_ms = 5000;
};

exit_code complain(exit_code code, std::string_view why) {
  fmt::print(stderr, "tickcast publish: {}\n", why);
  return code;
}

void use_curve(zmq::socket_t& socket, const publish_options& options) {
  if (options.server_key.empty() && options.secret_key_file.empty()) return;
  feeds::curve_keys keys;
  keys.server = options.server_key;
  if (!options.secret_key_file.empty())
    keys.secret = feeds::read_key_file(options.secret_key_file, "secret-key");
  keys = feeds::check_curve(keys, false, "tickcast publish");
  socket.set(zmq::sockopt::curve_serverkey, keys.server);
  socket.set(zmq::sockopt::curve_publickey, keys.own);
  socket.set(zmq::sockopt::curve_secretkey, keys.secret);
}

// Connects and sends, when there is somebody to send it to.
exit_code send(const publish_options& options, const std::string& message) {
  const interrupt stop;
  zmq::context_t context;
  zmq::socket_t socket(context, zmq::socket_type::push);
  // With IMMEDIATE a message is only taken once somebody is connected, so that one that was taken is on its
  // way; LINGER lets the context wait at its end until it has left.
  socket.set(zmq::sockopt::immediate, true);
  socket.set(zmq::sockopt::ipv6, true);
  socket.set(zmq::sockopt::linger, options.timeout_ms);
  use_curve(socket, options);
  socket.connect(options.to);
  zmq::pollitem_t waiting[] = {{socket.handle(), 0, ZMQ_POLLOUT, 0}, {nullptr, stop.fd(), ZMQ_POLLIN, 0}};
  zmq::poll(waiting, 2, std::chrono::milliseconds(options.timeout_ms));
  if (waiting[1].revents != 0) {
    socket.set(zmq::sockopt::linger, 0);
    return exit_code::interrupted;
  }
  if (waiting[0].revents == 0 || !socket.send(zmq::buffer(message), zmq::send_flags::dontwait)) {
    socket.set(zmq::sockopt::linger, 0);
    return complain(exit_code::unreachable, fmt::format("nobody takes messages at {} (waited {} ms)",
                                                        options.to, options.timeout_ms));
  }
  return exit_code::ok;
}

exit_code publish(const publish_options& options) {
  const auto topic = protocol::parse_topic(options.topic);
  if (!topic) return complain(exit_code::usage, topic.error().message);
  if (protocol::is_reserved(topic->kind))
    return complain(exit_code::usage,
                    fmt::format("topics {}.… are written by the engine alone", topic->word));
  const auto endpoint = config::parse_endpoint(options.to);
  if (!endpoint || (endpoint->by == config::endpoint::transport::tcp && endpoint->port == 0))
    return complain(exit_code::usage,
                    fmt::format("{}: not an endpoint; write tcp://host:port or ipc://path", options.to));
  const auto message = protocol::encode_publish(options.topic, options.data, "cli");
  if (!message) return complain(exit_code::usage, message.error().message);
  return send(options, *message);
}

}  // namespace

void add_publish(CLI::App& program, exit_code& outcome) {
  auto* command = program.add_subcommand("publish", "Sends one message to a topic, through the service bus");
  command->footer(
      "Ends with 0 when the message has left for a server, with 3 when nobody listens.\n"
      "Example: tickcast publish monitor.cpu '{\"load\": 0.7}' --to tcp://127.0.0.1:5560");
  auto options = std::make_shared<publish_options>();
  command->add_option("topic", options->topic, "An event topic, e.g. monitor.cpu")
      ->type_name("TOPIC")
      ->required();
  command->add_option("data", options->data, "The message: any JSON")->type_name("JSON")->required();
  command->add_option("--to", options->to, "The server's service PULL endpoint")
      ->type_name("ENDPOINT")
      ->capture_default_str();
  command->add_option("--curve-server-key", options->server_key, "CURVE: the server's public key")
      ->type_name("KEY");
  command
      ->add_option("--curve-secret-key-file", options->secret_key_file, "CURVE: file with our own secret key")
      ->type_name("FILE");
  command->add_option("--timeout-ms", options->timeout_ms, "How long to wait for somebody to listen")
      ->type_name("MS")
      ->check(CLI::Range(1, 3'600'000))
      ->capture_default_str();
  command->callback([options, &outcome] { outcome = publish(*options); });
}

}  // namespace tickcast::tools
