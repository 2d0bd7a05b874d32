#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "actors/topics/live_indicator.hpp"

namespace tickcast::actors {

/// The indicators over one series of bars; each call is computed once, however it is spelled and whoever asks
/// for it. Shard's thread.
class live_indicators {
public:
  explicit live_indicators(std::shared_ptr<const analytics::calendar> hours)
      : hours_(std::move(hours)), anchored_(*hours_) {}

  const std::shared_ptr<const analytics::calendar>& hours() const noexcept { return hours_; }
  /// By its canonical text; nullptr.
  live_indicator* find(std::string_view call) noexcept;
  live_indicator& add(const analytics::indicators::call& what);
  /// Removes those without topics.
  void drop_unused();
  bool empty() const noexcept { return all_.empty(); }
  bool has_listeners() const noexcept;

  /// A closed bar came or changed; follow() comes soon.
  void changed(std::int64_t time_ns) noexcept { changed_ns_ = std::min(changed_ns_, time_ns); }
  /// Brings all of them up to date and publishes. What throws is seeded anew.
  void follow(const bar_view& closed, const std::optional<protocol::bar>& forming, std::uint16_t feed,
              const turn& now) noexcept;
  /// See live_indicator.
  bool adopt(live_indicator& which, std::uint64_t number, indicator_seed&& seed, const bar_view& closed,
             const std::optional<protocol::bar>& forming);

  template <class F>
  void each(F&& f) {
    for (auto& one : all_) f(*one);
  }
  template <class F>
  void each_topic(F&& f) const {
    for (const auto& one : all_)
      for (const auto& topic : one->topics()) f(*one, *topic);
  }

private:
  static constexpr std::int64_t nothing = std::numeric_limits<std::int64_t>::max();

  std::shared_ptr<const analytics::calendar> hours_;
  analytics::anchored_bars anchored_;
  std::int64_t changed_ns_ = nothing;
  std::vector<std::unique_ptr<live_indicator>> all_;
};

}  // namespace tickcast::actors
