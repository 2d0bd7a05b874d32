#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <ctime>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "bench/load/outlet.hpp"

// The publisher. It connects, prints {"event":"ready"}, then obeys lines on stdin, each answered by one JSON
// line:
//   run COUNT RATE   publish so many updates at so many a second (0: as fast as it goes), every topic equally
//   often
// Updates go out in slices of a millisecond on an absolute schedule, whether the server keeps up or not, so
// that a slow server's delay is in the latencies. It ends with stdin.

namespace {

using namespace tickcast::bench;
using nlohmann::json;

std::int64_t wall_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

void sleep_until(std::int64_t monotonic) {
  const timespec at{monotonic / 1'000'000'000, monotonic % 1'000'000'000};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
}

double cpu_s() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// All topics in rounds, each round in an order of its own.
class rotation {
public:
  explicit rotation(std::uint32_t topics) : order_(topics), seq_(topics, 0), at_(topics) {
    std::iota(order_.begin(), order_.end(), 0U);
  }
  update next() {
    if (at_ == order_.size()) {
      std::shuffle(order_.begin(), order_.end(), engine_);
      at_ = 0;
    }
    update made;
    made.topic = order_[at_++];
    made.seq = ++seq_[made.topic];
    made.stamp_ns = last_stamp_ = std::max(monotonic_ns(), last_stamp_ + 1);
    return made;
  }

private:
  std::vector<std::uint32_t> order_;
  std::vector<std::uint64_t> seq_;
  std::size_t at_;
  std::int64_t last_stamp_ = 0;
  std::minstd_rand engine_{42};
};

struct run_report {
  double elapsed_s = 0;
  std::int64_t late_ns = 0;      ///< the latest slice behind its schedule
  std::size_t pending_most = 0;  ///< bytes that the server had not taken
};

void add_some(outlet& to, rotation& topics, std::uint64_t count) {
  const std::int64_t wall_offset = wall_ns() - monotonic_ns();
  for (; count > 0; --count) {
    update next = topics.next();
    next.time_ns = next.stamp_ns + wall_offset;
    to.add(next);
  }
}

void drain(outlet& to) {
  for (to.flush(); to.pending() > 0; to.flush()) to.wait(100);
}

run_report run_paced(outlet& to, rotation& topics, std::uint64_t count, double rate) {
  constexpr std::int64_t slice_ns = 1'000'000;
  run_report report;
  const std::int64_t start = monotonic_ns();
  std::uint64_t done = 0;
  for (std::int64_t slice = 1; done < count; ++slice) {
    const std::int64_t at = start + slice * slice_ns;
    sleep_until(at);
    report.late_ns = std::max(report.late_ns, monotonic_ns() - at);
    const auto due =
        std::min(count, static_cast<std::uint64_t>(static_cast<double>(slice) * rate / 1000.0 + 1e-6));
    add_some(to, topics, due - done);
    done = due;
    to.flush();
    report.pending_most = std::max(report.pending_most, to.pending());
  }
  drain(to);
  report.elapsed_s = static_cast<double>(monotonic_ns() - start) / 1e9;
  return report;
}

run_report run_unpaced(outlet& to, rotation& topics, std::uint64_t count) {
  constexpr std::uint64_t batch = 1000;
  run_report report;
  const std::int64_t start = monotonic_ns();
  for (std::uint64_t done = 0; done < count; done += batch) {
    add_some(to, topics, std::min(batch, count - done));
    drain(to);
  }
  report.elapsed_s = static_cast<double>(monotonic_ns() - start) / 1e9;
  return report;
}

std::unique_ptr<outlet> make_outlet(const std::string& kind, const std::string& endpoint,
                                    const std::vector<std::uint16_t>& ports, const shape& of,
                                    std::uint32_t topics) {
  if (kind == "zmq") return make_zmq_outlet(endpoint, of, topics);
  if (ports.empty()) throw std::runtime_error("--port is needed");
  if (kind == "lines") return make_stream_outlet(framing::lines, ports, of, topics);
  if (kind == "nats") return make_stream_outlet(framing::nats, ports, of, topics);
  if (kind == "nchan") return make_stream_outlet(framing::nchan, ports, of, topics);
  throw std::runtime_error("--to is zmq, lines, nats or nchan");
}

void obey_stdin(outlet& to, std::uint32_t topic_count) {
  rotation topics{topic_count};
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words{line};
    std::string verb;
    std::uint64_t count = 0;
    double rate = 0;
    if (!(words >> verb >> count >> rate) || verb != "run") {
      std::cout << json{{"event", "error"}, {"message", "not a command: " + line}} << std::endl;
      continue;
    }
    const double cpu_before = cpu_s();
    const run_report report = rate > 0 ? run_paced(to, topics, count, rate) : run_unpaced(to, topics, count);
    std::cout << json{{"event", "done"},
                      {"published", count},
                      {"elapsed_s", report.elapsed_s},
                      {"late_ms", static_cast<double>(report.late_ns) / 1e6},
                      {"pending_most", report.pending_most},
                      {"cpu_s", cpu_s() - cpu_before}}
              << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string kind = "zmq";
  std::string endpoint;
  std::vector<std::uint16_t> ports;
  std::uint32_t topics = 1;
  shape of;
  CLI::App app{"Publisher of the benchmarks"};
  app.add_option("--to", kind, "zmq, lines, nats or nchan");
  app.add_option("--endpoint", endpoint, "where to connect (zmq)");
  app.add_option("--port", ports, "where to connect (all others); may be given several times");
  app.add_option("--topics", topics);
  app.add_option("--event-bytes", of.event_bytes, "events of about this size instead of trades");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  try {
    const auto to = make_outlet(kind, endpoint, ports, of, std::max(topics, 1U));
    std::cout << json{{"event", "ready"}} << std::endl;
    obey_stdin(*to, std::max(topics, 1U));
  } catch (const std::exception& error) {
    std::cerr << "publisher: " << error.what() << '\n';
    return 1;
  }
}
