#include "feeds/pace.hpp"

#include <algorithm>

namespace tickcast::feeds {
namespace {

// Far enough that nobody waits for it, near enough that sums with it fit.
constexpr double longest_ns = 4e18;

}  // namespace

std::int64_t pace::due_ns(std::int64_t time_ns, std::int64_t now_ns) noexcept {
  if (is_max()) return now_ns;
  if (!begin_) begin_ = origin{time_ns, now_ns};
  const double since = static_cast<double>(time_ns - begin_->recorded_ns) / speed_;
  return begin_->steady_ns + static_cast<std::int64_t>(std::clamp(since, -longest_ns, longest_ns));
}

}  // namespace tickcast::feeds
