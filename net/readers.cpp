#include "net/readers.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "actors/runtime/latency_histogram.hpp"
#include "actors/runtime/log.hpp"

namespace tickcast::net {
namespace {

/// Added to the threads' niceness: a shard that has work goes before a read.
constexpr int politeness = 5;

std::int64_t steady_now_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

/// Owned by the threads too, so that one that never comes back finds it.
struct readers::state {
  explicit state(std::size_t most) : most_waiting(most) {}

  const std::size_t most_waiting;
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable ended;
  std::deque<job> jobs;     // guarded by mutex
  bool stopping = false;    // guarded by mutex
  std::size_t running = 0;  // threads; guarded by mutex
  std::mutex times_mutex;   // the histogram has one writer at a time
  actors::latency_histogram times;
  std::atomic<std::uint64_t> busy{0};
  std::atomic<std::uint64_t> waiting{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> failed{0};

  void run(std::size_t index);
  void run_one(const job& what);
};

void readers::state::run_one(const job& what) {
  const auto began = steady_now_ns();
  busy.fetch_add(1, std::memory_order_relaxed);
  try {
    what();
  } catch (const std::exception& bug) {
    failed.fetch_add(1, std::memory_order_relaxed);
    actors::log(actors::component::net).error("a read threw: {}", bug.what());
  }
  busy.fetch_sub(1, std::memory_order_relaxed);
  const std::lock_guard guard{times_mutex};
  times.add(steady_now_ns() - began);
}

void readers::state::run(std::size_t index) {
  ::pthread_setname_np(::pthread_self(), ("reader-" + std::to_string(index)).c_str());
  // On Linux a thread has a niceness of its own.
  [[maybe_unused]] const auto set =
      ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), ::getpriority(PRIO_PROCESS, 0) + politeness);
  std::unique_lock lock{mutex};
  for (;;) {
    wake.wait(lock, [this] { return stopping || !jobs.empty(); });
    if (stopping) break;
    const auto next = std::move(jobs.front());
    jobs.pop_front();
    waiting.store(jobs.size(), std::memory_order_relaxed);
    lock.unlock();
    run_one(next);
    lock.lock();
  }
  --running;
  ended.notify_all();
}

readers::readers(std::size_t threads, std::size_t waiting) : state_(std::make_shared<state>(waiting)) {
  state_->running = threads;
  for (std::size_t i = 0; i < threads; ++i)
    state_->threads.emplace_back([shared = state_, i] { shared->run(i); });
}

readers::~readers() {
  stop(std::chrono::seconds(1));
}

bool readers::hand(job what) {
  {
    const std::lock_guard guard{state_->mutex};
    if (state_->stopping || state_->jobs.size() >= state_->most_waiting) {
      state_->refused.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    state_->jobs.push_back(std::move(what));
    state_->waiting.store(state_->jobs.size(), std::memory_order_relaxed);
  }
  state_->wake.notify_one();
  return true;
}

std::size_t readers::stop(std::chrono::milliseconds patience) {
  std::deque<job> dropped;
  std::unique_lock lock{state_->mutex};
  if (std::exchange(state_->stopping, true)) return lingering_;
  dropped.swap(state_->jobs);
  state_->waiting.store(0, std::memory_order_relaxed);
  state_->wake.notify_all();
  state_->ended.wait_for(lock, patience, [this] { return state_->running == 0; });
  lingering_ = state_->running;
  lock.unlock();
  for (auto& each : state_->threads) {
    if (lingering_ == 0)
      each.join();
    else
      each.detach();
  }
  return lingering_;
}

void readers::read_metrics(actors::metric_writer& to) const {
  const auto value = [](const std::atomic<std::uint64_t>& of) {
    return static_cast<double>(of.load(std::memory_order_relaxed));
  };
  to.gauge("tickcast_reads_running", "Reads of history that reader threads work on.", {},
           value(state_->busy));
  to.gauge("tickcast_reads_waiting", "Reads that wait for a reader thread.", {}, value(state_->waiting));
  to.counter("tickcast_reads_refused_total", "Reads refused because too many waited (http.waiting).", {},
             value(state_->refused));
  to.counter("tickcast_reads_failed_total", "Reads that threw: bugs, the log says which.", {},
             value(state_->failed));
  to.histogram("tickcast_read_seconds", "What a reader thread spends on a read, encoding included.", {},
               state_->times.read());
}

}  // namespace tickcast::net
