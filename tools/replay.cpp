#include <fmt/format.h>

#include <CLI/App.hpp>
#include <charconv>
#include <cstdio>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>
#include <zmq.hpp>

#include "feeds/replay_sender.hpp"
#include "feeds/source.hpp"
#include "protocol/feed_message.hpp"
#include "tools/command.hpp"
#include "tools/interrupt.hpp"

namespace tickcast::tools {
namespace {

constexpr const char* footer =
    R"(Each row becomes one feed message, paced by its time, with a feed_seq that counts from 1.
The time column is the first of trade_ms, transact_ms, event_ms, recv_ns, ts_utc_ns and
unix_s that the file fills; the start line on stdout names it.

Example: tickcast replay trades.csv.gz quotes.csv.gz --to tcp://127.0.0.1:5557 --speed 10)";

struct replay_arguments {
  feeds::playback_options what;
  feeds::sender_options to;
  std::string speed = "1";
  std::string format = "msgpack";
  std::string secret_key_file;
  int start_delay_ms = 0;
  int peer_timeout_ms = 0;
  std::uint64_t from_seq = 1;
};

exit_code complain(exit_code code, std::string_view why) {
  fmt::print(stderr, "tickcast replay: {}\n", why);
  return code;
}

/// A number above 0, or "max", which is 0; anything else is negative.
double parse_speed(const std::string& text) {
  if (text == "max") return 0;
  double speed = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), speed);
  const bool good = fault == std::errc() && end == text.data() + text.size() && speed > 0 && speed <= 1e9;
  return good ? speed : -1;
}

std::string check_speed(const std::string& text) {
  return parse_speed(text) < 0 ? fmt::format("'{}' is neither a number above 0 nor max", text)
                               : std::string();
}

/// Turns SIGINT and SIGTERM into a stop_signal, for as long as it lives.
class stop_on_interrupt {
public:
  explicit stop_on_interrupt(feeds::stop_signal& stop)
      : watcher_([this, &stop] {
          if (feeds::wait_readable(interrupt_.fd(), over_)) stop.request();
        }) {}
  ~stop_on_interrupt() { over_.request(); }

private:
  interrupt interrupt_;
  feeds::stop_signal over_;
  std::jthread watcher_;
};

/// Passes over the rows before the first one wanted. False: interrupted.
bool skip(feeds::playback& what, std::uint64_t from_seq, const feeds::stop_signal& stop) {
  constexpr std::uint64_t rows_between_looks = 4096;
  while (!what.skip_to(from_seq, rows_between_looks) && what.peek() != nullptr)
    if (stop.requested()) return false;
  return true;
}

void print(const nlohmann::ordered_json& line) {
  fmt::print("{}\n", line.dump());
  std::fflush(stdout);
}

void print_complaints(const feeds::playback& what) {
  for (const auto& each : what.recordings()) {
    for (const auto& complaint : each.complaints()) fmt::print(stderr, "{}: {}\n", each.path(), complaint);
    if (each.skipped() > each.complaints().size()) {
      fmt::print(stderr, "{}: and {} more rows that cannot be read\n", each.path(),
                 each.skipped() - each.complaints().size());
    }
  }
}

exit_code play(const replay_arguments& arguments, feeds::playback& what, feeds::replay_sender& sender) {
  feeds::stop_signal stop;
  const stop_on_interrupt watch(stop);
  feeds::system_clock clock;
  if (!skip(what, arguments.from_seq, stop)) {
    sender.abandon();
    return exit_code::interrupted;
  }
  if (what.number() < arguments.from_seq) {
    print_complaints(what);
    return complain(exit_code::failed, fmt::format("there is no row {}: the recordings have {}",
                                                   arguments.from_seq, what.rows()));
  }
  print({{"event", "started"},
         {"files", arguments.what.files},
         {"to", sender.endpoint()},
         {"time_column", what.time_columns()},
         {"speed", arguments.speed},
         {"from_seq", arguments.from_seq},
         {"loop", arguments.what.loop}});
  if (!sender.wait_for_peer(stop, arguments.peer_timeout_ms > 0 ? arguments.peer_timeout_ms : -1)) {
    sender.abandon();
    if (stop.requested()) return exit_code::interrupted;
    return complain(exit_code::unreachable, fmt::format("nobody took messages at {} within {} ms",
                                                        sender.endpoint(), arguments.peer_timeout_ms));
  }
  const auto begin = clock.steady_ns();
  const bool delayed = clock.sleep_until(begin + std::int64_t{arguments.start_delay_ms} * 1'000'000, stop);
  const auto sent =
      delayed ? sender.play(what, parse_speed(arguments.speed), clock, stop) : feeds::sent_count{};
  print_complaints(what);
  print({{"event", "finished"},
         {"rows", what.rows() + what.skipped()},
         {"sent", sent.rows},
         {"messages", sent.messages},
         {"skipped", what.skipped()},
         {"seconds", static_cast<double>((clock.steady_ns() - begin) / 1'000'000) / 1000},
         {"time_column", what.time_columns()}});
  if (sent.complete) return exit_code::ok;
  sender.abandon();
  return exit_code::interrupted;
}

exit_code replay(replay_arguments arguments) {
  arguments.to.format = arguments.format == "json" ? protocol::encoding::json : protocol::encoding::msgpack;
  zmq::context_t context;
  std::unique_ptr<feeds::playback> what;
  std::unique_ptr<feeds::replay_sender> sender;
  try {
    if (!arguments.secret_key_file.empty()) {
      arguments.to.curve.secret = feeds::read_key_file(arguments.secret_key_file, "secret-key");
    }
    what = std::make_unique<feeds::playback>(arguments.what);
    sender = std::make_unique<feeds::replay_sender>(context, arguments.to);
  } catch (const feeds::feed_error& why) {
    return complain(exit_code::usage, why.what());
  }
  try {
    return play(arguments, *what, *sender);
  } catch (const feeds::feed_error& why) {
    print_complaints(*what);
    return complain(exit_code::failed, why.what());
  }
}

}  // namespace

void add_replay(CLI::App& program, exit_code& outcome) {
  auto* command = program.add_subcommand("replay", "Play recordings to a server over ZeroMQ");
  auto arguments = std::make_shared<replay_arguments>();
  auto& to = arguments->to;
  auto& reading = arguments->what.reading;
  command
      ->add_option("FILE", arguments->what.files,
                   "Trades or quotes, CSV or CSV.gz; several are merged by time")
      ->required();
  command->add_option("--to", to.endpoint, "Endpoint, e.g. tcp://127.0.0.1:5557")->required();
  command->add_flag("--bind", to.bind, "Bind the endpoint instead of connecting to it");
  command->add_flag("--pub", to.publish,
                    "Publish (PUB) instead of pushing (PUSH); starts with the first subscriber");
  command->add_option("--speed", arguments->speed, "Multiple of the recording's pace, or max")
      ->check(check_speed, "NUMBER|max")
      ->capture_default_str();
  command->add_flag("--loop", arguments->what.loop, "Begin again at the end, with times shifted forward");
  command
      ->add_option("--from-seq", arguments->from_seq,
                   "Begin with the row that has this feed_seq, as after an interruption")
      ->check(CLI::Range(std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()));
  command->add_option("--symbol", reading.symbol,
                      "Call all rows so; else the column symbol or the file's name tells");
  command->add_option("--time-column", reading.time_column, "Column to go by, in _ns, _us, _ms or _s");
  command->add_option("--format", arguments->format, "msgpack or json")
      ->check(CLI::IsMember({"msgpack", "json"}))
      ->capture_default_str();
  command->add_option("--batch", to.batch, "Most rows in one message, of those due at once")
      ->check(CLI::Range(std::size_t{1}, protocol::max_feed_array))
      ->capture_default_str();
  command->add_option("--hwm", to.send_hwm, "Messages held for a slow receiver before sending waits")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  command
      ->add_option("--from-start-delay-ms", arguments->start_delay_ms,
                   "Wait so long once a receiver is there")
      ->check(CLI::Range(0, 3'600'000));
  command
      ->add_option("--peer-timeout-ms", arguments->peer_timeout_ms,
                   "Give up when nobody takes messages for so long at the start; 0: never")
      ->check(CLI::Range(0, 86'400'000));
  command->add_option("--curve-server-key", to.curve.server,
                      "The receiver's public CURVE key, where we connect");
  command->add_option("--curve-secret-key-file", arguments->secret_key_file,
                      "File with our own secret CURVE key");
  command->footer(footer);
  command->callback([arguments, &outcome] { outcome = replay(*arguments); });
}

}  // namespace tickcast::tools
