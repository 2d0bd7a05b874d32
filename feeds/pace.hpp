#pragma once
#include <cstdint>
#include <optional>

namespace tickcast::feeds {

/// When a recorded time is due, on an absolute schedule: what a late wake-up costs one row, the next does not
/// pay, so nothing drifts. A row whose time lies before an earlier row's is due at once.
class pace {
public:
  /// `speed`: multiple of the recording's own pace, > 0; 0: everything is due at once.
  explicit pace(double speed) noexcept : speed_(speed) {}

  bool is_max() const noexcept { return speed_ == 0; }
  /// The steady time at which a row of `time_ns` is due; the first call sets the schedule's begin to
  /// `now_ns`.
  std::int64_t due_ns(std::int64_t time_ns, std::int64_t now_ns) noexcept;

private:
  double speed_;
  struct origin {
    std::int64_t recorded_ns;
    std::int64_t steady_ns;
  };
  std::optional<origin> begin_;
};

}  // namespace tickcast::feeds
