#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/actors.hpp"
#include "config/config.hpp"
#include "plugins/runner/inbox.hpp"
#include "plugins/runner/run.hpp"

/// The messages about plugins, and the interfaces of the actors that take them.
namespace tickcast::actors {

// ---- plugins to their hub

/// Topics that match are to reach the inbox: each one's history, then its updates. Asking again brings the
/// histories again.
struct hub_subscribe {
  std::shared_ptr<plugins::inbox> to;
  std::string pattern;
};
struct hub_unsubscribe {
  std::shared_ptr<plugins::inbox> to;
  std::string pattern;
};
/// The histories of these topics once more.
struct hub_refresh {
  std::shared_ptr<plugins::inbox> to;
  std::vector<std::string> topics;
};
/// The inbox wants nothing any more.
struct hub_leave {
  std::shared_ptr<plugins::inbox> to;
};

// ---- runs to their keeper; `run` tells one life from the next

struct plugin_prepared {
  std::uint64_t run;
  std::string version;
};
struct plugin_running {
  std::uint64_t run;
};
struct plugin_ended {
  std::uint64_t run;
  std::shared_ptr<plugins::run_end> end;
};
/// A keeper's own clock, and the end of its back-off.
struct plugin_look {};
struct plugin_restart {
  std::uint64_t attempt;
};

// ---- operators

/// Told once: empty for success, else a sentence. On a worker's thread; must not block.
using plugin_outcome = std::function<void(std::string error)>;

struct load_plugin {
  std::shared_ptr<const config::plugin_section> what;
  plugin_outcome then;
};
/// `library` empty: the one it has.
struct reload_plugin {
  std::string name;
  std::string library;
  plugin_outcome then;
};
struct unload_plugin {
  std::string name;
  plugin_outcome then;
};

/// Passes updates on to the plugins' inboxes; the listener at the plugins' post.
using plugin_hub_actor =
    listener_actor::extend<caf::reacts_to<hub_subscribe>, caf::reacts_to<hub_unsubscribe>,
                           caf::reacts_to<hub_refresh>, caf::reacts_to<hub_leave>>;

/// Keeps one plugin alive within its budgets.
using plugin_keeper_actor = caf::typed_actor<
    // What a run tells.
    caf::reacts_to<plugin_prepared>, caf::reacts_to<plugin_running>, caf::reacts_to<plugin_ended>,
    // Its clocks.
    caf::reacts_to<plugin_look>, caf::reacts_to<plugin_restart>,
    // Operators.
    caf::reacts_to<reload_plugin>>;

/// Starts and ends the keepers and the hub.
using plugin_manager_actor = caf::typed_actor<caf::reacts_to<load_plugin>, caf::reacts_to<reload_plugin>,
                                              caf::reacts_to<unload_plugin>>;

}  // namespace tickcast::actors

TICKCAST_MESSAGE(tickcast::actors::hub_subscribe)
TICKCAST_MESSAGE(tickcast::actors::hub_unsubscribe)
TICKCAST_MESSAGE(tickcast::actors::hub_refresh)
TICKCAST_MESSAGE(tickcast::actors::hub_leave)
TICKCAST_MESSAGE(tickcast::actors::plugin_prepared)
TICKCAST_MESSAGE(tickcast::actors::plugin_running)
TICKCAST_MESSAGE(tickcast::actors::plugin_ended)
TICKCAST_MESSAGE(tickcast::actors::plugin_look)
TICKCAST_MESSAGE(tickcast::actors::plugin_restart)
TICKCAST_MESSAGE(tickcast::actors::load_plugin)
TICKCAST_MESSAGE(tickcast::actors::reload_plugin)
TICKCAST_MESSAGE(tickcast::actors::unload_plugin)
