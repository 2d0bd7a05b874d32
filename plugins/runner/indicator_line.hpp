#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "analytics/calendar.hpp"
#include "analytics/indicators/call.hpp"
#include "analytics/indicators/indicator.hpp"
#include "protocol/market.hpp"

namespace tickcast::plugins {

/// The bars of one symbol and interval, from the first one on, and indicators over them. Bars go by their
/// time: one that is known already revises it, one between others is put between them, and the indicators
/// are then as if the bars had been so from the beginning, to the bit. What is computed of a trading day
/// begins anew with the first bar of each. One thread.
class indicator_line {
public:
  /// Closed bars back that can be revised: more than a topic shows, so that one told anew can be compared.
  static constexpr std::size_t revisable = 512;
  static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min();

  /// `hours`: when the symbol trades.
  indicator_line(const std::vector<analytics::indicators::call>& calls,
                 std::shared_ptr<const analytics::calendar> hours);

  /// False, and nothing has changed: older than all that can be revised. Begin anew from history then.
  bool take(const protocol::bar& bar);

  std::int64_t last_closed_ns() const noexcept { return ring_.empty() ? none : ring_.back().time_ns; }
  /// Of the bar that forms, else of the last closed one.
  std::int64_t now_ns() const noexcept { return forming_ ? forming_->time_ns : last_closed_ns(); }
  /// Of indicator `i`; empty before the first bar.
  std::span<const double> closed(std::size_t i) const noexcept { return running_[i].closed; }
  std::span<const double> now(std::size_t i) const noexcept {
    return forming_ ? running_[i].forming : running_[i].closed;
  }

private:
  struct entry {
    std::int64_t time_ns;
    analytics::indicators::bar_input bar;
    protocol::day_number day;  ///< the trading day it belongs to
  };
  struct running {
    analytics::indicators::indicator before;  ///< before the oldest bar of the ring
    analytics::indicators::indicator now;
    std::vector<double> closed;
    std::vector<double> forming;
  };

  void append(const entry& next);
  bool revise(const entry& next);
  void replay();
  void peek();
  bool begins_a_day(std::size_t at) const;

  std::shared_ptr<const analytics::calendar> hours_;
  analytics::session_cursor sessions_;
  std::vector<running> running_;
  std::deque<entry> ring_;
  std::optional<entry> forming_;
  bool shed_ = false;  ///< bars before the ring are in `before`
};

}  // namespace tickcast::plugins
