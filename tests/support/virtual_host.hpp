#pragma once
#include <optional>

#include "actors/runtime/host.hpp"

namespace tickcast::tests {

/// A host without a thread: the test turns it and moves its clock.
class virtual_host final : public actors::host {
public:
  using host::host;

  clock::time_point now() const override { return now_; }
  /// One turn; returns how much ran.
  std::size_t turn() {
    const auto ran = run_ready() + run_timers();
    end_turn();
    return ran;
  }
  void advance(clock::duration by) { now_ += by; }
  bool woken() const noexcept { return woken_; }

protected:
  void wake() override { woken_ = true; }
  void arm(clock::time_point) override {}

private:
  clock::time_point now_{std::chrono::hours(1)};
  bool woken_ = false;
};

}  // namespace tickcast::tests
