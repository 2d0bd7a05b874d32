#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tickcast::actors {

enum class plugin_state : std::uint8_t {
  starting,    ///< its library is being loaded, or its on_start runs
  running,     ///< all is well
  stuck,       ///< a handler runs for longer than budget_handler_ms
  restarting,  ///< failed; waits for its next start
  stopped,     ///< told to
  failed,      ///< spent its restarts, or cannot be used; waits for an operator
};
std::string_view to_string(plugin_state state) noexcept;

/// One end of a plugin's run that nobody had asked for.
struct plugin_failure {
  std::int64_t time_ns;  ///< wall clock
  std::string why;
  bool retired;  ///< it was given up: its thread never came back in time
};

/// What the console shows of one plugin. Times of handlers are steady-clock nanoseconds.
struct plugin_report {
  std::string name;
  std::string version;  ///< the library's own; empty before it was loaded
  std::string library;
  std::string isolation;  ///< "thread" or "process"
  plugin_state state = plugin_state::starting;
  std::map<std::string, std::string> parameters;
  std::vector<std::string> subscriptions;

  std::uint64_t restarts = 0;    ///< since the server started
  std::size_t budget_spent = 0;  ///< restarts within the period
  std::uint32_t budget_restarts = 0;
  std::int64_t budget_period_ms = 0;
  std::vector<plugin_failure> failures;  ///< the last 20, oldest first
  std::string last_error;
  std::uint64_t alarms = 0;   ///< handlers that took longer than budget_handler_ms
  std::size_t lingering = 0;  ///< threads that were given up and have not ended

  std::uint64_t waiting = 0;  ///< in its inbox
  std::size_t bound = 0;      ///< of updates in its inbox
  std::uint64_t dropped = 0;  ///< updates dropped from it
  std::uint64_t handled = 0;
  std::uint64_t published = 0;
  std::uint64_t over_budget = 0;  ///< publishes refused for their rate
  std::uint64_t refused = 0;      ///< publishes refused for anything else
  std::uint64_t log_dropped = 0;

  std::string handler;                  ///< the one that runs now; empty: none
  std::int64_t handler_running_ns = 0;  ///< for how long
  std::int64_t p50_ns = 0, p99_ns = 0, longest_ns = 0;
  std::map<std::string, std::uint64_t, std::less<>> counters;
  std::map<std::string, double, std::less<>> gauges;
};

}  // namespace tickcast::actors
