#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <zmq.hpp>

#include "plugins/runner/plugin_thread.hpp"
#include "plugins/runner/wire.hpp"
#include "plugins/runner/wire_hours.hpp"
#include "tools/command.hpp"

namespace tickcast::tools {
namespace {

using plugins::published;
using plugins::wire::json;
namespace wire = plugins::wire;

constexpr std::chrono::milliseconds beat_every{100};
/// Publishes that wait for the socket; more are refused.
constexpr std::size_t most_waiting = 65536;

/// What leaves the plugin waits here for the main thread, which has the socket.
class socket_outlet final : public plugins::outlet {
public:
  socket_outlet() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~socket_outlet() override { ::close(fd_); }
  socket_outlet(const socket_outlet&) = delete;
  socket_outlet& operator=(const socket_outlet&) = delete;

  void follow(const plugins::vitals& seen) { seen_ = &seen; }
  int fd() const noexcept { return fd_; }
  std::deque<std::string> take() {
    std::uint64_t times;
    [[maybe_unused]] const auto got = ::read(fd_, &times, sizeof times);
    const std::lock_guard guard{mutex_};
    return std::exchange(waiting_, {});
  }
  void put(const json& what) {
    auto packed = wire::pack(what);
    {
      const std::lock_guard guard{mutex_};
      waiting_.push_back(std::move(packed));
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
  }

  void subscribe(const std::string& pattern) override { put({{"t", "subscribe"}, {"pattern", pattern}}); }
  void unsubscribe(const std::string& pattern) override { put({{"t", "unsubscribe"}, {"pattern", pattern}}); }
  void refresh(const std::vector<std::string>&) override {}  // the server knows what it dropped
  published event(std::string_view topic, std::string&& text) override {
    return publish({{"t", "event"}, {"topic", topic}, {"text", std::move(text)}});
  }
  published trade(std::string_view symbol, const protocol::trade& value) override {
    return publish({{"t", "trade"}, {"symbol", symbol}, {"value", wire::of(value)}});
  }
  published quote(std::string_view symbol, const protocol::quote& value) override {
    return publish({{"t", "quote"}, {"symbol", symbol}, {"value", wire::of(value)}});
  }
  published bar(std::string_view symbol, std::string_view interval, const protocol::bar& value) override {
    return publish({{"t", "bar"}, {"symbol", symbol}, {"interval", interval}, {"value", wire::of(value)}});
  }
  /// After each chunk of messages: tells how many have been handled.
  void flush() override {
    const auto done = seen_->handled.load();
    if (std::exchange(told_, done) != done) put({{"t", "done"}, {"count", done}});
  }
  void ask(std::string_view plugin, std::uint64_t id, std::string&& question) override {
    put({{"t", "ask"}, {"plugin", plugin}, {"id", id}, {"text", std::move(question)}});
  }
  void reply(std::uint64_t id, bool ok, std::string&& text) override {
    put({{"t", "reply"}, {"id", id}, {"ok", ok}, {"text", std::move(text)}});
  }
  void read(const plugins::past_request& what) override { put(wire::of(what)); }
  void log(plugins::log_level level, std::string_view text) override {
    put({{"t", "log"}, {"level", static_cast<int>(level)}, {"text", text}});
  }

private:
  published publish(const json& what) {
    {
      const std::lock_guard guard{mutex_};
      if (waiting_.size() >= most_waiting) return published::busy;
    }
    put(what);
    return published::sent;
  }

  int fd_;
  std::mutex mutex_;
  std::deque<std::string> waiting_;  // guarded by mutex_
  const plugins::vitals* seen_ = nullptr;
  std::uint64_t told_ = 0;
};

/// One plugin, the socket to its server, and the main thread between them.
class plugin_host {
public:
  explicit plugin_host(const std::string& endpoint) : socket_(context_, zmq::socket_type::dealer) {
    socket_.set(zmq::sockopt::linger, 2000);
    socket_.set(zmq::sockopt::sndhwm, 1000);
    socket_.set(zmq::sockopt::rcvhwm, 0);  // the server bounds what it sends
    socket_.connect(endpoint);
    out_->follow(*seen_);
    out_->put({{"t", "hello"}});
  }

  exit_code run() {
    auto next_beat = std::chrono::steady_clock::now();
    for (;;) {
      const bool writing = !backlog_.empty();
      std::array<zmq::pollitem_t, 2> items{
          {{socket_.handle(), 0, static_cast<short>(ZMQ_POLLIN | (writing ? ZMQ_POLLOUT : 0)), 0},
           {nullptr, out_->fd(), ZMQ_POLLIN, 0}}};
      zmq::poll(items.data(), writing ? 1 : 2, beat_every);
      receive();
      if (backlog_.empty()) backlog_ = out_->take();
      if (const auto now = std::chrono::steady_clock::now(); now >= next_beat && run_) {
        next_beat = now + beat_every;
        backlog_.push_back(wire::pack(
            wire::of(*seen_, run_->beat(), std::chrono::nanoseconds(now.time_since_epoch()).count())));
      }
      if (send() && over_.load()) {
        // Nothing comes behind the last word.
        backlog_ = out_->take();
        if (backlog_.empty()) return exit_code::ok;
      }
    }
  }

private:
  void receive() {
    zmq::message_t frame;
    bool any = false;
    while (socket_.recv(frame, zmq::recv_flags::dontwait)) {
      take(wire::unpack(frame.to_string_view()));
      any = true;
    }
    if (any) letters_->wake();
  }
  /// False: the socket takes no more for now.
  bool send() {
    while (!backlog_.empty()) {
      if (!socket_.send(zmq::buffer(backlog_.front()), zmq::send_flags::dontwait)) return false;
      backlog_.pop_front();
    }
    return true;
  }
  void take(const json& frame) {
    const std::string kind = frame.at("t");
    if (kind == "messages") {
      if (const auto lost = frame.at("lost").get<std::uint64_t>(); lost > 0) letters_->tell_lost(lost);
      for (const auto& each : frame.at("items")) letters_->put(wire::message_of(each));
    } else if (kind == "prepare") {
      prepare(frame);
    } else if (kind == "go") {
      std::optional<std::string> state;
      if (frame.contains("state")) {
        const auto& bytes = frame["state"].get_binary();
        state.emplace(bytes.begin(), bytes.end());
      }
      run_->go(std::move(state), frame.at("version"), frame.at("patterns"));
    } else if (kind == "stop") {
      run_->stop(frame.at("save"));
    }
  }
  void prepare(const json& frame) {
    plugins::plugin_outfit outfit;
    outfit.options.name = frame.at("name");
    outfit.options.given =
        plugins::parameters(frame.at("parameters").get<std::map<std::string, std::string>>());
    outfit.options.publishes_per_s = frame.at("publishes_per_s");
    outfit.options.is_feed = frame.at("is_feed");
    outfit.listed = wire::instruments_of(frame.at("listed"));
    outfit.drains = true;  // what was sent here is nobody else's
    outfit.library = frame.at("library");
    outfit.scratch = frame.at("scratch").get<std::string>();
    outfit.letters = letters_;
    outfit.seen = seen_;
    outfit.out = out_;
    run_ = std::make_unique<plugins::plugin_thread>(std::move(outfit));
    run_->start({
        [this](std::string version) {
          out_->put({{"t", "prepared"}, {"version", std::move(version)}});
        },
        [this] {
          out_->put({{"t", "running"}});
        },
        [this](plugins::run_end end) {
          out_->put(wire::of(*seen_, run_->beat(), 0));
          out_->put(wire::of(end));
          over_.store(true);
        },
    });
  }

  zmq::context_t context_;
  zmq::socket_t socket_;
  std::shared_ptr<plugins::vitals> seen_ = std::make_shared<plugins::vitals>();
  /// Never full: the server bounds what is under way.
  std::shared_ptr<plugins::inbox> letters_ = std::make_shared<plugins::inbox>(1'000'000, seen_);
  std::shared_ptr<socket_outlet> out_ = std::make_shared<socket_outlet>();
  std::unique_ptr<plugins::plugin_thread> run_;
  std::deque<std::string> backlog_;
  std::atomic<bool> over_{false};
};

}  // namespace

void add_plugin_host(CLI::App& program, exit_code& outcome) {
  auto* command =
      program.add_subcommand("plugin-host", "Runs one plugin for a server (which starts this itself)");
  command->group("");
  auto endpoint = std::make_shared<std::string>();
  command->add_option("--connect", *endpoint, "The server's socket")->required();
  command->callback([endpoint, &outcome] {
    // The server ends us; a terminal's Ctrl-C is meant for it. If it dies we go with it.
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_IGN);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    outcome = plugin_host(*endpoint).run();
  });
}

}  // namespace tickcast::tools
