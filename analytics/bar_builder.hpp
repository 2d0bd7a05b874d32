#pragma once
#include <cstdint>
#include <optional>

#include "protocol/decimal.hpp"
#include "protocol/market.hpp"

namespace tickcast::analytics {

/// Forms bars of one interval from trades, by the trades' own times: a bar covers [time, time + interval),
/// times are multiples of the interval since 1970 UTC. A bar closes when a trade at or behind its end
/// arrives; intervals without trades make no bar. A trade older than the forming bar changes nothing
/// (`late`).
///
/// Works in two steps so that its owner can compute first and commit last: `plan` changes nothing, `commit`
/// cannot fail.
class bar_builder {
public:
  struct step {
    bool late = false;
    bool closes = false;  ///< the bar that forms now is complete; the trade begins its successor
  };

  explicit bar_builder(std::int64_t interval_ns) noexcept : interval_ns_(interval_ns) {}

  /// What `trade` would do. Nothing: the bar's volume would no longer fit into a decimal.
  std::optional<step> plan(const protocol::trade& trade) const noexcept;
  void commit(const protocol::trade& trade, const step& planned) noexcept;

  /// The forming bar; empty before the first trade.
  std::optional<protocol::bar> forming() const noexcept;
  /// The forming bar as it is published when a step `closes` it. Only after a first trade.
  protocol::bar as_closed() const noexcept;
  std::int64_t interval_ns() const noexcept { return interval_ns_; }

private:
  protocol::bar with_volume() const noexcept;

  protocol::decimal_sum volume_;
  std::int64_t interval_ns_;
  protocol::bar now_;  // its volume is in volume_
};

}  // namespace tickcast::analytics
