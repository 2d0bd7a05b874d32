#include "net/asio_host.hpp"

#include <pthread.h>

#include <exception>

#include "actors/runtime/log.hpp"

namespace tickcast::net {
namespace {

/// Handlers of one turn; more of them wait until touched connections have been flushed.
constexpr int max_handlers_a_turn = 128;

}  // namespace

asio_host::asio_host(caf::actor_system& system, std::string name)
    : host(system, std::move(name)), guard_(context_.get_executor()), timer_(context_.get_executor()) {}

asio_host::~asio_host() = default;

void asio_host::run() {
  ::pthread_setname_np(::pthread_self(), name().substr(0, 15).c_str());
  for (;;) {
    try {
      if (!turn()) return;
    } catch (const std::exception& bug) {
      failures_.fetch_add(1, std::memory_order_relaxed);
      actors::log(actors::component::net).critical("{}: a handler threw: {}", name(), bug.what());
    } catch (...) {
      failures_.fetch_add(1, std::memory_order_relaxed);
      actors::log(actors::component::net)
          .critical("{}: a handler threw something that is no std::exception", name());
    }
  }
}

bool asio_host::turn() {
  if (context_.run_one() == 0) return false;
  for (int ran = 1; ran < max_handlers_a_turn && context_.poll_one() != 0; ++ran) {
  }
  end_turn();
  meter_.sample(clock::now());
  return true;
}

void asio_host::stop() {
  asio::post(context_, [this] {
    stopping_ = true;
    timer_.cancel();
    guard_.reset();
  });
}

void asio_host::finish() {
  stopping_ = true;
  timer_.cancel();
  guard_.reset();
  context_.restart();
  do {
    end_turn();
  } while (context_.poll() != 0);
}

void asio_host::wake() {
  asio::post(context_, [this] { run_ready(); });
}

void asio_host::arm(clock::time_point due) {
  if (stopping_) return;
  // The distance, because a test's now() may run ahead of the steady clock.
  timer_.expires_after(due - now());
  timer_.async_wait([this](error_code ec) {
    if (!ec && !stopping_) run_timers();
  });
}

}  // namespace tickcast::net
