#include "tools/logging.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "actors/runtime/log.hpp"

namespace tickcast::tools {
namespace {

/// How long the log's thread waits for a reader before it begins to drop.
constexpr int patience_ms = 100;

std::atomic<std::uint64_t> dropped_by_sink{0};
std::array<std::atomic<std::uint64_t>, spdlog::level::n_levels> lines_by_level{};

/// Writes lines to a descriptor without ever blocking for good. Used by the log's thread alone.
class descriptor_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  descriptor_sink(int fd, bool owned) : fd_(fd), owned_(owned) {}
  ~descriptor_sink() override {
    if (owned_) ::close(fd_);
  }

protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (!write(line.data(), line.size())) dropped_by_sink.fetch_add(1, std::memory_order_relaxed);
  }
  void flush_() override {}

private:
  bool write(const char* data, std::size_t size) {
    while (size > 0) {
      // poll() promises room for PIPE_BUF bytes; more could block.
      pollfd ready{fd_, POLLOUT, 0};
      if (::poll(&ready, 1, stuck_ ? 0 : patience_ms) <= 0) {
        stuck_ = true;
        return false;
      }
      const auto written = ::write(fd_, data, std::min<std::size_t>(size, PIPE_BUF));
      if (written < 0) {
        if (errno == EINTR) continue;
        return false;
      }
      stuck_ = false;
      data += written;
      size -= static_cast<std::size_t>(written);
    }
    return true;
  }

  int fd_;
  bool owned_;
  bool stuck_ = false;
};

/// Keeps the newest lines for the console.
class ring_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  std::vector<logging::line> newest(std::uint64_t after) {
    std::lock_guard guard{mutex_};
    std::vector<logging::line> result;
    for (const auto& each : lines_)
      if (each.seq > after) result.push_back(each);
    return result;
  }

protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    lines_by_level[static_cast<std::size_t>(message.level)].fetch_add(1, std::memory_order_relaxed);
    const auto at = std::chrono::duration_cast<std::chrono::microseconds>(message.time.time_since_epoch());
    lines_.push_back({++last_, at.count(), message.level,
                      std::string(message.logger_name.data(), message.logger_name.size()),
                      std::string(message.payload.data(), message.payload.size())});
    if (lines_.size() > logging::kept) lines_.pop_front();
  }
  void flush_() override {}

private:
  std::deque<logging::line> lines_;
  std::uint64_t last_ = 0;
};

std::shared_ptr<ring_sink> ring;

/// {"time":"…Z","level":"…","component":"…","message":"…"}
class json_formatter final : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& to) override {
    spdlog::memory_buf_t time;
    time_.format(message, time);
    const nlohmann::json line{
        {"time", std::string(time.data(), time.size())},
        {"level", std::string(spdlog::level::to_string_view(message.level).data())},
        {"component", std::string(message.logger_name.data(), message.logger_name.size())},
        {"message", std::string(message.payload.data(), message.payload.size())},
    };
    const auto text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    to.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<json_formatter>(); }

private:
  spdlog::pattern_formatter time_{"%Y-%m-%dT%H:%M:%S.%fZ", spdlog::pattern_time_type::utc, ""};
};

int open_log(const std::string& file) {
  // O_RDWR: opening a FIFO for writing alone would wait for its reader.
  const int fd = ::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
  if (fd < 0) throw std::runtime_error("log.file " + file + " cannot be opened: " + std::strerror(errno));
  return fd;
}

spdlog::level::level_enum level_of(config::log_level level) {
  switch (level) {
    case config::log_level::trace:
      return spdlog::level::trace;
    case config::log_level::debug:
      return spdlog::level::debug;
    case config::log_level::info:
      return spdlog::level::info;
    case config::log_level::warning:
      return spdlog::level::warn;
    case config::log_level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

logging::logging(const config::log_section& section) {
  const bool to_file = !section.file.empty();
  auto sink = std::make_shared<descriptor_sink>(to_file ? open_log(section.file) : STDERR_FILENO, to_file);
  spdlog::init_thread_pool(queue_bound, 1, [] { ::pthread_setname_np(::pthread_self(), "log"); });
  if (section.format == config::log_format::json)
    sink->set_formatter(std::make_unique<json_formatter>());
  else
    sink->set_pattern("%Y-%m-%d %H:%M:%S.%e %l [%n] %v");
  ring = std::make_shared<ring_sink>();
  for (std::size_t i = 0; i < actors::component_count; ++i) {
    const auto which = static_cast<actors::component>(i);
    const std::initializer_list<spdlog::sink_ptr> sinks{sink, ring};
    auto logger =
        std::make_shared<spdlog::async_logger>(std::string(to_string(which)), sinks, spdlog::thread_pool(),
                                               spdlog::async_overflow_policy::overrun_oldest);
    logger->set_level(level_of(section.level));
    if (which == actors::component::server) spdlog::set_default_logger(logger);
    actors::set_logger(which, std::move(logger));
  }
}

logging::~logging() {
  for (std::size_t i = 0; i < actors::component_count; ++i)
    actors::set_logger(static_cast<actors::component>(i), nullptr);
  spdlog::shutdown();
}

std::vector<logging::line> logging::newest(std::uint64_t after) {
  const auto mine = ring;
  return mine ? mine->newest(after) : std::vector<line>{};
}

std::uint64_t logging::dropped() noexcept {
  const auto pool = spdlog::thread_pool();
  return dropped_by_sink.load(std::memory_order_relaxed) + (pool ? pool->overrun_counter() : 0);
}

std::uint64_t logging::lines(int level) noexcept {
  return lines_by_level[static_cast<std::size_t>(level)].load(std::memory_order_relaxed);
}

std::size_t logging::waiting() {
  const auto pool = spdlog::thread_pool();
  return pool ? pool->queue_size() : 0;
}

}  // namespace tickcast::tools
