#include "actors/plugins/plugin_room.hpp"

#include <utility>

#include "actors/plugins/plugin_manager.hpp"

namespace tickcast::actors {
namespace {

double value(std::uint64_t of) {
  return static_cast<double>(of);
}

void read(const plugin_report& of, metric_writer& to) {
  const metric_labels labels{{"plugin", of.name}};
  for (const auto state : {plugin_state::starting, plugin_state::running, plugin_state::stuck,
                           plugin_state::restarting, plugin_state::stopped, plugin_state::failed}) {
    auto with_state = labels;
    with_state.emplace_back("state", std::string(to_string(state)));
    to.gauge("tickcast_plugin_state", "1 for the state the plugin is in.", with_state,
             of.state == state ? 1 : 0);
  }
  to.counter("tickcast_plugin_restarts_total", "Times the plugin was started anew after a failure.", labels,
             value(of.restarts));
  to.counter("tickcast_plugin_alarms_total", "Handlers that took longer than budget_handler_ms.", labels,
             value(of.alarms));
  to.gauge("tickcast_plugin_lingering_threads", "Threads that were given up and have not ended.", labels,
           value(of.lingering));
  to.gauge("tickcast_plugin_waiting", "Messages in the plugin's inbox.", labels, value(of.waiting));
  to.gauge("tickcast_plugin_waiting_bound", "Updates that may wait in it.", labels, value(of.bound));
  to.counter("tickcast_plugin_dropped_total", "Updates dropped because the plugin was behind.", labels,
             value(of.dropped));
  to.counter("tickcast_plugin_handled_total", "Messages the plugin has handled.", labels, value(of.handled));
  to.counter("tickcast_plugin_published_total", "Messages the plugin has published.", labels,
             value(of.published));
  auto refused = [&](const char* reason, std::uint64_t count) {
    auto with_reason = labels;
    with_reason.emplace_back("reason", reason);
    to.counter("tickcast_plugin_refused_total", "Publishes of the plugin that were refused.", with_reason,
               value(count));
  };
  refused("over_budget", of.over_budget);
  refused("other", of.refused);
  to.counter("tickcast_plugin_log_dropped_total", "Lines of the plugin that were left out of the log.",
             labels, value(of.log_dropped));
  to.gauge("tickcast_plugin_handler_longest_seconds", "The longest handler so far.", labels,
           static_cast<double>(of.longest_ns) / 1e9);
  to.gauge("tickcast_plugin_handler_p50_seconds", "Median time of the plugin's handlers.", labels,
           static_cast<double>(of.p50_ns) / 1e9);
  to.gauge("tickcast_plugin_handler_p99_seconds", "99th percentile of the plugin's handlers.", labels,
           static_cast<double>(of.p99_ns) / 1e9);
  for (const auto& [name, count] : of.counters) {
    auto with_name = labels;
    with_name.emplace_back("name", name);
    to.counter("tickcast_plugin_own_total", "Counters of the plugins' own.", with_name, value(count));
  }
  for (const auto& [name, gauge] : of.gauges) {
    auto with_name = labels;
    with_name.emplace_back("name", name);
    to.gauge("tickcast_plugin_own_value", "Gauges of the plugins' own.", with_name, gauge);
  }
}

/// Whoever commands is answered also when the command meets an actor that is ending.
plugin_outcome surely(plugin_outcome then) {
  struct guard {
    explicit guard(plugin_outcome call) : then(std::move(call)) {}
    ~guard() {
      if (then) then("the server is stopping");
    }
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;
    plugin_outcome then;
  };
  return [held = std::make_shared<guard>(std::move(then))](std::string error) {
    if (auto told = std::exchange(held->then, nullptr)) told(std::move(error));
  };
}

}  // namespace

plugin_room::plugin_room(caf::actor_system& system, engine& parts, std::filesystem::path scratch,
                         plugin_board::run_maker process_maker)
    : system_(system),
      board_(system, parts, std::move(scratch), std::move(process_maker)),
      host_(system, "plugins-hub") {
  host_.start();
}

plugin_room::~plugin_room() {
  board_.set_hub({});
  host_.stop();
}

caf::actor plugin_room::start() {
  auto made = system_.spawn<plugin_manager>(std::ref(board_), std::ref<host>(host_), std::ref(counters_));
  const std::lock_guard guard{mutex_};
  manager_ = caf::actor_cast<caf::weak_actor_ptr>(caf::actor_cast<caf::strong_actor_ptr>(made));
  return caf::actor_cast<caf::actor>(made);
}

plugin_manager_actor plugin_room::manager() const {
  const std::lock_guard guard{mutex_};
  return caf::actor_cast<plugin_manager_actor>(caf::actor_cast<caf::strong_actor_ptr>(manager_));
}

std::vector<plugin_report> plugin_room::report() const {
  std::vector<plugin_report> result;
  for (const auto& each : board_.all()) {
    result.push_back(each->report());
    result.back().lingering = board_.lingering(result.back().name);
  }
  return result;
}

void plugin_room::load(config::plugin_section what, plugin_outcome then) {
  if (const auto to = manager())
    tell(to, load_plugin{std::make_shared<const config::plugin_section>(std::move(what)),
                         surely(std::move(then))});
  else
    then("the server is stopping");
}

void plugin_room::reload(std::string name, std::string library, plugin_outcome then) {
  if (const auto to = manager())
    tell(to, reload_plugin{std::move(name), std::move(library), surely(std::move(then))});
  else
    then("the server is stopping");
}

void plugin_room::unload(std::string name, plugin_outcome then) {
  if (const auto to = manager())
    tell(to, unload_plugin{std::move(name), surely(std::move(then))});
  else
    then("the server is stopping");
}

void plugin_room::read_metrics(metric_writer& to) const {
  for (const auto& each : report()) read(each, to);
  to.counter("tickcast_plugin_hub_updates_total", "Updates that reached the plugins' hub.", {},
             value(counters_.updates.load(std::memory_order_relaxed)));
  to.counter("tickcast_plugin_hub_deliveries_total", "Updates put into plugins' inboxes.", {},
             value(counters_.deliveries.load(std::memory_order_relaxed)));
  to.gauge("tickcast_plugin_hub_topics", "Topics that plugins listen to.", {},
           value(counters_.topics.load(std::memory_order_relaxed)));
}

}  // namespace tickcast::actors
