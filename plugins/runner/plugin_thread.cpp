#include "plugins/runner/plugin_thread.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "plugins/runner/library.hpp"

namespace tickcast::plugins {
namespace {

constexpr int politeness = 10;

std::string text_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    return *e.what() != '\0' ? e.what() : "failed without a word";
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace

/// Belongs to the thread as much as to whoever started it: a thread that never comes back needs it too.
struct plugin_thread::shared : std::enable_shared_from_this<shared> {
  explicit shared(plugin_outfit given) : outfit(std::move(given)) {
    if (outfit.listed)
      outfit.options.hours = [listed = outfit.listed](const std::string& symbol) {
        return listed->find(symbol).hours;
      };
  }

  plugin_outfit outfit;
  run_events events;
  std::mutex mutex;
  std::condition_variable changed;
  bool woken = false;                 // guarded by mutex
  bool may_go = false;                // guarded by mutex
  bool stopping = false;              // guarded by mutex
  bool save = false;                  // guarded by mutex
  std::optional<std::string> state;   // guarded by mutex
  std::string state_version;          // guarded by mutex
  std::vector<std::string> patterns;  // guarded by mutex
  std::atomic<bool> retired{false};
  std::atomic<bool> ended{false};
  std::mutex telling;           ///< nothing is told once retire() has returned
  bool said_last_word = false;  // guarded by telling
  pulse beat;

  template <class F>
  void tell(F&& what) {
    const std::lock_guard guard{telling};
    if (!retired.load()) what();
  }
  void wake() {
    {
      const std::lock_guard guard{mutex};
      woken = true;
    }
    changed.notify_one();
  }
  void live() noexcept;
  void live_and_end(run_end& end);
  bool wait_for_go();
  void loop(runner& its);
  void handle(runner& its, const std::vector<message>& taken);
  /// False: time to stop.
  bool sleep_until_needed(const runner& its);
};

void plugin_thread::shared::live() noexcept {
  ::pthread_setname_np(::pthread_self(), ("plugin " + outfit.options.name).substr(0, 15).c_str());
  // Linux keeps the niceness a thread.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), politeness);
  run_end end;
  try {
    live_and_end(end);
  } catch (const unfit& failure) {
    end = {run_end::why::unfit, failure.what(), {}};
  } catch (...) {
    end = {run_end::why::failed, text_of(std::current_exception()), {}};
  }
  tell([&] {
    outfit.out->flush();  // what a failing handler was told is sent, is sent
    outfit.letters->on_wake(nullptr);
    said_last_word = true;
    events.ended(std::move(end));
  });
  ended.store(true);
}

void plugin_thread::shared::live_and_end(run_end& end) {
  // Static objects and constructors may hang as well as handlers.
  const auto time = real_clocks();
  beat.handler.store("loading");
  beat.handler_began_ns.store(time.steady_ns());
  const library code(outfit.library, outfit.scratch);
  const auto made = code.make(outfit.options.given);
  beat.handler_began_ns.store(0);
  tell([&] { events.prepared(code.version()); });
  if (!wait_for_go()) return;
  outfit.options.wake = [self = weak_from_this()] {
    if (const auto still = self.lock()) still->wake();
  };
  runner its(*made, outfit.options, *outfit.out, *outfit.seen, beat, time);
  tell([&] { outfit.letters->on_wake(outfit.options.wake); });
  its.start(state, state_version, std::move(patterns));
  tell([&] { events.running(); });
  loop(its);
  if (retired.load()) return;
  if (save) end.state = its.save();
  its.stop();
}

bool plugin_thread::shared::wait_for_go() {
  std::unique_lock lock{mutex};
  changed.wait(lock, [&] { return may_go || stopping || retired.load(); });
  return may_go && !stopping && !retired.load();
}

bool plugin_thread::shared::sleep_until_needed(const runner& its) {
  const auto due = its.next_timer_ns();
  std::unique_lock lock{mutex};
  const auto needed = [&] { return woken || stopping || retired.load(); };
  if (due)
    changed.wait_until(lock, std::chrono::steady_clock::time_point(std::chrono::nanoseconds(*due)), needed);
  else
    changed.wait(lock, needed);
  woken = false;
  return !stopping && !retired.load();
}

void plugin_thread::shared::handle(runner& its, const std::vector<message>& taken) {
  std::size_t begun = 0;
  try {
    while (begun < taken.size() && !retired.load(std::memory_order_relaxed)) {
      its.handle(taken[begun++]);
      outfit.letters->handled(1);
    }
  } catch (...) {
    outfit.letters->handled(1);
    outfit.letters->lost(taken.size() - begun);
    throw;
  }
  outfit.letters->lost(taken.size() - begun);
}

void plugin_thread::shared::loop(runner& its) {
  std::vector<message> taken;
  while (sleep_until_needed(its) || (outfit.drains && !retired.load() && !outfit.letters->empty())) {
    do {
      taken.clear();
      if (const auto lost = outfit.letters->take(taken, chunk); lost > 0) its.lost(lost);
      handle(its, taken);
      if (retired.load(std::memory_order_relaxed)) return;
      its.run_timers();
      its.woken();
      outfit.out->flush();
      {
        const std::lock_guard guard{mutex};
        if (stopping && !outfit.drains) return;
      }
    } while (taken.size() == chunk);
    if (const auto lossy = outfit.letters->lossy_topics(); !lossy.empty()) outfit.out->refresh(lossy);
  }
}

plugin_thread::plugin_thread(plugin_outfit outfit) : shared_(std::make_shared<shared>(std::move(outfit))) {}

plugin_thread::~plugin_thread() {
  if (!thread_.joinable()) return;
  bool leaving;
  {
    const std::lock_guard guard{shared_->telling};
    leaving = shared_->said_last_word;
  }
  if (leaving) {
    thread_.join();
    return;
  }
  retire();
  thread_.detach();
}

void plugin_thread::start(run_events events) {
  shared_->events = std::move(events);
  // What waited for an earlier run is for this one.
  shared_->woken = true;
  thread_ = std::thread([mine = shared_] { mine->live(); });
}

void plugin_thread::go(std::optional<std::string> state, std::string version,
                       std::vector<std::string> patterns) {
  {
    const std::lock_guard guard{shared_->mutex};
    shared_->may_go = true;
    shared_->state = std::move(state);
    shared_->state_version = std::move(version);
    shared_->patterns = std::move(patterns);
  }
  shared_->changed.notify_one();
}

void plugin_thread::stop(bool save) {
  {
    const std::lock_guard guard{shared_->mutex};
    shared_->stopping = true;
    shared_->save = save;
  }
  shared_->changed.notify_one();
}

void plugin_thread::retire() {
  {
    const std::lock_guard guard{shared_->telling};
    shared_->retired.store(true);
  }
  shared_->outfit.out->retire();
  shared_->wake();
}

const pulse& plugin_thread::beat() const {
  return shared_->beat;
}

bool plugin_thread::lingers() const {
  return shared_->retired.load() && !shared_->ended.load();
}

}  // namespace tickcast::plugins
