// What a person should look at, worst first: part of /api/overview.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "net/admin/api/console.hpp"
#include "net/server.hpp"

namespace tickcast::net::admin {
namespace {

using nlohmann::json;

/// Entries of one kind that are listed; the rest is counted.
constexpr std::size_t most_of_a_kind = 20;
constexpr std::int64_t long_handler_ns = 1'000'000'000;
constexpr std::int64_t old_message_ns = 1'000'000'000;

class findings {
public:
  void error(std::string code, std::string what, std::string target, std::string page) {
    add(errors_, "error", std::move(code), std::move(what), std::move(target), std::move(page));
  }
  void warning(std::string code, std::string what, std::string target, std::string page) {
    add(warnings_, "warning", std::move(code), std::move(what), std::move(target), std::move(page));
  }
  json all() const {
    auto result = errors_;
    for (const auto& each : warnings_) result.push_back(each);
    return result;
  }

private:
  void add(json& to, const char* severity, std::string code, std::string what, std::string target,
           std::string page) {
    const auto same =
        std::count_if(to.begin(), to.end(), [&](const auto& each) { return each["code"] == code; });
    if (static_cast<std::size_t>(same) >= most_of_a_kind) return;
    to.push_back({{"severity", severity},
                  {"code", std::move(code)},
                  {"what", std::move(what)},
                  {"target", std::move(target)},
                  {"page", std::move(page)}});
  }
  json errors_ = json::array(), warnings_ = json::array();
};

void look_at_feeds(const actors::engine& engine, findings& to) {
  using state = protocol::feed_state;
  for (const auto* each : engine.feeds.all()) {
    const auto is = each->state.load(std::memory_order_relaxed);
    const auto say = [&](std::string_view what) { return fmt::format("feed {} {}", each->name, what); };
    if (is == state::down) to.error("feed_down", say("is down"), each->name, "feeds");
    if (is == state::restarting)
      to.error("feed_restarting", say("has failed and is being restarted"), each->name, "feeds");
    if (is == state::stale)
      to.error("feed_stale", say("is silent for longer than it should be"), each->name, "feeds");
    if (is == state::gap) to.warning("feed_gap", say("has lost messages"), each->name, "feeds");
  }
}

void look_at_actors(const actors::engine& engine, findings& to) {
  const auto now = actors::steady_ns();
  for (const auto& each : engine.probes.all()) {
    const auto page = "actors/" + std::to_string(each->id);
    const auto since = each->handling_since_ns.load(std::memory_order_relaxed);
    if (since != 0 && now - since > long_handler_ns)
      to.error("stuck_handler",
               fmt::format("{} {} has been in one handler for {:.1f} s", each->who.kind, each->who.name,
                           static_cast<double>(now - since) / 1e9),
               each->who.path(), page);
    if (const auto age = each->oldest_ns(now); age > old_message_ns)
      to.warning("old_message",
                 fmt::format("{} messages wait for {} {}, the oldest for {:.1f} s", each->depth(),
                             each->who.kind, each->who.name, static_cast<double>(age) / 1e9),
                 each->who.path(), page);
  }
}

void look_at_supervisors(const actors::engine& engine, findings& to) {
  const auto now = std::chrono::steady_clock::now();
  for (const auto& each : engine.probes.supervisors.all()) {
    const auto look = [&](const auto& times, const std::string& path) {
      const auto spent = spent_at(times, each->limits, now);
      if (spent > 0 && 2 * spent >= each->limits.intensity)
        to.warning("budget",
                   fmt::format("{} has spent {} of {} restarts", path, spent, each->limits.intensity), path,
                   "tree");
    };
    if (!each->each_its_own) look(each->spent, each->path);
    for (const auto& child : each->children) {
      if (each->each_its_own) look(child.spent, each->path + "/" + child.id);
      if (child.status == actors::child_status::waiting)
        to.error("waiting", fmt::format("{} waits for its restart: {}", child.id, child.last_reason),
                 each->path + "/" + child.id, "tree");
      if (child.status == actors::child_status::stopped && child.restart == actors::restart_type::permanent)
        to.warning("stopped", fmt::format("{} is stopped", child.id), each->path + "/" + child.id, "tree");
    }
  }
  for (const auto& each : engine.probes.restarts.newest())
    if (each.became == actors::restart_record::outcome::waiting && each.supervisor.ends_with("dispatcher"))
      to.error("quarantine", fmt::format("{} is in quarantine: {}", each.child, each.reason), each.child,
               "topics");
}

void look_at_plugins(const std::vector<actors::plugin_report>& plugins, findings& to) {
  using state = actors::plugin_state;
  for (const auto& each : plugins) {
    if (each.state == state::failed)
      to.error("plugin_failed", fmt::format("plugin {} stays down: {}", each.name, each.last_error),
               each.name, "plugins");
    if (each.state == state::stuck)
      to.error("plugin_stuck",
               fmt::format("plugin {} has been in {} for {:.1f} s", each.name, each.handler,
                           static_cast<double>(each.handler_running_ns) / 1e9),
               each.name, "plugins");
    if (each.state == state::restarting)
      to.warning("plugin_restarting",
                 fmt::format("plugin {} waits for its restart: {}", each.name, each.last_error), each.name,
                 "plugins");
    if (each.lingering > 0)
      to.warning("plugin_thread",
                 fmt::format("{} threads of plugin {} never came back", each.lingering, each.name), each.name,
                 "plugins");
  }
}

void look_at_store(const actors::engine& engine, findings& to) {
  if (!engine.keep.history) return;
  using state = store::condition::state;
  const auto is = engine.keep.history->condition();
  if (is.is == state::failing)
    to.error("store", "the store cannot be written: " + is.why, "store", "overview");
  if (is.is == state::behind) to.warning("store", "the store is behind: " + is.why, "store", "overview");
}

}  // namespace

json console::attention() {
  findings found;
  look_at_store(engine_, found);
  look_at_feeds(engine_, found);
  for (const auto& name : admin_.hosts().stuck(std::chrono::steady_clock::now()))
    found.error("stuck_host", name + " does not turn", name, "overview");
  look_at_plugins(sources_.plugins(), found);
  look_at_supervisors(engine_, found);
  look_at_actors(engine_, found);
  const auto budget = static_cast<double>(engine_.settings.limits.queue_bytes);
  for (std::size_t i = 0; i < clients_.shards(); ++i)
    if (const auto largest = clients_.counters(i).queue_bytes_largest.value();
        static_cast<double>(largest) > 0.8 * budget)
      found.warning("slow_client",
                    fmt::format("a client on {} has {} bytes waiting", clients_.host(i).name(), largest),
                    clients_.host(i).name(), "connections");
  if (const auto lost = totals_.since("log dropped", static_cast<double>(sources_.log_dropped()));
      lost.value_or(0) > 0)
    found.warning("log_dropped", "log lines were dropped: nobody takes them", "log", "log");
  return found.all();
}

}  // namespace tickcast::net::admin
