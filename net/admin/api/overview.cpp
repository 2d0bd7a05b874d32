// What a person looks at first: /api/overview, /api/whoami.
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "net/admin/api/console.hpp"
#include "net/admin/process_metrics.hpp"
#include "net/server.hpp"

namespace tickcast::net::admin {
namespace {

using nlohmann::json;

std::int64_t whole(double count) {
  return static_cast<std::int64_t>(count);
}

json number_or_null(const std::optional<double>& value) {
  return value ? json(*value) : json();
}

/// The `share` quantile of counts in classes, in the bounds' unit, interpolated; null without any.
json quantile(const std::vector<double>& bounds, const std::vector<double>& counts, double share) {
  double all = 0;
  for (const auto each : counts) all += each;
  if (all == 0) return nullptr;
  double before = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto here = counts[i];
    if (here > 0 && before + here >= share * all) {
      const auto low = i == 0 ? 0 : bounds[i - 1];
      const auto high = i < bounds.size() ? bounds[i] : bounds.back();
      return low + (high - low) * (share * all - before) / here;
    }
    before += here;
  }
  return bounds.back();
}

}  // namespace

void console::add_overview_routes() {
  admin_.api().get("/api/whoami", [](const admin_request& request) {
    return json_answer({{"name", request.who.name}, {"role", to_string(request.who.may)}});
  });
  admin_.api().get("/api/overview", [this](const admin_request&) { return json_answer(overview()); });
}

json console::overview() {
  totals_.begin(std::chrono::steady_clock::now());
  double ticks = 0, events = 0, refused = 0;
  for (const auto* each : engine_.feeds.all()) {
    ticks += static_cast<double>(each->ticks.load(std::memory_order_relaxed));
    events += static_cast<double>(each->events.load(std::memory_order_relaxed));
    for (const auto& reason : each->refused)
      refused += static_cast<double>(reason.load(std::memory_order_relaxed));
  }
  double frames = 0, bytes = 0, commands = 0, dropped = 0;
  for (std::size_t i = 0; i < clients_.shards(); ++i) {
    const auto& counters = clients_.counters(i);
    frames += static_cast<double>(counters.frames_sent.value());
    bytes += static_cast<double>(counters.bytes_sent.value());
    commands += static_cast<double>(counters.messages_received.value());
    dropped += static_cast<double>(counters.over_budget.value());
  }
  const auto cpu = totals_.per_s("cpu", cpu_seconds());
  const auto per_s = [this](const char* name, double value) {
    return number_or_null(totals_.per_s(name, value));
  };
  std::string state = sources_.state();
  if (state == "serving" && clients_.draining()) state = clients_.connections() == 0 ? "drained" : "draining";
  return {{"at", now_us()},
          {"version", TICKCAST_VERSION},
          {"uptime_ms", (now_us() - started_us_) / 1000},
          {"pid", ::getpid()},
          {"state", state},
          {"rates",
           {{"ticks_per_s", per_s("ticks", ticks)},
            {"events_per_s", per_s("events", events)},
            {"frames_per_s", per_s("frames", frames)},
            {"bytes_per_s", per_s("bytes", bytes)},
            {"commands_per_s", per_s("commands", commands)},
            {"cpu", number_or_null(cpu)}}},
          {"totals",
           {{"ticks", whole(ticks)},
            {"events", whole(events)},
            {"frames", whole(frames)},
            {"bytes", whole(bytes)},
            {"commands", whole(commands)},
            {"connections", clients_.connections()},
            {"symbols", engine_.symbols.all().size()},
            {"actors", engine_.probes.all().size()},
            {"restarts", engine_.probes.restarts.total()},
            {"refused", whole(refused)},
            {"over_budget", whole(dropped)}}},
          {"shards", shards()},
          {"latency", latency()},
          {"memory", {{"rss_bytes", resident_bytes()}}},
          {"cpu_percent", cpu ? json(*cpu * 100) : json()},
          {"attention", attention()}};
}

json console::shards() {
  auto result = json::array();
  const auto still = admin_.hosts().still(std::chrono::steady_clock::now());
  for (std::size_t i = 0; i < clients_.shards(); ++i) {
    auto& host = clients_.host(i);
    const auto& counters = clients_.counters(i);
    const auto stuck = still.find(host.name());
    result.push_back({{"name", host.name()},
                      {"load", clients_.load(i)},
                      {"actors", host.alive()},
                      {"connections", counters.sessions()},
                      {"queue_bytes", counters.queue_bytes.value()},
                      {"turns_per_s", number_or_null(totals_.per_s("turns " + host.name(),
                                                                   static_cast<double>(host.turns())))},
                      {"stuck_ms", stuck == still.end() ? 0 : stuck->second.count()}});
  }
  return result;
}

json console::latency() {
  std::vector<double> bounds, counts;
  for (std::size_t i = 0; i < clients_.shards(); ++i) {
    const auto now = clients_.counters(i).publish_to_write.read();
    if (bounds.empty())
      for (const auto bound : now.bounds) bounds.push_back(bound * 1e6);
    counts.resize(now.counts.size());
    std::uint64_t below = 0;
    for (std::size_t c = 0; c < now.counts.size(); ++c) {
      const auto here = static_cast<double>(now.counts[c] - below);
      counts[c] += totals_.since("latency " + std::to_string(i) + " " + std::to_string(c), here).value_or(0);
      below = now.counts[c];
    }
  }
  return {{"bounds_us", bounds},
          {"counts", counts},
          {"p50_us", quantile(bounds, counts, 0.5)},
          {"p99_us", quantile(bounds, counts, 0.99)}};
}

}  // namespace tickcast::net::admin
