#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/topics/indicator_seed.hpp"
#include "actors/topics/stream.hpp"
#include "actors/topics/turn.hpp"

namespace tickcast::actors {

/// Takes one of the indicator topics that a node may have, and gives it back.
struct leave_indicator {
  void operator()(std::atomic<std::uint64_t>* count) const noexcept {
    count->fetch_sub(1, std::memory_order_relaxed);
  }
};
using indicator_seat = std::unique_ptr<std::atomic<std::uint64_t>, leave_indicator>;

/// One call over the bars of one series, and the topics that publish it: one a spelling of the call.
///
/// Begins without a state. It is seeded from what is stored (indicator_seed.hpp), takes up what has changed
/// meanwhile, and from then on follows the series: nothing is missing and nothing counts twice, for bars are
/// told apart by their times. When it cannot follow, because an older bar changed than it can go back to, it
/// is to be seeded anew. Shard's thread.
class live_indicator {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct topic {
    stream out;
    protocol::indicator_names names;  ///< of the outputs, in this topic's spelling
    indicator_seat seat;
    std::string epoch;     ///< one a seeding; empty: not seeded
    time_point left_at{};  ///< when its last listener left
  };

  explicit live_indicator(analytics::indicators::call what) : what_(std::move(what)) {}

  const analytics::indicators::call& what() const noexcept { return what_; }
  std::vector<std::unique_ptr<topic>>& topics() noexcept { return topics_; }
  topic& add_topic(std::string name, const analytics::indicators::call& spelled, indicator_seat seat);
  bool has_listeners() const noexcept;

  enum class stage : std::uint8_t {
    due,        ///< to be seeded
    under_way,  ///< being seeded
    following,
  };
  stage is() const noexcept { return stage_; }
  bool has_failed() const noexcept { return failed_; }  ///< the last seeding
  /// Its state does not hold any more.
  void drop_state() noexcept;
  /// A seeding begins; returns its number.
  std::uint64_t begin_seed() noexcept;
  /// The seeding failed: it is due again. True for the first of several in a row.
  bool fail_seed(std::uint64_t number) noexcept;
  /// Takes the seed of that number over, and what has changed in `closed` since; begins new epochs. False: it
  /// does not join, or is not the one that was asked for.
  bool adopt(std::uint64_t number, indicator_seed&& seed, const bar_view& closed,
             const std::optional<protocol::bar>& forming, analytics::anchored_bars& anchored);

  /// Takes up that bars from `changed_ns` on have changed or come, and looks at the one that forms. The
  /// points that are new or differ are published.
  void follow(std::int64_t changed_ns, const bar_view& closed, const std::optional<protocol::bar>& forming,
              analytics::anchored_bars& anchored, std::uint16_t feed, const turn& now);

  /// The last values, for those on the shard that build on them; only while it is following.
  const recent_points& recent() const noexcept { return seed_->recent; }
  const std::optional<protocol::indicator_point>& forming() const noexcept { return forming_; }
  indicator_view view(const topic& of) const;

private:
  bool catch_up(std::int64_t changed_ns, const bar_view& closed, analytics::anchored_bars& anchored);
  bool revise(std::int64_t changed_ns, const bar_view& closed, analytics::anchored_bars& anchored);
  void look(const std::optional<protocol::bar>& forming, analytics::anchored_bars& anchored);
  void publish(const protocol::indicator_point& point, std::uint16_t feed, const turn& now);
  std::optional<std::int64_t> last_ns() const noexcept;

  analytics::indicators::call what_;
  stage stage_ = stage::due;
  std::uint64_t seeding_ = 0;
  bool failed_ = false;
  std::int64_t missed_ns_ = std::numeric_limits<std::int64_t>::max();  ///< oldest change while being seeded
  std::optional<indicator_seed> seed_;  ///< the state; its tail is of no more use
  std::optional<protocol::indicator_point> forming_;
  std::vector<protocol::indicator_point> news_;
  std::vector<std::unique_ptr<topic>> topics_;
};

}  // namespace tickcast::actors
