#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "actors/plugins/plugin_board.hpp"
#include "actors/plugins/plugin_hub.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/runtime/thread_host.hpp"

namespace tickcast::actors {

/// All plugins of a server, as the rest of it sees them: what operators read and command, and what the root
/// supervisor starts.
///
/// Thread-safe but for start() and the destructor. Lifetime: outlives its actors; gone before the engine and
/// the actor system.
class plugin_room {
public:
  /// `scratch`: a directory of the server's own, made when it is needed. `process_maker`: see plugin_board.
  plugin_room(caf::actor_system& system, engine& parts, std::filesystem::path scratch,
              plugin_board::run_maker process_maker = {});
  ~plugin_room();

  /// See plugin_board; before start().
  void set_past(past_desk* desk) noexcept { board_.set_past(desk); }
  /// The actor under which all of it lives; for its supervisor, and again after it has ended.
  caf::actor start();
  /// The host of the hub, for the watchdog.
  const host& hub_host() const noexcept { return host_; }

  /// One entry a plugin, by name.
  std::vector<plugin_report> report() const;
  void load(config::plugin_section what, plugin_outcome then);
  /// Another version: `library`, or the present file once more. A plugin that failed is started anew, with
  /// fresh budgets.
  void reload(std::string name, std::string library, plugin_outcome then);
  void unload(std::string name, plugin_outcome then);

  /// Threads of plugins that were given up and have not come back. While there is one, the process must not
  /// be torn down in order: leave by _Exit.
  std::size_t lingering() const { return board_.lingering(); }
  void read_metrics(metric_writer& to) const;

private:
  plugin_manager_actor manager() const;

  caf::actor_system& system_;
  plugin_board board_;
  hub_counters counters_;
  thread_host host_;
  mutable std::mutex mutex_;
  caf::weak_actor_ptr manager_;  // guarded by mutex_
};

}  // namespace tickcast::actors
