#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "bench/load/swarm.hpp"

// The load client. It connects, prints {"event":"ready",…}, then obeys lines on stdin, each answered by one
// JSON line:
//   expect UPDATES FIRST_SEQ   count from here; so many updates a topic will come
//   churn PERCENT              so many clients a second come and go; 0 ends it and brings all back
//   report PATIENCE_S          wait for the rest, then say what came
// It ends with stdin.

namespace {

using namespace tickcast::bench;
using nlohmann::json;

double cpu_s() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void allow_many_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

json to_json(const swarm_report& report, const histogram& latencies) {
  const auto microseconds = [](std::int64_t ns) { return static_cast<double>(ns) / 1e3; };
  return {{"event", "report"},
          {"delivered", report.delivered},
          {"expected", report.expected},
          {"bytes", report.bytes},
          {"steady_clients", report.steady_clients},
          {"complete_clients", report.complete_clients},
          {"refusals", report.refusals},
          {"first_refusal", report.first_refusal},
          {"lost_connections", report.lost_connections},
          {"churn_steps", report.churn_steps},
          {"last_after_s", report.last_after_s},
          {"p50_us", microseconds(latencies.quantile(0.5))},
          {"p99_us", microseconds(latencies.quantile(0.99))},
          {"max_us", microseconds(latencies.max())},
          {"cpu_s", cpu_s()}};
}

/// False when the line is no command.
bool obey(swarm& load, const std::string& line, json& answer) {
  std::istringstream words{line};
  std::string verb;
  words >> verb;
  if (verb == "expect") {
    std::uint64_t updates = 0;
    std::uint64_t first_seq = 1;
    if (!(words >> updates >> first_seq)) return false;
    load.expect(updates, first_seq);
    answer = {{"event", "counting"}, {"cpu_s", cpu_s()}};
  } else if (verb == "churn") {
    double percent = 0;
    if (!(words >> percent)) return false;
    if (percent > 0) {
      load.churn(percent);
    } else {
      load.settle(20);
    }
    answer = {{"event", percent > 0 ? "churning" : "settled"}};
  } else if (verb == "report") {
    double patience_s = 0;
    if (!(words >> patience_s)) return false;
    answer = to_json(load.report(patience_s), load.latencies());
  } else {
    return false;
  }
  return true;
}

/// Whole lines of stdin, read without std::cin's own buffer, which epoll would not see.
class line_reader {
public:
  /// False at the end of input.
  bool read_more() {
    char chunk[512];
    const ssize_t got = ::read(STDIN_FILENO, chunk, sizeof chunk);
    if (got <= 0) return false;
    text_.append(chunk, static_cast<std::size_t>(got));
    return true;
  }
  bool next(std::string& line) {
    const std::size_t end = text_.find('\n');
    if (end == std::string::npos) return false;
    line = text_.substr(0, end);
    text_.erase(0, end + 1);
    return true;
  }

private:
  std::string text_;
};

void run(const swarm_options& options, double timeout_s) {
  swarm load{options};
  const std::int64_t start = monotonic_ns();
  load.connect_all(timeout_s);
  const double connect_s = static_cast<double>(monotonic_ns() - start) / 1e9;
  std::cout << json{{"event", "ready"}, {"clients", options.clients}, {"connect_s", connect_s}} << std::endl;

  line_reader input;
  std::string line;
  while (load.run_until_readable(STDIN_FILENO, -1) && input.read_more()) {
    while (input.next(line)) {
      json answer;
      if (!obey(load, line, answer)) answer = {{"event", "error"}, {"message", "not a command: " + line}};
      std::cout << answer << std::endl;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  swarm_options options;
  std::string speaks = "tickcast";
  double timeout_s = 30;
  CLI::App app{"WebSocket load client of the benchmarks"};
  app.add_option("--port", options.port)->required();
  app.add_option("--dialect", speaks, "tickcast, plain, nats or nchan");
  app.add_option("--clients", options.clients);
  app.add_option("--topics", options.topics, "how many topics there are");
  app.add_option("--topics-per-client", options.topics_per_client);
  app.add_option("--event-bytes", options.of.event_bytes, "events of about this size instead of trades");
  app.add_option("--timeout", timeout_s, "seconds until all must be connected");
  CLI11_PARSE(app, argc, argv);
  const auto dialect = parse_dialect(speaks);
  if (!dialect || options.topics == 0) {
    std::cerr << "ws_load: --dialect is tickcast, plain, nats or nchan; --topics at least 1\n";
    return 2;
  }
  options.speaks = *dialect;
  std::signal(SIGPIPE, SIG_IGN);
  allow_many_files();
  try {
    run(options, timeout_s);
  } catch (const std::exception& error) {
    std::cerr << "ws_load: " << error.what() << '\n';
    return 1;
  }
}
