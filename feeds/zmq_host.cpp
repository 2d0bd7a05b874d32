#include "feeds/zmq_host.hpp"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "actors/runtime/log.hpp"

namespace tickcast::feeds {
namespace {

constexpr std::chrono::milliseconds longest_sleep{1000};

}  // namespace

zmq_host::zmq_host(caf::actor_system& system, std::string name, pollable& what)
    : host(system, std::move(name)), what_(what), wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd for " + this->name());
}

zmq_host::~zmq_host() {
  stop();
  ::close(wake_fd_);
}

void zmq_host::start() {
  thread_ = std::jthread([this] { run(); });
}

void zmq_host::stop() {
  stop_.request();
  if (thread_.joinable()) thread_.join();
}

void zmq_host::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_fd_, &one, sizeof one);
}

void zmq_host::run() {
  ::pthread_setname_np(::pthread_self(), name().substr(0, 15).c_str());
  while (!stop_.requested()) {
    try {
      wait();
      turn();
    } catch (const std::exception& bug) {
      failures_.fetch_add(1, std::memory_order_relaxed);
      actors::log(actors::component::feeds).critical("{}: a task threw: {}", name(), bug.what());
    } catch (...) {
      failures_.fetch_add(1, std::memory_order_relaxed);
      actors::log(actors::component::feeds)
          .critical("{}: a task threw something that is no std::exception", name());
    }
  }
}

void zmq_host::wait() {
  auto sleep = longest_sleep;
  if (due_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due_ - now());
    sleep = std::clamp(left, std::chrono::milliseconds(0), longest_sleep);
  }
  const auto reading = static_cast<short>(what_.wants_reading() ? ZMQ_POLLIN : 0);
  std::array<zmq_pollitem_t, 3> set{zmq_pollitem_t{nullptr, wake_fd_, ZMQ_POLLIN, 0},
                                    zmq_pollitem_t{nullptr, stop_.fd(), ZMQ_POLLIN, 0},
                                    zmq_pollitem_t{what_.socket(), 0, reading, 0}};
  const int ready = zmq_poll(set.data(), static_cast<int>(set.size()), sleep.count());
  if (ready < 0 && zmq_errno() != EINTR)
    throw std::runtime_error(std::string("polling failed: ") + zmq_strerror(zmq_errno()));
  if (set[0].revents != 0) {
    std::uint64_t count;
    [[maybe_unused]] const auto taken = ::read(wake_fd_, &count, sizeof count);
  }
  readable_ = set[2].revents != 0;
}

void zmq_host::turn() {
  // Who subscribes is to hear of the updates that wait.
  if (std::exchange(readable_, false)) what_.on_readable();
  run_ready();
  if (due_ && *due_ <= now()) {
    due_.reset();
    run_timers();
  }
  end_turn();
}

}  // namespace tickcast::feeds
