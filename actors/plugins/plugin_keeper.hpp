#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "actors/plugins/messages.hpp"
#include "actors/plugins/plugin_board.hpp"
#include "actors/plugins/plugin_feed.hpp"
#include "actors/runtime/observed.hpp"
#include "actors/runtime/restart_budget.hpp"

namespace tickcast::actors {

/// Keeps one plugin alive: starts its run, watches its handlers, starts it anew when it fails while its
/// budget lasts, and replaces it by another version. On the workers; the plugin's code never runs here, and
/// nothing here waits for it.
///
/// A handler that runs for longer than budget_handler_ms is an alarm. What handlers take beyond that adds up;
/// when it exceeds budget_stuck_ms within budget_period_ms the run is retired: cut off, left to itself, and
/// counted as a failure. A plugin of which `most_lingering` threads never came back is not started again.
class plugin_keeper final : public observed<plugin_keeper_actor::base> {
public:
  static constexpr std::chrono::milliseconds look_every{50};
  static constexpr std::size_t most_lingering = 3;

  plugin_keeper(caf::actor_config& cfg, plugin_board& board, std::shared_ptr<plugin_record> of,
                plugin_outcome then = {});

  const char* name() const override { return "plugin"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  struct live_run {
    std::shared_ptr<plugins::run> run;
    std::uint64_t number = 0;
    std::string library;
    std::string version;
    bool running = false;
  };
  /// A change of versions that is under way.
  struct change {
    live_run next;
    plugin_outcome then;
    std::string old_version;
    std::string trouble;       ///< what the old version failed of
    bool handed_over = false;  ///< the old one is gone, the next one has begun
    std::optional<std::string> state;
  };

  void start_fresh();
  live_run begin(const std::string& library);
  void on_prepared(const plugin_prepared& told);
  void on_running(const plugin_running& told);
  void on_ended(const plugin_ended& told);
  void run_ended(plugins::run_end& end);
  void next_ended(const plugins::run_end& end);
  void hand_over(std::optional<std::string> state);
  void roll_back(const std::string& why);
  void failed(const std::string& why, bool retired, bool hopeless);
  void retire(const std::string& why);
  void look();
  void look_at_handler(std::int64_t now_ns);
  void reload(const reload_plugin& wish);
  void told_to_end(caf::error reason);
  void finish();
  void begin_record(const std::string& why);
  void end_record(restart_record::outcome became);
  void leave_hub();
  void answer(plugin_outcome& then, const std::string& error);
  void set(plugin_state state);

  plugin_board& board_;
  std::shared_ptr<plugin_record> record_;
  plugin_feed feed_;
  plugin_outcome started_;  ///< told when the first start has come to something
  restart_budget budget_;
  live_run now_;
  std::optional<change> change_;
  std::shared_ptr<plugins::inbox> letters_;
  /// What a version that is gone back to takes over.
  std::optional<std::string> roll_back_state_;
  std::string roll_back_version_;
  std::uint64_t last_number_ = 0;
  std::uint64_t attempt_ = 0;
  std::uint64_t gone_ = 0;  ///< in the restart history, while it is gone; 0: it is not
  std::int64_t gone_since_ns_ = 0;
  bool stopping_ = false;
  caf::error stop_reason_;
  std::int64_t stop_by_ns_ = 0;  ///< when patience with a run that was told to stop ends; 0: none was
  // The alarm.
  bool alarmed_ = false;
  std::int64_t alarm_over_ns_ = 0;      ///< of the handler that runs now
  std::int64_t patience_spent_ns_ = 0;  ///< of earlier ones in this period
  std::int64_t period_began_ns_ = 0;
};

}  // namespace tickcast::actors
