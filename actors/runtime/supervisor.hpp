#pragma once
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "actors/messages.hpp"
#include "actors/runtime/observed.hpp"
#include "actors/runtime/restart_budget.hpp"
#include "actors/runtime/supervision.hpp"
#include "actors/runtime/supervision_board.hpp"

namespace tickcast::actors {

/// Starts, watches and restarts children by OTP's rules
/// (https://www.erlang.org/doc/system/sup_princ.html, and supervisor.erl where that is silent).
///
/// Children start in order, in the supervisor's constructor, so that who has spawned a tree has all of it
/// running; they are ended in reverse, one after the other; each has its time to end and is
/// killed after it. When a child's restarts exceed the limits the supervisor ends all and then itself, as an
/// orderly end, which its own supervisor answers by its own strategy. A child that cannot be started when the
/// supervisor is ends it too.
///
/// Where a group is restarted together, children that were stopped before are started with it, as OTP does;
/// temporary ones are not, and are forgotten.
///
/// Beyond OTP: a wait before a restart (restart_limits), a budget for each child, a history, a view for the
/// console, and a child that does not even end when killed, because its thread is stuck, is left behind.
///
/// While children are being ended, commands and failures wait their turn. On the workers.
class supervisor final : public observed<caf::event_based_actor> {
public:
  struct options {
    std::string name;
    std::string parent;  ///< path; empty for the root
    restart_limits limits = {};
    /// Every child has its own budget, and one that has spent it stays down, alone, for `limits.longest`
    /// before it is tried again: for many children of one kind, with one_for_one.
    bool each_its_own = false;
    restart_strategy strategy = restart_strategy::one_for_one;
    auto_shutdown when_significant_end = auto_shutdown::never;
  };

  /// How long a child may take to end after it was killed, until it is left behind.
  static constexpr std::chrono::milliseconds killing_time{1000};

  supervisor(caf::actor_config& cfg, probe_registry& probes, options how, std::vector<child_spec> children);

  const char* name() const override { return "supervisor"; }

protected:
  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  struct child {
    child_spec spec;
    restart_budget budget;
    caf::actor handle = {};
    child_status status = child_status::stopped;
    std::uint64_t attempt = 0;  ///< names the timer that is being waited for
    std::uint64_t restarts = 0;
    std::uint64_t record = 0;                ///< in the restart history, while it is gone
    std::optional<caf::error> failure = {};  ///< ended while the supervisor was busy, and not looked at yet
    std::string last_reason = {};
    restart_budget::time_point ended = {};
    std::optional<restart_budget::time_point> due = {};
  };
  using children = std::list<child>;

  children::iterator find(const std::string& id);
  bool bring_up(child& which);

  // Children that end by themselves.
  void on_down(const caf::down_msg& message);
  void answer_exit(child& which, const caf::error& reason);
  void failed(child& which, const std::string& reason);
  bool spend(child& which);
  void not_restarted(children::iterator which);
  void wait_for_restart(child& which);
  void restart_due_now(const restart_due& what);
  std::vector<std::string> group_of(const child& which);

  // Ending children.
  void end_all(std::vector<std::string> ids, std::function<void()> then);
  void end_next();
  void was_ended(children::iterator which);
  void kill(const kill_due& what);
  void leave_behind(const abandon_due& what);
  void begin_stop(caf::error reason);
  void go_on();

  // Commands.
  void command(std::function<void()> what, const supervision_answer& answer);
  void add(const add_child& what);
  void terminate(const terminate_child& what);
  void start_again(const restart_child& what);
  void forget(const delete_child& what);

  void begin_record(child& which, const std::string& reason);
  void end_record(child& which, restart_record::outcome became);
  void show();

  options options_;
  std::string path_;
  children children_;
  restart_budget shared_budget_;
  bool watching_ = false;            ///< once it runs itself it watches what it starts
  bool busy_ = false;                ///< children are being ended
  std::vector<std::string> ending_;  ///< in the order of their start; the last goes first
  std::function<void()> then_;
  std::deque<std::function<void()>> commands_;  ///< that came meanwhile; bounded
  bool stopping_ = false;
  caf::error reason_;
};

}  // namespace tickcast::actors
