#include "feeds/plugin_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "plugins/runner/wire_hours.hpp"

namespace tickcast::feeds {
namespace {

using plugins::run_end;
using plugins::wire::json;
namespace wire = plugins::wire;

/// Names in sockaddr_un have 108 bytes.
constexpr std::size_t most_path_bytes = 100;
constexpr std::chrono::milliseconds turn{200};
constexpr std::size_t batch = 64;

std::int64_t steady_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::filesystem::path socket_path(const std::filesystem::path& scratch, const std::string& name) {
  static std::atomic<unsigned> sockets{0};
  const auto file = fmt::format("{}-{}-{}.sock", name.substr(0, 20), ::getpid(), ++sockets);
  std::error_code ignored;
  std::filesystem::create_directories(scratch, ignored);
  auto path = scratch / file;
  if (path.native().size() > most_path_bytes)
    path = std::filesystem::temp_directory_path() / ("tickcast-" + file);
  return path;
}

void signal_fd(int fd) noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(fd, &one, sizeof one);
}

std::string words_for(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("its process was ended by signal {} ({})", WTERMSIG(status),
                       ::strsignal(WTERMSIG(status)));
  return fmt::format("its process ended with {}", WEXITSTATUS(status));
}

}  // namespace

plugin_process::plugin_process(zmq::context_t& context, std::filesystem::path program,
                               plugins::plugin_outfit outfit)
    : context_(context),
      program_(std::move(program)),
      outfit_(std::move(outfit)),
      beats_(*outfit_.seen, pulse_),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

plugin_process::~plugin_process() {
  retire();
  outfit_.letters->on_wake(nullptr);
  if (thread_.joinable()) thread_.join();
  ::close(wake_fd_);
}

void plugin_process::start(plugins::run_events events) {
  events_ = std::move(events);
  thread_ = std::thread([this] { live(); });
}

void plugin_process::command(json what) {
  {
    const std::lock_guard guard{mutex_};
    commands_.push_back(std::move(what));
  }
  signal_fd(wake_fd_);
}

void plugin_process::go(std::optional<std::string> state, std::string version,
                        std::vector<std::string> patterns) {
  json what{{"t", "go"}, {"version", std::move(version)}, {"patterns", std::move(patterns)}};
  if (state) what["state"] = json::binary({state->begin(), state->end()});
  command(std::move(what));
}

void plugin_process::stop(bool save) {
  command({{"t", "stop"}, {"save", save}});
}

void plugin_process::retire() {
  {
    const std::lock_guard guard{telling_};
    retired_ = true;
  }
  dying_.store(true);
  outfit_.out->retire();
  signal_fd(wake_fd_);
}

template <class F>
void plugin_process::tell(F&& what) {
  const std::lock_guard guard{telling_};
  if (!retired_) what();
}

// ---- the thread

void plugin_process::live() noexcept {
  ::pthread_setname_np(::pthread_self(), ("host " + outfit_.options.name).substr(0, 15).c_str());
  run_end end;
  try {
    bind();
    spawn();
    serve();
    end = reap();
  } catch (const std::exception& failure) {
    kill_it();
    end = {run_end::why::failed, failure.what(), {}};
  }
  std::error_code ignored;
  if (endpoint_.size() > 6) std::filesystem::remove(endpoint_.substr(6), ignored);
  outfit_.letters->lost(sent_ - done_);
  pulse_.handler_began_ns.store(0);
  tell([&] {
    outfit_.out->flush();
    outfit_.letters->on_wake(nullptr);
    events_.ended(std::move(end));
  });
}

void plugin_process::bind() {
  endpoint_ = "ipc://" + socket_path(outfit_.scratch, outfit_.options.name).string();
  socket_ = zmq::socket_t(context_, zmq::socket_type::dealer);
  socket_.set(zmq::sockopt::linger, 0);
  socket_.set(zmq::sockopt::sndhwm, 0);  // bounded by most_sent
  socket_.set(zmq::sockopt::rcvhwm, 1000);
  socket_.bind(endpoint_);
}

void plugin_process::prepare() {
  const auto& options = outfit_.options;
  met_ = true;
  const analytics::instruments none;
  send({{"t", "prepare"},
        {"name", options.name},
        {"library", outfit_.library},
        {"scratch", outfit_.scratch.string()},
        {"parameters", options.given.all()},
        {"publishes_per_s", options.publishes_per_s},
        {"is_feed", options.is_feed},
        {"listed", wire::of(outfit_.listed ? *outfit_.listed : none)}});
}

void plugin_process::spawn() {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  // stdout is the start-up line's alone; our sockets are not for others.
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  std::string program = program_.string();
  std::string command = "plugin-host", option = "--connect";
  std::array<char*, 5> arguments{program.data(), command.data(), option.data(), endpoint_.data(), nullptr};
  const auto failure = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) {
    pid_ = -1;
    throw std::system_error(failure, std::generic_category(), fmt::format("{} cannot be started", program));
  }
  pid_fd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (pid_fd_ < 0) throw std::system_error(errno, std::generic_category(), "pidfd_open");
}

void plugin_process::serve() {
  heard_ns_ = steady_ns();
  outfit_.letters->on_wake([this] { signal_fd(wake_fd_); });
  for (;;) {
    std::array<zmq::pollitem_t, 3> items{{{socket_.handle(), 0, ZMQ_POLLIN, 0},
                                          {nullptr, wake_fd_, ZMQ_POLLIN, 0},
                                          {nullptr, pid_fd_, ZMQ_POLLIN, 0}}};
    zmq::poll(items.data(), items.size(), turn);
    if (items[1].revents != 0) {
      std::uint64_t times;
      [[maybe_unused]] const auto got = ::read(wake_fd_, &times, sizeof times);
    }
    if (dying_.load()) return kill_it();
    // First what it said: a process that is gone may have left a last word.
    while (take_frames()) {
    }
    outfit_.out->flush();
    if (items[2].revents != 0) return;
    if (met_) send_commands();
    if (met_ && !stopping_) pass_on();
    if (steady_ns() - heard_ns_ <= most_silence_ns) continue;
    kill_it();
    throw std::runtime_error("its process was silent for 5 s and was killed");
  }
}

bool plugin_process::take_frames() {
  for (std::size_t i = 0; i < 256; ++i) {
    zmq::message_t frame;
    if (!socket_.recv(frame, zmq::recv_flags::dontwait)) return false;
    heard_ns_ = steady_ns();
    take(wire::unpack(frame.to_string_view()));
  }
  return true;
}

void plugin_process::take(const json& frame) {
  const std::string kind = frame.at("t");
  auto& out = *outfit_.out;
  const auto count = [&](plugins::published outcome) {
    if (outcome != plugins::published::sent) outfit_.seen->refused.fetch_add(1);
  };
  if (kind == "event") {
    count(out.event(frame.at("topic").get<std::string>(), frame.at("text").get<std::string>()));
  } else if (kind == "done") {
    const auto done = frame.at("count").get<std::uint64_t>();
    outfit_.letters->handled(done - std::exchange(done_, done));
  } else if (kind == "beat") {
    beats_.take(frame, steady_ns());
  } else if (kind == "trade") {
    count(out.trade(frame.at("symbol").get<std::string>(), wire::trade_of(frame.at("value"))));
  } else if (kind == "quote") {
    count(out.quote(frame.at("symbol").get<std::string>(), wire::quote_of(frame.at("value"))));
  } else if (kind == "bar") {
    count(out.bar(frame.at("symbol").get<std::string>(), frame.at("interval").get<std::string>(),
                  wire::bar_of(frame.at("value"))));
  } else if (kind == "subscribe") {
    out.subscribe(frame.at("pattern"));
  } else if (kind == "unsubscribe") {
    out.unsubscribe(frame.at("pattern"));
  } else if (kind == "ask") {
    out.ask(frame.at("plugin").get<std::string>(), frame.at("id"), frame.at("text").get<std::string>());
  } else if (kind == "reply") {
    out.reply(frame.at("id"), frame.at("ok"), frame.at("text").get<std::string>());
  } else if (kind == "read") {
    out.read(wire::request_of(frame));
  } else if (kind == "log") {
    out.log(static_cast<plugins::log_level>(frame.at("level").get<int>()),
            frame.at("text").get<std::string>());
  } else if (kind == "hello") {
    prepare();
  } else if (kind == "prepared") {
    tell([&] { events_.prepared(frame.at("version")); });
  } else if (kind == "running") {
    tell([&] { events_.running(); });
  } else if (kind == "ended") {
    last_word_ = wire::end_of(frame);
  }
}

void plugin_process::pass_on() {
  std::vector<plugins::message> taken;
  while (sent_ - done_ < most_sent) {
    taken.clear();
    const auto lost = outfit_.letters->take(taken, std::min<std::size_t>(batch, most_sent - (sent_ - done_)));
    if (taken.empty() && lost == 0) break;
    auto items = json::array();
    for (const auto& each : taken) items.push_back(wire::of(each));
    sent_ += taken.size();
    send({{"t", "messages"}, {"lost", lost}, {"items", std::move(items)}});
  }
  if (sent_ == done_)
    if (const auto lossy = outfit_.letters->lossy_topics(); !lossy.empty()) outfit_.out->refresh(lossy);
}

void plugin_process::send(const json& what) {
  // Without a peer it would wait: then the process is gone, as we are about to see.
  [[maybe_unused]] const auto sent = socket_.send(zmq::buffer(wire::pack(what)), zmq::send_flags::dontwait);
}

void plugin_process::send_commands() {
  std::vector<json> commands;
  {
    const std::lock_guard guard{mutex_};
    commands.swap(commands_);
  }
  for (const auto& each : commands) {
    stopping_ = stopping_ || each.at("t") == "stop";
    send(each);
  }
}

run_end plugin_process::reap() {
  int status = 0;
  if (pid_ > 0) ::waitpid(pid_, &status, 0);
  pid_ = -1;
  if (pid_fd_ >= 0) ::close(std::exchange(pid_fd_, -1));
  if (last_word_) return std::move(*last_word_);
  return {run_end::why::failed, words_for(status), {}};
}

void plugin_process::kill_it() noexcept {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  if (pid_fd_ >= 0) ::close(std::exchange(pid_fd_, -1));
}

}  // namespace tickcast::feeds
