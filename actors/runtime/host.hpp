#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "actors/runtime/caf.hpp"

namespace tickcast::actors {

/// Something to be done once when the current turn of a host ends. Owned by whoever asks for it and must
/// outlive the turn; asking twice in a turn is asking once.
class turn_hook {
public:
  virtual ~turn_hook() = default;
  virtual void on_turn_end() = 0;

private:
  friend class host;
  bool queued_ = false;
};

/// Runs actors on one thread of our choosing: the execution unit of every actor spawned on it, with a count
/// of live actors, timers, posted tasks and an end-of-turn hook. net/ makes one of Asio, tests make one with
/// a virtual clock (tests/support/virtual_host.hpp).
///
/// A turn is what the thread does between two looks at its sockets: some handlers, ready actors, then the
/// hooks. Thread: exec_later, post and alive from anywhere; all else on the host's own thread. Lifetime:
/// outlives its actors; end them, wait for alive() == 0, then stop the thread.
class host : public caf::execution_unit {
public:
  using clock = std::chrono::steady_clock;
  using task = std::function<void()>;
  using timer_id = std::uint64_t;

  host(caf::actor_system& system, std::string name);
  ~host() override;

  const std::string& name() const noexcept { return name_; }
  virtual clock::time_point now() const = 0;

  /// Takes over one reference of `job` (CAF calls this; any thread).
  void exec_later(caf::resumable* job) final;
  /// Runs `what` on the host's thread, in order with the actors' turns. Any thread.
  void post(task what);
  /// Runs `what` on the host's thread, not before `delay` has passed.
  timer_id after(clock::duration delay, task what);
  /// A timer that has run or never existed is left alone.
  void cancel(timer_id timer);
  /// Calls `hook.on_turn_end()` once, when this turn ends.
  void at_turn_end(turn_hook& hook);
  /// Something that a feed handed over at `ns` (steady clock) goes out with this turn.
  void note_taken(std::int64_t ns) noexcept {
    if (taken_ns_ == 0 || ns < taken_ns_) taken_ns_ = ns;
  }
  /// The oldest noted since this was last asked; 0: none.
  std::int64_t take_taken() noexcept { return std::exchange(taken_ns_, 0); }
  /// Actors spawned here that have not ended. Any thread.
  std::size_t alive() const noexcept { return alive_.load(std::memory_order_acquire); }
  /// Turns taken since the start; a watchdog reads it (any thread).
  std::uint64_t turns() const noexcept { return turns_.load(std::memory_order_relaxed); }

protected:
  /// Have run_ready() called soon on the host's thread. Any thread.
  virtual void wake() = 0;
  /// The earliest timer has changed; have run_timers() called at `due`.
  virtual void arm(clock::time_point due) = 0;
  /// Runs what was ready when it began; what becomes ready meanwhile wakes the host again, so that sockets
  /// and timers get in between. Returns how many ran.
  std::size_t run_ready();
  std::size_t run_timers();
  void end_turn();

private:
  template <class>
  friend class hosted;
  void schedule(caf::resumable* job);
  void run(caf::resumable* job);
  void actor_began() noexcept { alive_.fetch_add(1, std::memory_order_relaxed); }
  void actor_ended() noexcept { alive_.fetch_sub(1, std::memory_order_release); }

  struct ready_item {
    caf::resumable* job = nullptr;
    task what;
  };

  std::string name_;
  std::atomic<std::size_t> alive_{0};
  std::atomic<std::uint64_t> turns_{0};
  std::mutex mutex_;
  std::vector<ready_item> ready_;  // guarded by mutex_
  bool woken_ = false;             // guarded by mutex_
  std::vector<ready_item> running_;
  std::map<std::pair<clock::time_point, timer_id>, task> timers_;
  std::map<timer_id, clock::time_point> due_;
  timer_id last_timer_ = 0;
  std::vector<turn_hook*> hooks_;
  std::vector<turn_hook*> ending_;
  std::int64_t taken_ns_ = 0;
};

}  // namespace tickcast::actors
