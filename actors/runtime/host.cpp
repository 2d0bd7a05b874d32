#include "actors/runtime/host.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

namespace tickcast::actors {
namespace {

/// Messages one actor may handle before sockets and the other actors get their turn.
constexpr std::size_t max_throughput = 64;

}  // namespace

host::host(caf::actor_system& system, std::string name)
    : caf::execution_unit(&system), name_(std::move(name)) {}

host::~host() {
  for (auto& item : ready_)
    if (item.job) caf::scheduler::abstract_coordinator::cleanup_and_release(item.job);
}

void host::exec_later(caf::resumable* job) {
  // Actors of ours that message or spawn a worker actor do so with us as execution unit.
  if (job->subtype() == caf::resumable::io_actor)
    schedule(job);
  else
    system().scheduler().enqueue(job);
}

void host::schedule(caf::resumable* job) {
  bool first;
  {
    std::lock_guard guard{mutex_};
    ready_.push_back({job, {}});
    first = !std::exchange(woken_, true);
  }
  if (first) wake();
}

void host::post(task what) {
  bool first;
  {
    std::lock_guard guard{mutex_};
    ready_.push_back({nullptr, std::move(what)});
    first = !std::exchange(woken_, true);
  }
  if (first) wake();
}

void host::run(caf::resumable* job) {
  switch (job->resume(this, max_throughput)) {
    case caf::resumable::resume_later:
      schedule(job);
      break;
    case caf::resumable::awaiting_message:
    case caf::resumable::done:
      caf::intrusive_ptr_release(job);
      break;
    case caf::resumable::shutdown_execution_unit:
      break;
  }
}

std::size_t host::run_ready() {
  {
    std::lock_guard guard{mutex_};
    running_.swap(ready_);
  }
  for (auto& item : running_) {
    if (item.job)
      run(std::exchange(item.job, nullptr));
    else
      item.what();
  }
  const auto ran = running_.size();
  running_.clear();
  bool more;
  {
    std::lock_guard guard{mutex_};
    more = !ready_.empty();
    if (!more) woken_ = false;
  }
  if (more) wake();
  return ran;
}

host::timer_id host::after(clock::duration delay, task what) {
  const auto due = now() + delay;
  const auto id = ++last_timer_;
  const bool earliest = timers_.empty() || due < timers_.begin()->first.first;
  timers_.emplace(std::pair{due, id}, std::move(what));
  due_.emplace(id, due);
  if (earliest) arm(due);
  return id;
}

void host::cancel(timer_id timer) {
  const auto found = due_.find(timer);
  if (found == due_.end()) return;
  timers_.erase({found->second, timer});
  due_.erase(found);
}

std::size_t host::run_timers() {
  const auto limit = now();
  std::size_t ran = 0;
  while (!timers_.empty() && timers_.begin()->first.first <= limit) {
    auto node = timers_.extract(timers_.begin());
    due_.erase(node.key().second);
    node.mapped()();
    ++ran;
  }
  if (!timers_.empty()) arm(timers_.begin()->first.first);
  return ran;
}

void host::at_turn_end(turn_hook& hook) {
  if (!std::exchange(hook.queued_, true)) hooks_.push_back(&hook);
}

void host::end_turn() {
  turns_.store(turns_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  ending_.swap(hooks_);
  for (auto* hook : ending_) {
    hook->queued_ = false;
    hook->on_turn_end();
  }
  ending_.clear();
}

}  // namespace tickcast::actors
