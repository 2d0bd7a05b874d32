#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "analytics/indicators/indicator.hpp"

namespace tickcast::analytics::indicators {

/// An indicator whose last bars may still be corrected, as when a late trade changes a closed bar.
///
/// Beside the running indicator it keeps the last `revisable` bars and a second one that stands before the
/// oldest of them. A correction copies the second over the first and takes the bars in again: at most
/// `revisable` steps, and the state is that of a series which had the right bar from the beginning, to the
/// bit. Costs two steps a bar and two states, however many bars are revisable. One thread at a time.
class indicator_series {
public:
  explicit indicator_series(const call& call, std::size_t revisable = 64);

  /// As `indicator::update`.
  std::span<const double> update(const bar_input& bar);
  /// As `indicator::peek`.
  std::span<const double> peek(const bar_input& bar) { return now_.peek(bar); }

  /// Puts `bar` in the place of the one that was `ago` bars before the last (0: the last). The answer has the
  /// new values of that bar and all after it, oldest first, `outputs()` numbers each, until the next call.
  /// Empty, and nothing has changed, when that bar is no longer kept or a number is not finite.
  std::span<const double> revise(std::size_t ago, const bar_input& bar);

  /// Puts `bars`, as many as they are, in the place of the last `last` ones. The answer has their values,
  /// oldest first, until the next call. Empty, and nothing has changed, when `last` is more than are kept or
  /// a number is not finite.
  std::span<const double> rewrite(std::size_t last, std::span<const bar_input> bars);

  /// How many bars back can be revised now.
  std::size_t revisable() const noexcept { return count_; }
  std::size_t outputs() const noexcept { return now_.outputs(); }

  /// State and kept bars as bytes, under the conditions of `indicator::save`.
  std::vector<std::byte> save() const;
  /// What `save` kept of a series of the same call, with as many revisable bars as it had.
  static protocol::expected<indicator_series> load(const call& call, std::span<const std::byte> bytes);

private:
  bar_input& kept(std::size_t i) noexcept { return ring_[(begin_ + i) % ring_.size()]; }
  const bar_input& kept(std::size_t i) const noexcept { return ring_[(begin_ + i) % ring_.size()]; }

  indicator before_;  // as it was before the oldest kept bar
  indicator now_;
  std::vector<bar_input> ring_;
  std::size_t begin_ = 0;
  std::size_t count_ = 0;
  std::vector<double> revised_;
};

}  // namespace tickcast::analytics::indicators
