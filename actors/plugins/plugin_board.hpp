#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/plugins/messages.hpp"
#include "actors/plugins/report.hpp"
#include "actors/topics/engine.hpp"
#include "plugins/runner/plugin_thread.hpp"

namespace tickcast::actors {

class past_desk;

/// What is known of one plugin, over all its runs. Thread-safe.
class plugin_record {
public:
  static constexpr std::size_t most_failures = 20;

  /// `feed`: the one its messages are counted at. `as_feed`: the section that makes a feed of it, if one
  /// does.
  plugin_record(config::plugin_section what, feed_entry& feed, const config::feed_section* as_feed);

  const config::plugin_section section;  ///< its `library` is that of the first load; see library()
  feed_entry& feed;
  const config::feed_section* const as_feed;
  const std::shared_ptr<plugins::vitals> seen = std::make_shared<plugins::vitals>();
  std::atomic<plugin_state> state{plugin_state::starting};
  std::atomic<std::uint64_t> restarts{0};
  std::atomic<std::uint64_t> alarms{0};
  std::atomic<std::size_t> budget_spent{0};

  std::string library() const;
  void set_library(std::string file);
  std::string version() const;
  void set_version(std::string version);
  std::shared_ptr<plugins::inbox> letters() const;
  void set_letters(std::shared_ptr<plugins::inbox> letters);
  /// The run whose handlers are shown; may be null.
  void show(std::shared_ptr<const plugins::run> run);
  void failed(std::string why, bool retired);
  void clear_error();

  /// All but `lingering`.
  plugin_report report() const;

private:
  mutable std::mutex mutex_;
  std::string library_;
  std::string version_;
  std::shared_ptr<plugins::inbox> letters_;
  std::shared_ptr<const plugins::run> shown_;
  std::deque<plugin_failure> failures_;
  std::string last_error_;
};

/// What the actors of the plugins share. Thread-safe; outlives them.
class plugin_board {
public:
  /// Questions that have no answer yet, over all plugins; the oldest are forgotten (their askers get a
  /// time-out).
  static constexpr std::size_t most_questions = 10'000;

  using run_maker = std::function<std::unique_ptr<plugins::run>(const config::plugin_section& what,
                                                                plugins::plugin_outfit outfit)>;

  /// `scratch`: a directory of ours. `process_maker`: for isolation "process"; may be empty, then there is
  /// none.
  plugin_board(caf::actor_system& system, engine& parts, std::filesystem::path scratch,
               run_maker process_maker);

  engine& parts() noexcept { return engine_; }
  /// Who reads history for plugins; set before the first one runs. Null: none is kept.
  void set_past(past_desk* desk) noexcept { past_ = desk; }
  past_desk* past() const noexcept { return past_; }
  /// Makes the record of a plugin; null when there is one of that name.
  std::shared_ptr<plugin_record> add(const config::plugin_section& what);
  void remove(const std::string& name);
  std::shared_ptr<plugin_record> find(const std::string& name) const;
  std::vector<std::shared_ptr<plugin_record>> all() const;

  void set_hub(plugin_hub_actor hub);
  plugin_hub_actor hub() const;

  /// A run of the plugin as its section wants it, not started; what comes in goes to `letters`.
  std::unique_ptr<plugins::run> make_run(plugin_record& of, const std::string& library,
                                         const std::shared_ptr<plugins::inbox>& letters);

  void ask(const std::shared_ptr<plugins::inbox>& asker, std::uint64_t id, const std::string& from,
           const std::string& to, std::string question);
  void reply(std::uint64_t question, bool ok, std::string text);

  /// Keeps a retired run until its thread has ended.
  void bury(const std::string& name, std::shared_ptr<plugins::run> run);
  /// Threads that were given up and have not ended; of one plugin, or all.
  std::size_t lingering(const std::optional<std::string>& name = {}) const;

private:
  struct open_question {
    std::weak_ptr<plugins::inbox> asker;
    std::uint64_t id;
  };
  struct grave {
    std::string name;
    std::shared_ptr<plugins::run> run;
  };

  caf::actor_system& system_;
  engine& engine_;
  const std::filesystem::path scratch_;
  const run_maker process_maker_;
  /// A copy of the engine's: threads that were given up may outlive it.
  const std::shared_ptr<const analytics::instruments> listed_;
  past_desk* past_ = nullptr;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<plugin_record>> records_;
  plugin_hub_actor hub_;
  std::map<std::uint64_t, open_question> open_;
  std::uint64_t last_question_ = 0;
  mutable std::vector<grave> graves_;
};

}  // namespace tickcast::actors
