#pragma once
#include <boost/circular_buffer.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "actors/topics/topic_view.hpp"
#include "analytics/anchored_bars.hpp"
#include "analytics/indicators/indicator_series.hpp"
#include "store/history.hpp"

namespace tickcast::actors {

/// Bars behind the newest that can change without an indicator being seeded anew.
inline constexpr std::size_t revisable_bars = 64;

/// An indicator's last values, one a closed bar, ascending: those that can be revised, and the one before.
using recent_points = boost::circular_buffer<protocol::indicator_point>;

/// An indicator behind all closed bars that there were, as a shard takes it over.
struct indicator_seed {
  analytics::indicators::indicator_series state;
  recent_points recent{revisable_bars + 1};
  bar_view tail{};  ///< the last bars that it has taken
};

/// What to seed: a call over all bars of one interval of one symbol.
struct seed_order {
  analytics::indicators::call what;
  std::string interval;
  std::string symbol;
  std::shared_ptr<const analytics::calendar> hours;
  /// The last closed bars as the symbol's shard has them, ascending; those before them are stored.
  std::vector<protocol::bar> shown;
  /// Where none are shown: stored bars count up to here (excluded).
  std::int64_t until_ns = std::numeric_limits<std::int64_t>::max();

  /// Reads and computes, which takes its time: on a reader thread. `past` null: nothing is stored. Errors:
  /// those of the store.
  protocol::expected<indicator_seed> carry_out(const store::history* past) const;
};

/// A point of a call's values at a bar.
protocol::indicator_point point_of(std::int64_t time_ns, bool closed, std::span<const double> values);

}  // namespace tickcast::actors
