#pragma once
#include <cstdint>

#include "analytics/bar_span.hpp"
#include "protocol/byte_form.hpp"
#include "protocol/decimal.hpp"
#include "protocol/market.hpp"

namespace tickcast::analytics {

/// What goes into a bar: a trade, or a price that a quote tells.
struct bar_input {
  std::int64_t place;  ///< its order: the venue's time, or the number of its arrival
  std::int64_t time_ns;
  protocol::decimal price;
  protocol::decimal size;
};

/// One bar with all that it takes to go on with it: exact sums, and which of its trades are open and close.
/// Open is the first by place, close the last; of equal places the one that came first, or last.
class bar_record {
public:
  bar_record() = default;
  /// Without a trade. `span`: in places.
  explicit bar_record(const bar_span& span) noexcept : span_(span) {}

  const bar_span& span() const noexcept { return span_; }
  bool has(std::int64_t place) const noexcept { return place >= span_.from_ns && place < span_.until_ns; }
  std::uint64_t trades() const noexcept { return trades_; }
  bool closed() const noexcept { return closed_; }
  std::uint32_t rev() const noexcept { return rev_; }
  const protocol::decimal_sum& volume() const noexcept { return volume_; }
  const protocol::decimal_sum& value() const noexcept { return value_; }
  protocol::decimal open() const noexcept { return open_; }
  protocol::decimal high() const noexcept { return high_; }
  protocol::decimal low() const noexcept { return low_; }
  protocol::decimal last() const noexcept { return close_; }

  /// Whether the sums with `next` can still be told as decimals.
  bool has_room_for(const bar_input& next) const noexcept;
  /// Takes what has_room_for() said yes to. A bar that is closed already counts one revision.
  void add(const bar_input& next) noexcept;
  /// Whether it can lose `gone` (or have it changed) without a look at its other trades: neither its first
  /// nor its last, nor a price at its ends.
  bool has_inside(const bar_input& gone) const noexcept;
  /// Takes back what is inside.
  void take_back(const bar_input& gone) noexcept;
  /// The bar is complete.
  void close() noexcept { closed_ = true; }
  /// A bar of places is complete: nothing behind `place` belongs to it.
  void end_behind(std::int64_t place) noexcept { span_.until_ns = place + 1; }
  /// Becomes `now`, the same bar put together anew, as its next revision. Without trades the prices stay.
  void replace_by(const bar_record& now) noexcept;
  /// Takes prices and state of a bar that was published; its sums and trades it does not know.
  void set_prices(const protocol::bar& seen) noexcept;
  /// Counts one revision, if it is closed.
  void revise() noexcept { rev_ += closed_ ? 1 : 0; }
  void set_state(bool closed, std::uint32_t rev) noexcept {
    closed_ = closed;
    rev_ = rev;
  }

  protocol::bar bar() const noexcept;

  void save(protocol::byte_writer& to) const;
  static bar_record load(protocol::byte_reader& from);

private:
  // In the order in which a trade needs them.
  bar_span span_;
  std::int64_t last_place_ = 0;
  std::uint64_t trades_ = 0;
  protocol::decimal high_;
  protocol::decimal low_;
  protocol::decimal close_;
  protocol::decimal_sum volume_;
  protocol::decimal_sum value_;
  protocol::decimal open_;
  std::int64_t first_place_ = 0;
  std::uint32_t rev_ = 0;
  bool closed_ = false;
};

}  // namespace tickcast::analytics
