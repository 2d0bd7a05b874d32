#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace tickcast::net::admin {

/// What counters rise by a second, from look to look. A look that comes less than a second after the last
/// goes by the same samples, so that two who watch do not disturb each other. Who has not looked for a while
/// begins anew.
///
///   rates.begin(now);  for each: rates.per_s(key, value);
///
/// Thread: the admin's.
template <class Key>
class rates {
public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds shortest{1000};
  static constexpr std::chrono::seconds forgotten_after{15};

  void begin(clock::time_point now) {
    now_ = now;
    if (now - newer_at_ > forgotten_after) {
      older_.clear();
      newer_.clear();
      older_at_ = newer_at_ = {};
    }
    sampling_ = newer_.empty() || now - newer_at_ >= shortest;
    if (!sampling_) return;
    older_ = std::move(newer_);
    older_at_ = newer_at_;
    newer_.clear();
    newer_at_ = now;
  }
  /// By how much it has risen since the sample before; null at the first look.
  std::optional<double> since(const Key& key, double value) {
    if (sampling_) newer_[key] = value;
    const auto found = older_.find(key);
    if (found == older_.end() || value < found->second) return std::nullopt;
    return value - found->second;
  }
  /// The same a second.
  std::optional<double> per_s(const Key& key, double value) {
    const auto risen = since(key, value);
    const auto time = std::chrono::duration<double>(now_ - older_at_).count();
    return risen && time > 0 ? std::optional(*risen / time) : std::nullopt;
  }

private:
  std::unordered_map<Key, double> older_, newer_;
  clock::time_point older_at_{}, newer_at_{}, now_{};
  bool sampling_ = false;
};

}  // namespace tickcast::net::admin
