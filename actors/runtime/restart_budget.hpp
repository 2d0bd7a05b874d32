#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <random>
#include <vector>

namespace tickcast::actors {

/// How often a child may be restarted, and how long to wait before it is.
struct restart_limits {
  /// More than `intensity` restarts within `period` is giving up (OTP: MaxR, MaxT).
  std::uint32_t intensity = 5;
  std::chrono::milliseconds period{10'000};
  /// Wait before the first restart of a run of failures; doubled each time up to `longest`, ± 20 % jitter. A
  /// child that has lived for `period` starts a new run.
  std::chrono::milliseconds shortest{0};
  std::chrono::milliseconds longest{30'000};
};

/// Keeps the account of one child's, or one supervisor's, restarts. Time is handed in.
class restart_budget {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit restart_budget(restart_limits limits) : limits_(limits) {}

  /// Enters a restart at `now`. False: the budget is spent (the R+1st within the period).
  bool spend(time_point now);
  /// How long to wait before the restart just entered.
  std::chrono::milliseconds back_off();
  void reset();
  /// Whether the last spend() went beyond the intensity.
  bool is_spent() const noexcept { return times_.size() > limits_.intensity; }
  /// The restarts that counted at the last spend().
  std::vector<time_point> times() const { return {times_.begin(), times_.end()}; }

private:
  restart_limits limits_;
  std::deque<time_point> times_;
  std::uint32_t run_ = 0;
  std::minstd_rand random_{0x7469636b};
};

}  // namespace tickcast::actors
