#pragma once
#include <cstdint>
#include <string>

#include "actors/plugins/plugin_board.hpp"
#include "actors/topics/feed_voice.hpp"
#include "analytics/session_hours.hpp"

namespace tickcast::actors {

/// How a plugin is as a feed. Where a [[feed]] of kind "plugin" names it, it is judged and told like any
/// other
/// (`feed.<name>`: stale when silent for stale_ms inside its session hours); else only the board knows,
/// because its messages are counted there. Belongs to the plugin's keeper; its thread.
class plugin_feed {
public:
  plugin_feed(engine& parts, plugin_record& of);

  /// `state`: the plugin's, now.
  void look(plugin_state state, std::int64_t steady_ns);
  void end() { voice_.end(); }

private:
  struct verdict {
    protocol::feed_state state;
    std::string reason;
  };

  verdict judge(plugin_state state, std::int64_t now_ns) const;
  void look_at_hours(std::int64_t steady_ns, std::int64_t wall_ns);

  engine& engine_;
  plugin_record& record_;
  feed_voice voice_;
  analytics::session_hours hours_;
  analytics::session_hours::stretch stretch_{true, 0, 0};
  plugin_state seen_ = plugin_state::starting;
  std::int64_t since_ns_ = 0;  ///< steady clock: when `seen_` came to be
};

}  // namespace tickcast::actors
