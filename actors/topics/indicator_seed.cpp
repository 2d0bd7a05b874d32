#include "actors/topics/indicator_seed.hpp"

#include <algorithm>

namespace tickcast::actors {
namespace {

/// Stored bars in memory at a time.
constexpr std::size_t rows_a_read = 20'000;

static_assert(protocol::most_indicator_values >= analytics::indicators::most_outputs);

}  // namespace

protocol::indicator_point point_of(std::int64_t time_ns, bool closed, std::span<const double> values) {
  protocol::indicator_point result{time_ns, closed, {}};
  std::copy(values.begin(), values.end(), result.values.begin());
  return result;
}

protocol::expected<indicator_seed> seed_order::carry_out(const store::history* past) const {
  indicator_seed result{analytics::indicators::indicator_series(what, revisable_bars)};
  analytics::anchored_bars anchored(*hours);
  const auto take = [&](const protocol::bar& bar) {
    result.recent.push_back(point_of(bar.time_ns, true, result.state.update(anchored.next(bar))));
    result.tail.bars.make_room();
    result.tail.bars.push(bar);
  };
  store::range next{.to_ns = shown.empty() ? until_ns : shown.front().time_ns,
                    .limit = rows_a_read,
                    .which = store::keep::oldest};
  while (past) {
    const auto rows = past->bars(interval, symbol, next);
    if (!rows) return tl::unexpected(rows.error());
    for (const auto& each : *rows) take(each);
    if (rows->size() < next.limit) break;
    next.from_ns = rows->back().time_ns + 1;
  }
  for (const auto& each : shown) take(each);
  return result;
}

}  // namespace tickcast::actors
