#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "actors/topics/stream.hpp"
#include "analytics/bar_builder.hpp"
#include "store/lane.hpp"

namespace tickcast::actors {

/// What a tick does to one series of bars, computed but not yet done.
struct bar_plan {
  analytics::bar_builder::step step;
  protocol::bar late;                     ///< revises, inserts: the older bar as it will be
  std::shared_ptr<const update> closing;  ///< of the bar that was the newest
  std::shared_ptr<const update> changed;  ///< of the bar that the tick goes into
  bool tells_closing = false;
  bool tells_changed = false;
};

/// What could not go into bars as it should have; one shard's, it writes, anybody reads.
struct bar_counters {
  std::atomic<std::uint64_t> late{0};        ///< ticks left out of a series of bars, by series
  std::atomic<std::uint64_t> revised{0};     ///< closed bars that changed
  std::atomic<std::uint64_t> unrevised{0};   ///< bars that an amendment should have changed, and could not
  std::atomic<std::uint64_t> amendments{0};  ///< trades cancelled or corrected
  std::atomic<std::uint64_t> quotes_conflated{0};    ///< held back by their topic's class, and replaced
  std::atomic<std::uint64_t> unknown_amendments{0};  ///< of trades that are no longer kept, or never came
};

/// What one turn brings besides the tick itself.
struct turn {
  std::int64_t now_ns;   ///< steady clock
  std::int64_t push_ns;  ///< forming bars are pushed at most this often
  update_sink& sink;
  std::vector<bar_plan>& plans;  ///< scratch, shared by all topics of a shard
  bar_counters& counters;
  store::lane* keep = nullptr;  ///< where the shard leaves what is to be kept; null: nothing is
};

}  // namespace tickcast::actors
