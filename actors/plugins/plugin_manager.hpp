#pragma once
#include <map>
#include <memory>
#include <string>

#include "actors/plugins/messages.hpp"
#include "actors/plugins/plugin_board.hpp"
#include "actors/plugins/plugin_hub.hpp"
#include "actors/runtime/observed.hpp"
#include "actors/runtime/restart_budget.hpp"

namespace tickcast::actors {

/// Starts the plugins' hub and one keeper a plugin, those of the configuration and those loaded later; starts
/// them anew when they fail, and ends them in order: keepers first, then the hub. On the workers.
class plugin_manager final : public observed<plugin_manager_actor::base> {
public:
  plugin_manager(caf::actor_config& cfg, plugin_board& board, host& hub_host, hub_counters& counters);

  const char* name() const override { return "plugins"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  struct kept {
    plugin_keeper_actor handle;
    std::shared_ptr<plugin_record> record;
    bool unloading = false;
    plugin_outcome then;  ///< of the unload
    restart_budget budget{{}};
  };

  void start_hub();
  void start_keeper(std::shared_ptr<plugin_record> of, plugin_outcome then);
  void load(const load_plugin& wish);
  void unload(const unload_plugin& wish);
  void ended(const caf::down_msg& message);
  void told_to_end(caf::error reason);
  void end_next();

  plugin_board& board_;
  host& hub_host_;
  hub_counters& counters_;
  plugin_hub_actor hub_;
  restart_budget hub_budget_{{}};
  std::map<std::string, kept> kept_;
  bool stopping_ = false;
  caf::error reason_;
};

}  // namespace tickcast::actors
