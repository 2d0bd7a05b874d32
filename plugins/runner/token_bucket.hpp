#pragma once
#include <algorithm>
#include <cstdint>

namespace tickcast::plugins {

/// So many a second, and at most one second's worth at once. Time is handed in. One thread.
class token_bucket {
public:
  explicit token_bucket(std::uint64_t per_s) : per_s_(per_s), left_(per_s * unit) {}

  bool take(std::int64_t now_ns) noexcept {
    if (last_ns_ != 0 && now_ns > last_ns_) {
      const auto passed = static_cast<std::uint64_t>(std::min<std::int64_t>(now_ns - last_ns_, unit));
      left_ = std::min(left_ + passed * per_s_, per_s_ * unit);
    }
    last_ns_ = now_ns;
    if (left_ < unit) return false;
    left_ -= unit;
    return true;
  }

private:
  static constexpr std::uint64_t unit = 1'000'000'000;
  std::uint64_t per_s_;
  std::uint64_t left_;  // in billionths
  std::int64_t last_ns_ = 0;
};

}  // namespace tickcast::plugins
