#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "analytics/instruments.hpp"
#include "plugins/runner/inbox.hpp"
#include "plugins/runner/outlet.hpp"
#include "plugins/runner/run.hpp"
#include "plugins/runner/runner.hpp"
#include "plugins/runner/vitals.hpp"

namespace tickcast::plugins {

/// What a plugin is run with. The shared parts are kept by a thread that was retired as long as it lives.
struct plugin_outfit {
  runner_options options;
  bool drains = false;                                   ///< told to stop, it handles what waits first
  std::string library;                                   ///< file
  std::filesystem::path scratch;                         ///< where its private copy may stand
  std::shared_ptr<inbox> letters;                        ///< what comes in
  std::shared_ptr<vitals> seen;                          ///< what is known of it
  std::shared_ptr<outlet> out;                           ///< what goes out
  std::shared_ptr<const analytics::instruments> listed;  ///< when symbols trade; null: round the clock
};

/// A plugin on a thread of its own, at a lower priority than the engine's threads (nice 10): its loop takes
/// what waits, calls what is due, and sleeps.
class plugin_thread final : public run {
public:
  /// Messages handled before timers and publishes get their turn.
  static constexpr std::size_t chunk = 64;

  explicit plugin_thread(plugin_outfit outfit);
  ~plugin_thread() override;

  void start(run_events events) override;
  void go(std::optional<std::string> state, std::string version, std::vector<std::string> patterns) override;
  void stop(bool save) override;
  void retire() override;
  bool lingers() const override;
  const pulse& beat() const override;

private:
  struct shared;
  std::shared_ptr<shared> shared_;
  std::thread thread_;
};

}  // namespace tickcast::plugins
