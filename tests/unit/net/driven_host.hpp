#pragma once
#include <chrono>
#include <functional>
#include <string>

#include "net/asio_host.hpp"

namespace tickcast::net::test {

/// An actor system without I/O, made once for all tests.
caf::actor_system& quiet_system();

/// A shard's host whose turns the test takes, with a clock that it may set forward and a load that it may
/// name.
class driven_host final : public asio_host {
public:
  driven_host() : asio_host(quiet_system(), "shard-0") {}

  clock::time_point now() const override { return clock::now() + ahead_; }
  double load() const noexcept override { return load_; }

  void advance(std::chrono::nanoseconds by) { ahead_ += by; }
  void set_load(double load) { load_ = load; }
  /// Runs what is ready and ends the turn.
  void turn() {
    context().restart();
    // Bounded, because a socket that is always writable is always ready.
    for (int i = 0; i < 64 && context().poll_one() != 0; ++i) {
    }
    end_turn();
  }
  /// Turns until `done()`; false after five seconds of the real clock.
  bool turn_until(const std::function<bool()>& done) {
    const auto give_up = clock::now() + std::chrono::seconds(5);
    while (!done()) {
      if (clock::now() > give_up) return false;
      turn();
    }
    return true;
  }

private:
  std::chrono::nanoseconds ahead_{0};
  double load_ = 0;
};

}  // namespace tickcast::net::test
