#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plugins/runner/history.hpp"
#include "plugins/runner/indicator_desk.hpp"
#include "plugins/runner/message.hpp"
#include "plugins/runner/outlet.hpp"
#include "plugins/runner/token_bucket.hpp"
#include "plugins/runner/vitals.hpp"
#include "tickcast/plugin.hpp"

namespace tickcast::plugins {

/// A plugin went on beyond a budget for too long.
class budget_spent : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

struct runner_options {
  std::string name;
  parameters given;
  std::uint64_t publishes_per_s = 10'000;
  bool is_feed = false;                ///< may publish trades, quotes and bars
  void* system = nullptr;              ///< the server's caf::actor_system
  std::function<void()> wake = [] {};  ///< has woken() called soon; any thread
  hours_finder hours = round_the_clock();
};

/// The two clocks; the test kit has its own.
struct clocks {
  std::function<std::int64_t()> steady_ns;
  std::function<std::int64_t()> wall_ns;
};
clocks real_clocks();

/// Runs one plugin: is its context, calls its handlers, keeps its history, timers and budgets. What a handler
/// throws leaves the call that led to it; the runner is then of no more use. One thread.
class runner final : public context {
public:
  /// Publishes refused for so long, with no second between, are `budget_spent`.
  static constexpr int seconds_of_excess = 3;
  static constexpr std::size_t most_questions = 1000;
  static constexpr std::size_t most_timers = 10'000;
  static constexpr std::size_t most_reads = 16;
  static constexpr std::uint64_t log_lines_per_s = 100;

  /// `what`, `to`, `seen` and `beat` outlive the runner.
  runner(plugin& what, runner_options options, outlet& to, vitals& seen, pulse& beat, clocks time);

  /// Takes over an earlier version's subscriptions, calls load() when there is a state, and on_start().
  void start(const std::optional<std::string>& state = {}, std::string_view version = {},
             std::vector<std::string> patterns = {});
  void handle(const message& what);
  void lost(std::uint64_t updates);
  std::string save();
  void stop();
  /// Whatever woke the plugin's thread has been served.
  void woken();
  /// Calls what is due; when the next timer is due (steady clock), if there is one.
  void run_timers();
  std::optional<std::int64_t> next_timer_ns() const;

  std::string_view name() const override { return options_.name; }
  const parameters& given() const override { return options_.given; }
  std::int64_t now_ns() const override { return clocks_.wall_ns(); }
  bool subscribe(std::string_view pattern) override;
  void unsubscribe(std::string_view pattern) override;
  std::vector<protocol::trade> trades(std::string_view symbol, std::size_t most) const override;
  std::vector<protocol::bar> bars(std::string_view symbol, std::string_view interval,
                                  std::size_t most) const override;
  std::optional<protocol::quote> quote(std::string_view symbol) const override;
  std::optional<json> event(std::string_view topic) const override;
  void read_trades(std::string_view symbol, const past& which, on_past_trades then) override;
  void read_bars(std::string_view symbol, std::string_view interval, const past& which,
                 on_past_bars then) override;
  plugins::indicator indicator(std::string_view symbol, std::string_view interval,
                               std::string_view call) override;
  published publish_text(std::string_view topic, std::string_view json_text) override;
  published publish_trade(std::string_view symbol, const protocol::trade& value) override;
  published publish_quote(std::string_view symbol, const protocol::quote& value) override;
  published publish_bar(std::string_view symbol, std::string_view interval,
                        const protocol::bar& value) override;
  void ask(std::string_view plugin, const json& question, on_answer then,
           std::chrono::milliseconds patience) override;
  timer_id every(std::chrono::nanoseconds period) override;
  timer_id after(std::chrono::nanoseconds delay) override;
  void cancel(timer_id timer) override;
  void log(log_level level, std::string_view text) override;
  void count(std::string_view metric, std::uint64_t by) override;
  void gauge(std::string_view metric, double value) override;
  void* actor_system() const override { return options_.system; }
  std::function<void()> waker() const override { return options_.wake; }

private:
  struct timer {
    /// Whom it is for: the plugin, a question that has waited long enough, a read that was refused, or
    /// indicators whose history was busy.
    enum class whose : std::uint8_t { plugin, question, read, indicators };
    timer_id id;
    std::int64_t period_ns;  ///< 0: once
    whose of = whose::plugin;
    std::uint64_t number = 0;  ///< of the question or read
  };
  struct open_read {
    std::string topic;
    on_past_trades trades;
    on_past_bars bars;
    past_error refused = past_error::none;
    std::string error = {};
  };

  template <class F>
  void call(const char* handler, F&& f);
  void deliver(const message& what);
  void deliver_all(const std::vector<message>& what);
  void read(open_read asked, const past& which);
  void handle_past(const past_answer& given);
  void handle_question(const question& asked);
  void handle_answer(const answer_text& given);
  void settle(std::uint64_t question, const answer& outcome);
  timer_id start_timer(std::int64_t delay_ns, std::int64_t period_ns, timer::whose of = timer::whose::plugin,
                       std::uint64_t number = 0);
  void run_own(const timer& what);
  published admit();
  published refuse(published why);
  published market_allowed(std::string_view symbol);
  published done(published outcome);
  void note_excess(std::int64_t now_ns);
  void tell_subscriptions();

  plugin& plugin_;
  runner_options options_;
  outlet& outlet_;
  vitals& vitals_;
  pulse& pulse_;
  clocks clocks_;
  history history_;
  indicator_desk desk_;
  std::vector<std::string> patterns_;
  token_bucket publish_tokens_;
  token_bucket log_tokens_{log_lines_per_s};
  std::multimap<std::int64_t, timer> timers_;
  timer_id last_timer_ = 0;
  std::unordered_map<std::uint64_t, on_answer> open_;
  std::uint64_t last_question_ = 0;
  std::unordered_map<std::uint64_t, open_read> reads_;
  std::size_t reads_under_way_ = 0;
  std::uint64_t last_read_ = 0;
  std::int64_t excess_began_ns_ = 0;  ///< of the present run of refusals; 0: none yet
  std::int64_t excess_last_ns_ = 0;
  std::string spent_;  ///< the budget that the handler which runs now has spent
};

}  // namespace tickcast::plugins
