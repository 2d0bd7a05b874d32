#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "feeds/source.hpp"

namespace tickcast::feeds {

/// A source, where it puts what it reads, and the thread that runs it. Lives as long as the process's feeds
/// do, over all restarts of the actor that keeps it.
///
/// Threads: start() and stop() from the actor that has it, one at a time; the destructor from whoever owns
/// it.
class feed_thread {
public:
  /// What a run came to; on the feed's thread, its last act. `failure` is empty when the source ended by
  /// itself or because it was told to.
  using last_act = std::function<void(std::string failure)>;

  /// `name`: the feed's, which its thread bears for the tools that look at threads (cut after 15 bytes).
  feed_thread(std::string name, std::unique_ptr<source> what, std::unique_ptr<feed_out> out);
  /// Stops the run and waits for it.
  ~feed_thread();
  feed_thread(const feed_thread&) = delete;
  feed_thread& operator=(const feed_thread&) = delete;

  /// What the thread has the source do.
  enum class task : std::uint8_t { run, rest };

  source& what() noexcept { return *source_; }
  /// Begins a run, or a rest. An earlier one that has not been joined is stopped and waited for, by the new
  /// thread.
  void start(task what, last_act tell);
  /// Asks the run to end; last_act follows soon.
  void stop() noexcept;
  /// Waits for the run's end. Blocks no longer than a thread's exit takes once last_act was called.
  void join();

private:
  void run(task what, const stop_signal& stop, const last_act& tell) noexcept;

  std::string name_;
  std::unique_ptr<source> source_;
  std::unique_ptr<feed_out> out_;
  std::shared_ptr<stop_signal> stop_;
  std::jthread thread_;
};

}  // namespace tickcast::feeds
