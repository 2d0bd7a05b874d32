#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/topics/bar_series.hpp"
#include "actors/topics/feed_board.hpp"
#include "actors/topics/recent_ids.hpp"
#include "actors/topics/stream.hpp"
#include "actors/topics/symbol_table.hpp"
#include "actors/topics/tick.hpp"
#include "actors/topics/turn.hpp"
#include "analytics/bar_builder.hpp"
#include "analytics/calendar.hpp"
#include "analytics/trade_tape.hpp"
#include "store/recovery.hpp"

namespace tickcast::actors {

/// What a quote topic did with a tick.
enum class taken : std::uint8_t {
  published,
  repeated,   ///< its (feed, id) has been seen
  not_owner,  ///< another live feed of the same or higher priority owns the symbol
  refused,    ///< a sum would overflow, or one bar interval too many
};

/// An interval of the bars that every symbol gets.
struct bar_interval {
  std::string name;           ///< "1m"
  protocol::interval what{};  ///< with the source that it is really made of
};

/// How the bars of all symbols form.
struct bar_forms {
  std::vector<bar_interval> intervals;
  std::int32_t lateness_ms = 0;
  std::size_t kept_trades = 500;  ///< of a symbol, for cancels and corrections
};

/// Everything about one symbol: the last committed state of its quote topic. Owned by the dispatcher, changed
/// only by the quote topic, so that it survives the actor.
///
/// Every `take` computes first, which may throw and then has changed nothing, and commits last, which cannot
/// fail.
///
/// With thousands of symbols a tick's state has left the caches when the next one comes, and then a cache
/// line costs more than what is done with it: members stand in the order in which a trade needs them.
class quote_state {
public:
  /// `from`: the feed that brings the first tick; it owns the symbol from here on. `forms` must outlive the
  /// state.
  quote_state(const symbol& of, const feed_entry& from, const bar_forms& forms,
              std::shared_ptr<const analytics::calendar> hours);

  const symbol& of() const noexcept { return of_; }
  const std::string& epoch() const noexcept { return epoch_; }

  taken take(const protocol::trade& trade, const feed_entry& from, const turn& now);
  taken take(const protocol::trade_amendment& what, const feed_entry& from, const turn& now);
  taken take(const protocol::quote& quote, const feed_entry& from, const turn& now);
  taken take(const fed_bar& bar, const feed_entry& from, const turn& now);

  /// Quotes are sent at most this often, the last one wins; 0: every one.
  void set_quote_interval(std::int64_t ns) noexcept { quote_interval_ns_ = ns; }

  /// Pushes the forming bars that have waited push_ns, and the quote that was held back long enough; false
  /// when none waits any longer.
  bool push_forming(const turn& now);
  bool has_waiting_bars() const noexcept { return waiting_bars_; }

  /// Not later than the time when the clock closes the next bar; the end of time when there is none.
  std::int64_t closes_at() const noexcept { return closes_at_; }
  /// Closes the bars whose time is over at `clock_ns`, the market's time. Must not be called from within a
  /// take.
  void close_bars(std::int64_t clock_ns, const turn& now);

  /// How many streams each_stream visits before those of indicators; new ones come last.
  std::size_t streams() const noexcept { return 2 + bars_.size(); }
  /// The stream of a topic of this symbol; nullptr when it has none of that name.
  stream* find(std::string_view topic);
  /// What a snapshot of `which` (a stream of this state) is made from.
  std::shared_ptr<const topic_view> view(const stream& which) const;
  /// The epoch of a stream of this state: the symbol's, but indicators have their own, empty while they are
  /// being seeded.
  const std::string& epoch_of(const stream& which) const noexcept;
  /// Those of indicators come after all others.
  template <class F>
  void each_stream(F&& f) {
    f(trades_);
    f(quotes_);
    for (auto& each : bars_) f(each.out());
    for (auto& each : bars_)
      if (each.indicators()) each.indicators()->each_topic([&](auto&, auto& topic) { f(topic.out); });
  }
  /// The bars of one interval; nullptr: it has none such.
  bar_series* series_of(std::string_view interval);
  template <class F>
  void each_series(F&& f) {
    for (auto& each : bars_) f(each);
  }
  const std::shared_ptr<const analytics::calendar>& hours() const noexcept { return hours_; }

  /// Asks for the memory that the next trade will touch; first the state, and some ticks later what it points
  /// to.
  void prefetch() const noexcept;
  void prefetch_rings() const noexcept;

  /// The feed that owns the symbol.
  const feed_entry& owner() const noexcept { return *owner_; }
  std::uint64_t late() const noexcept { return late_; }
  /// Rises with everything a feed brought that was published.
  std::uint64_t heard() const noexcept;
  /// Ticks taken, whatever became of them. The shard counts, anybody reads.
  std::atomic<std::uint64_t>& ticks() noexcept { return ticks_; }
  /// Ticks that became updates.
  const std::atomic<std::uint64_t>& published() const noexcept { return published_; }

  /// Whether somebody wants to see every tick of this symbol.
  bool traced() const noexcept { return traced_; }
  void set_traced(bool on) noexcept { traced_ = on; }

  /// Appends all that is needed to go on as if there had been no break: epoch, counts, last trades,
  /// remembered ids, the day, bars that form or can still be revised; and of each series the newest closed
  /// bars, at most so many. Not who listens. Bytes of a format of our own, with its version.
  void save(std::string& to, std::size_t closed_bars = snapshot_bars) const;
  /// Finds a feed by its name; nullptr when there is none.
  using feed_finder = std::function<const feed_entry*(std::string_view name)>;
  /// Takes over what save() has written of this symbol, and removes it from the front of `from`. Series of
  /// intervals that are not formed any more are left out, new ones begin empty; an owner that is gone stays
  /// whoever was given at the construction. False: not such bytes; then throw the state away.
  bool load(std::string_view& from, const feed_finder& feed_named);
  /// Gives a series the closed bars, ascending, that were not saved with it. False: no such interval.
  bool restore_bars(std::string_view interval, const std::vector<protocol::bar>& closed);
  /// Takes a row again that the store has kept behind the checkpoint; nobody listens yet.
  void take_again(const store::recovered_row& row);
  /// After an end of which it cannot be proven that nothing was lost: the count goes on under another name.
  void begin_epoch() { epoch_ = make_epoch(); }
  /// Ticks that changed the state, over all runs; every row in the store has its number.
  std::uint64_t position() const noexcept { return position_; }
  template <class F>
  void each_series(F&& f) const {
    for (const auto& each : bars_) f(each);
  }

private:
  /// Bar intervals one symbol may have, formed and fed together: each has a bit of the trades' left_out_of,
  /// and the day has the last one.
  static constexpr std::size_t most_series = 31;
  static constexpr std::uint32_t day_bit = std::uint32_t{1} << most_series;

  void hold_back_quote(const turn& now) noexcept;
  void commit_quote(const turn& now) noexcept;
  bool push_quote(const turn& now);
  std::string bar_topic(std::string_view interval) const;
  bool may_write(const feed_entry& from) const noexcept;
  void keep(const protocol::trade_amendment& what, const turn& now) noexcept;
  bool plan_bars(bar_series::source_kind kind, const bar_tick& next, std::uint16_t feed, const turn& now,
                 std::uint32_t& left_out_of);
  void commit_bars(bar_series::source_kind kind, const bar_tick& next, const turn& now) noexcept;
  void hand_out_bars(bar_series::source_kind kind, const turn& now);
  protocol::day_totals totals() const;
  protocol::day_totals totals(const protocol::bar& day,
                              std::optional<protocol::decimal> before) const noexcept;
  protocol::day_totals totals_after(const bar_tick& next, const analytics::bar_builder::step& step) const;

  const feed_entry* owner_;
  std::atomic<std::uint64_t> ticks_{0};
  bool waiting_bars_ = false;
  bool traced_ = false;
  bool has_quote_bars_ = false;
  std::int64_t newest_ns_ = std::numeric_limits<std::int64_t>::min() / 2;  ///< of the trades
  std::int64_t closes_at_ = std::numeric_limits<std::int64_t>::max();
  std::vector<bar_series> bars_;
  recent_ids ids_;
  analytics::trade_tape tape_;
  analytics::bar_builder day_;
  std::uint64_t position_ = 0;
  std::atomic<std::uint64_t> published_{0};  // beside the count of trades_, which changes with it
  stream trades_;
  // What a trade does not need.
  analytics::session_cursor sessions_;
  stream quotes_;
  std::optional<protocol::quote> best_;
  std::int64_t quote_interval_ns_ = 0;
  std::int64_t quote_sent_ns_ = std::numeric_limits<std::int64_t>::min() / 2;  ///< steady clock
  std::uint64_t quotes_held_ = 0;  ///< quotes that were held back, sent later or not
  bool quote_waits_ = false;
  std::int64_t newest_quote_ns_ = std::numeric_limits<std::int64_t>::min() / 2;
  std::uint64_t late_ = 0;
  const symbol& of_;
  const bar_forms& forms_;
  std::shared_ptr<const analytics::calendar> hours_;
  std::string epoch_;
};

}  // namespace tickcast::actors
