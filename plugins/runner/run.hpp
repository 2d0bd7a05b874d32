#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugins/runner/vitals.hpp"

namespace tickcast::plugins {

/// How a run came to its end.
struct run_end {
  enum class why : std::uint8_t {
    asked,   ///< it was told to stop
    failed,  ///< an exception, a spent budget, a signal; starting it again may help
    unfit,   ///< the library or the parameters do not fit; starting it again will not help
  };
  why how = why::asked;
  std::string error;
  std::optional<std::string> state;  ///< what save() returned, when it was asked for
};

/// What a run tells. Called on the run's own thread; must not block.
struct run_events {
  /// The library is loaded, the parameters are accepted, the plugin is made; it waits for go().
  std::function<void(std::string version)> prepared;
  /// on_start has returned.
  std::function<void()> running;
  /// The last word, also when it never got so far.
  std::function<void(run_end end)> ended;
};

/// One life of a plugin, from load to end: a thread of ours, or a process. Everything returns at once and may
/// be called from any one thread.
class run {
public:
  virtual ~run() = default;
  virtual void start(run_events events) = 0;
  /// Lets a prepared run begin. `state`: of an earlier version, `version`, to take over; `patterns`: what
  /// that one was subscribed to.
  virtual void go(std::optional<std::string> state, std::string version,
                  std::vector<std::string> patterns) = 0;
  /// Asks it to end, after what it does now; `save`: with its state.
  virtual void stop(bool save) = 0;
  /// Gives it up: nothing that it still does reaches the engine, and nothing is told any more. A process is
  /// killed; a thread cannot be, it is left to itself.
  virtual void retire() = 0;
  /// A retired thread that has not ended yet.
  virtual bool lingers() const = 0;
  virtual const pulse& beat() const = 0;
};

}  // namespace tickcast::plugins
