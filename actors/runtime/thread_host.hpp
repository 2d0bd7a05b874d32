#pragma once
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "actors/runtime/host.hpp"

namespace tickcast::actors {

/// A host on a thread of its own that has nothing but actors, tasks and timers: no sockets. It turns at least
/// once a second, so that a watchdog does not take an idle one for stuck.
class thread_host final : public host {
public:
  thread_host(caf::actor_system& system, std::string name);
  /// Stops; its actors have ended before.
  ~thread_host() override;

  clock::time_point now() const override { return clock::now(); }
  void start();
  /// Ends the loop after its present turn and joins. Any other thread.
  void stop();

protected:
  void wake() override;
  void arm(clock::time_point due) override { due_ = due; }

private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;     // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::optional<clock::time_point> due_;
  std::thread thread_;
};

}  // namespace tickcast::actors
