#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "actors/topics/view_passage.hpp"
#include "protocol/error.hpp"
#include "protocol/market.hpp"
#include "protocol/topic.hpp"
#include "store/history.hpp"

/// The past of a topic up to this moment: what the store has, joined to what the topic itself shows, which is
/// newer and may not be stored yet.
namespace tickcast::net::api {

inline constexpr std::int64_t no_end = std::numeric_limits<std::int64_t>::max();

/// Where the past of a topic ends, by the times of its rows, for who gets it so much later: bars must be over
/// by then. `now_ns`: wall clock. Nothing: bars by count have no end of their own.
std::optional<std::int64_t> end_of_past(const protocol::topic_name& topic, std::int64_t delay_ms,
                                        std::int64_t now_ns);
/// The wall clock.
std::int64_t utc_ns() noexcept;

/// A symbol's bars: those that the topic shows (the last 500 closed ones, and the one that forms) and before
/// them the stored ones. Valid as long as what it was made from. On reader threads.
class joined_bars {
public:
  /// Bars from `end_ns` on are not there.
  joined_bars(const store::history& past, std::string interval, std::string symbol,
              const actors::topic_sight& now, std::int64_t end_ns = no_end);

  /// As store::history::bars, the forming bar included.
  protocol::expected<std::vector<protocol::bar>> read(const store::range& which) const;

private:
  const store::history& past_;
  std::string interval_;
  std::string symbol_;
  std::int64_t end_ns_;
  std::vector<protocol::bar> shown_;
};

/// A symbol's trades up to those that the topic shows last: the stored ones, and those of the last 50 that
/// are too young to be stored. For one thread.
class joined_trades {
public:
  /// `catch_up`, where there is one, has the store write what it was given, and waits for it: called when the
  /// youngest stored trade does not reach to the oldest one that is shown.
  /// Trades from `end_ns` on are not there.
  joined_trades(const store::history& past, std::string symbol, const actors::topic_sight& now,
                std::function<void()> catch_up = {}, std::int64_t end_ns = no_end);

  protocol::expected<std::vector<protocol::trade>> read(const store::range& which) const;

private:
  protocol::expected<void> find_young() const;
  protocol::expected<bool> compare() const;
  void leave_out_younger(std::vector<protocol::trade>& rows) const;

  const store::history& past_;
  std::string symbol_;
  std::function<void()> catch_up_;
  std::int64_t end_ns_;
  std::vector<protocol::trade> shown_;  ///< ascending in time
  bool all_shown_ = true;               ///< the topic has had no others
  mutable bool joined_ = false;
  mutable std::vector<protocol::trade> young_;  ///< of the shown ones
};

/// A stretch of rows, and where to go on from it.
template <class Row>
struct page {
  std::vector<Row> rows;
  std::optional<std::int64_t> previous_us;  ///< `to` of the page before; unset: nothing is older
  std::optional<std::int64_t> next_us;      ///< `from` of the page behind; unset: nothing is newer
};

/// Reads a page: at most `which.limit` rows, but for rows of one microsecond, which are never parted. Each
/// row is on exactly one page of those that follow one another.
template <class Row, class Joined>
protocol::expected<page<Row>> read_page(const Joined& from, const store::range& which);

extern template protocol::expected<page<protocol::bar>> read_page(const joined_bars&, const store::range&);
extern template protocol::expected<page<protocol::trade>> read_page(const joined_trades&,
                                                                    const store::range&);

/// The range of a question: from its beginning forward when that is given, else the newest rows.
store::range make_range(std::optional<std::int64_t> from_ns, std::optional<std::int64_t> to_ns,
                        std::size_t limit);

/// Whole microseconds, rounded down.
std::int64_t floor_us(std::int64_t ns) noexcept;

}  // namespace tickcast::net::api
