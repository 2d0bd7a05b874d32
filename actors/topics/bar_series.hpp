#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "actors/topics/live_indicators.hpp"
#include "actors/topics/stream.hpp"
#include "actors/topics/topic_view.hpp"
#include "actors/topics/turn.hpp"
#include "analytics/bar_builder.hpp"
#include "protocol/topic.hpp"

namespace tickcast::actors {

/// A tick as a series of bars takes it.
struct bar_tick {
  std::int64_t time_ns;
  protocol::decimal price;
  protocol::decimal size;
  std::uint64_t number;    ///< of its arrival
  std::int64_t newest_ns;  ///< the newest time of those before it
};

/// The bars of one interval of one symbol: how they form, what of them is published when, and the closed ones
/// that a snapshot shows.
///
/// Forming bars are pushed at most every push_ns; what completes a bar or revises an older one is an update
/// at once. A bar that the clock has closed and that is still the newest is pushed like a forming one when
/// ticks revise it. Indicators over the series are published whenever its bars are, and as soon as one of
/// them is listened to, the bars are kept track of as if they were, too.
class alignas(64) bar_series {
public:
  using source_kind = protocol::interval::source;

  /// `symbol`: its number. `what`: with the source that it is really made of. `fed`: a feed brings the bars
  /// itself.
  bar_series(std::uint32_t symbol, std::string topic, std::string name, const protocol::interval& what,
             std::int32_t lateness_ms, bool fed);

  const std::string& interval() const noexcept { return name_; }
  stream& out() noexcept { return out_; }
  const stream& out() const noexcept { return out_; }
  bool fed() const noexcept { return fed_; }
  /// Whether ticks of this kind form its bars.
  bool is_made_of(source_kind kind) const noexcept { return !fed_ && source_ == kind; }
  bool waits() const noexcept { return waiting_; }

  /// False: a sum would overflow.
  bool plan(const bar_tick& next, analytics::session_cursor& sessions, std::uint16_t feed, const turn& now,
            bar_plan& to);
  void commit(const bar_tick& next, const bar_plan& planned, const turn& now) noexcept;
  void hand_out(const bar_plan& planned, std::uint16_t feed, const turn& now) {
    out_.hand_out(planned.closing, now.sink);
    out_.hand_out(planned.changed, now.sink);
    if (has_live_ && (planned.tells_closing || planned.tells_changed)) follow(feed, now);
  }

  struct amendment {
    enum class outcome : std::uint8_t { untouched, revised, beyond, no_room } is = outcome::untouched;
    analytics::bar_builder::revision revision;
    std::shared_ptr<const update> made;
  };
  /// `number`: of the trade on the tape; `bit`: of this series there.
  amendment plan(const analytics::trade_tape& tape, std::uint64_t number,
                 const protocol::trade_amendment& what, std::uint32_t bit,
                 analytics::session_cursor& sessions, std::uint16_t feed, const turn& now);
  void commit(const amendment& planned, const turn& now) noexcept;
  void hand_out(const amendment& planned, std::uint16_t feed, const turn& now);

  /// Takes a bar that a feed brings; from then on it brings them all. False: older than those that are kept.
  bool take(const protocol::bar& value, std::uint16_t feed, const turn& now);

  /// When the clock closes the newest bar; the end of time when there is nothing to close.
  std::int64_t closes_at() const noexcept { return fed_ ? never : builder_.closes_at(); }
  /// Closes the newest bar and hands its update out.
  void close(std::uint16_t feed, const turn& now);
  /// Pushes the bar that has waited for push_ns; false while one still waits.
  bool push_forming(std::uint16_t feed, const turn& now);

  bar_view view() const;

  /// Its indicators; null: nobody has asked for one.
  live_indicators* indicators() noexcept { return live_.get(); }
  const live_indicators* indicators() const noexcept { return live_.get(); }
  /// Makes room for some.
  live_indicators& open_indicators(std::shared_ptr<const analytics::calendar> hours);
  void drop_indicators() noexcept {
    has_live_ = false;
    live_.reset();
  }
  /// What to seed a call's indicator from, as of now.
  seed_order order_seed(const analytics::indicators::call& what, std::string_view symbol) const;
  bool is_listened() const noexcept { return out_.has_listeners() || (has_live_ && live_->has_listeners()); }
  /// See live_indicator; `which` is one of this series.
  bool adopt(live_indicator& which, std::uint64_t number, indicator_seed&& seed) {
    return live_->adopt(which, number, std::move(seed), closed_, forming());
  }
  /// For the prefetch of what a tick touches.
  const void* hot_end() const noexcept { return &out_; }

  /// Closed bars from history, ascending, where the checkpoint had none.
  void restore(const std::vector<protocol::bar>& closed);
  void save(protocol::byte_writer& to, std::size_t closed_bars) const;
  void load(protocol::byte_reader& from);

private:
  /// A closed bar, new or in its next revision: for snapshots and for the store.
  void keep(const protocol::bar& closed, const turn& now) noexcept;
  /// The bar that may still change without a revision.
  std::optional<protocol::bar> forming() const;
  void follow(std::uint16_t feed, const turn& now) noexcept { live_->follow(closed_, forming(), feed, now); }

  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  bool is_due(const turn& now) const noexcept {
    return now.now_ns - pushed_ns_ >= now.push_ns || now.now_ns < pushed_ns_;
  }

  analytics::bar_builder builder_;
  std::int64_t pushed_ns_ = 0;
  source_kind source_;
  bool fed_;
  bool waiting_ = false;   ///< the newest bar has changed since it was pushed
  bool has_live_ = false;  ///< live_ is there; beside what each tick touches, which that is not
  stream out_;
  bar_view closed_;  ///< those of a feed as they come
  std::string name_;
  std::uint32_t symbol_;
  std::unique_ptr<live_indicators> live_;
};

void save(protocol::byte_writer& to, const protocol::bar& value);
protocol::bar load_bar(protocol::byte_reader& from);

}  // namespace tickcast::actors
