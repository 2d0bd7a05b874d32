#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/topics/feed_board.hpp"
#include "actors/topics/recent_ids.hpp"
#include "actors/topics/stream.hpp"
#include "actors/topics/symbol_table.hpp"
#include "actors/topics/tick.hpp"
#include "analytics/bar_builder.hpp"

namespace tickcast::actors {

/// What a quote topic did with a tick.
enum class taken : std::uint8_t {
  published,
  repeated,   ///< its (feed, id) has been seen
  not_owner,  ///< another live feed of the same or higher priority owns the symbol
  refused,    ///< a sum would overflow, or one bar interval too many
};

/// The bar intervals every symbol gets, by name and length.
struct bar_interval {
  std::string name;  ///< "1m"
  std::int64_t ns;
};

/// What a trade does to one series of bars, computed but not yet done.
struct bar_plan {
  analytics::bar_builder::step step;
  std::shared_ptr<const update> closing;
  std::shared_ptr<const update> forming;
  bool pushes = false;
};

/// What one turn brings besides the tick itself.
struct turn {
  std::int64_t now_ns;   ///< steady clock
  std::int64_t push_ns;  ///< forming bars are pushed at most this often
  update_sink& sink;
  std::vector<bar_plan>& plans;  ///< scratch, shared by all topics of a shard
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
  /// `from`: the feed that brings the first tick; it owns the symbol from here on.
  quote_state(const symbol& of, const feed_entry& from, const std::vector<bar_interval>& intervals);

  const symbol& of() const noexcept { return of_; }
  const std::string& epoch() const noexcept { return epoch_; }

  taken take(const protocol::trade& trade, const feed_entry& from, const turn& now);
  taken take(const protocol::quote& quote, const feed_entry& from, const turn& now);
  taken take(const fed_bar& bar, const feed_entry& from, const turn& now);

  /// Pushes the forming bars that have waited push_ns; false when none waits any longer.
  bool push_forming(const turn& now);
  bool has_waiting_bars() const noexcept { return waiting_bars_; }

  /// How many streams each_stream visits; new ones come last.
  std::size_t streams() const noexcept { return 2 + bars_.size(); }
  /// The stream of a topic of this symbol; nullptr when it has none of that name.
  stream* find(std::string_view topic);
  /// What a snapshot of `which` (a stream of this state) is made from.
  std::shared_ptr<const topic_view> view(const stream& which) const;
  template <class F>
  void each_stream(F&& f) {
    f(trades_);
    f(quotes_);
    for (auto& each : bars_) f(each.out);
  }

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

private:
  struct alignas(64) bar_series {
    bar_series(std::string topic, std::string name, std::int64_t interval_ns)
        : builder(interval_ns), out(std::move(topic)), interval(std::move(name)) {}
    analytics::bar_builder builder;
    std::int64_t pushed_ns = 0;
    bool fed = false;      ///< a feed brings these bars itself; trades form none
    bool waiting = false;  ///< the forming bar has changed since it was pushed
    stream out;
    bar_view view;  ///< closed bars; those of a feed as they come
    std::string interval;
  };
  struct day_figures {
    protocol::day_totals totals;  ///< `volume` is left at zero; `sum` has it
    protocol::decimal_sum sum;
    protocol::decimal last_price;  ///< the next day's previous close

    bool begins_new_day(const protocol::trade& trade) const noexcept;
    bool has_room_for(const protocol::trade& trade) const noexcept;
    void enter(const protocol::trade& trade) noexcept;
  };

  bool may_write(const feed_entry& from) const noexcept;
  protocol::day_totals totals(const day_figures& of) const;
  bool plan_bar(bar_series& series, const protocol::trade& trade, std::uint16_t feed, const turn& now,
                bar_plan& plan);
  void commit_bar(bar_series& series, const protocol::trade& trade, const bar_plan& plan,
                  const turn& now) noexcept;
  bar_series* series_of(std::string_view interval);

  const feed_entry* owner_;
  std::atomic<std::uint64_t> ticks_{0};
  bool waiting_bars_ = false;
  bool traced_ = false;
  std::vector<bar_series> bars_;
  recent_ids ids_;
  trade_ring last_;
  day_figures day_;
  std::atomic<std::uint64_t> published_{0};  // beside the count of trades_, which changes with it
  stream trades_;
  // What a trade does not need.
  stream quotes_;
  std::optional<protocol::quote> best_;
  std::uint64_t late_ = 0;
  const symbol& of_;
  std::string epoch_;
};

}  // namespace tickcast::actors
