#pragma once
#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>
#include <zmq.hpp>

#include "plugins/runner/plugin_thread.hpp"
#include "plugins/runner/wire.hpp"

namespace tickcast::feeds {

/// A plugin in a process of its own (`tickcast plugin-host`), joined by a ZeroMQ socket over ipc. What it
/// does reaches the engine through the same outlet as a thread's; a crash of it is the run's failure.
///
/// Bounds: at most `most_sent` messages are on their way to the process; what comes meanwhile waits in the
/// inbox, whose bound drops and counts. The process holds no more than 65,536 messages on the way back; above
/// it its publishes are refused.
///
/// Threads: one of its own, for the socket, the inbox and the process's end.
class plugin_process final : public plugins::run {
public:
  static constexpr std::size_t most_sent = 1024;
  /// A process that has said nothing for so long is killed.
  static constexpr std::int64_t most_silence_ns = 5'000'000'000;

  /// `program`: that has the command plugin-host. `most_waiting`: see inbox.
  plugin_process(zmq::context_t& context, std::filesystem::path program, plugins::plugin_outfit outfit);
  ~plugin_process() override;

  void start(plugins::run_events events) override;
  void go(std::optional<std::string> state, std::string version, std::vector<std::string> patterns) override;
  void stop(bool save) override;
  void retire() override;
  bool lingers() const override { return false; }
  const plugins::pulse& beat() const override { return pulse_; }

private:
  void live() noexcept;
  void bind();
  void prepare();
  void spawn();
  void serve();
  bool take_frames();
  void take(const plugins::wire::json& frame);
  void pass_on();
  void send(const plugins::wire::json& what);
  void send_commands();
  plugins::run_end reap();
  void kill_it() noexcept;
  void command(plugins::wire::json what);
  template <class F>
  void tell(F&& what);

  zmq::context_t& context_;
  const std::filesystem::path program_;
  plugins::plugin_outfit outfit_;
  plugins::run_events events_;
  plugins::pulse pulse_;
  plugins::wire::beat_reader beats_;

  std::mutex mutex_;
  std::vector<plugins::wire::json> commands_;  // guarded by mutex_
  std::mutex telling_;
  bool retired_ = false;  // guarded by telling_
  std::atomic<bool> dying_{false};
  int wake_fd_;

  // The thread's own.
  zmq::socket_t socket_;
  std::string endpoint_;
  pid_t pid_ = -1;
  int pid_fd_ = -1;
  bool met_ = false;       ///< the process has said hello: what is sent reaches it
  bool stopping_ = false;  ///< it was told to end: what comes now is for the next one
  std::uint64_t sent_ = 0;
  std::uint64_t done_ = 0;
  std::int64_t heard_ns_ = 0;
  std::optional<plugins::run_end> last_word_;
  std::thread thread_;
};

}  // namespace tickcast::feeds
