#include "actors/runtime/thread_host.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace tickcast::actors {

thread_host::thread_host(caf::actor_system& system, std::string name) : host(system, std::move(name)) {}

thread_host::~thread_host() {
  stop();
}

void thread_host::start() {
  thread_ = std::thread([this] { run(); });
}

void thread_host::stop() {
  {
    const std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void thread_host::wake() {
  {
    const std::lock_guard guard{mutex_};
    woken_ = true;
  }
  changed_.notify_one();
}

void thread_host::run() {
  ::pthread_setname_np(::pthread_self(), name().substr(0, 15).c_str());
  for (;;) {
    {
      const auto longest = now() + std::chrono::seconds(1);
      std::unique_lock lock{mutex_};
      changed_.wait_until(lock, due_ ? std::min(*due_, longest) : longest,
                          [this] { return woken_ || stopping_; });
      if (stopping_) return;
      woken_ = false;
    }
    run_ready();
    due_.reset();
    run_timers();
    // What a task or timer asked for stands in due_; timers that are not due yet were armed again.
    end_turn();
  }
}

}  // namespace tickcast::actors
