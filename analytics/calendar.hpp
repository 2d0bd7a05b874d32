#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "protocol/instrument.hpp"

namespace date {
class time_zone;
}

namespace tickcast::analytics {

/// One session, or a run of them. Trading goes from begin_ns to end_ns (excluded); times from from_ns to
/// until_ns (excluded) count to it, so that sessions leave nothing between them: trades before the open and
/// behind the close have a session too. All UTC.
struct session_span {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::int64_t from_ns = 0;
  std::int64_t until_ns = 0;
  protocol::day_number day = 0;  ///< the trading day; of a run the first one

  bool has(std::int64_t time_ns) const noexcept { return time_ns >= from_ns && time_ns < until_ns; }
  bool trades_at(std::int64_t time_ns) const noexcept { return time_ns >= begin_ns && time_ns < end_ns; }
  friend bool operator==(const session_span&, const session_span&) noexcept = default;
};

/// When an instrument trades: its hours in its time zone, as times.
///
/// Between two sessions of one trading day (lunch) the first half of the break counts to the session before
/// it. Between two trading days the time until midnight by the exchange's clock counts to the day that has
/// ended, the rest to the one that comes: closing auctions and late prints stay with their day, the
/// pre-market belongs to the next.
///
/// Immutable; any thread. The time zones are those of the machine (tzdata).
class calendar {
public:
  /// Round the clock, UTC.
  calendar() = default;
  /// Of an instrument's hours and zone. Error: a sentence that says what is wrong with them.
  static tl::expected<calendar, std::string> make(const protocol::trading_hours& hours,
                                                  const std::string& zone);

  /// Round the clock in UTC without exceptions: sessions are the days since 1970.
  bool plain() const noexcept { return zone_ == nullptr; }

  /// The session that a time counts to. Costs microseconds unless plain(): keep it (session_cursor).
  session_span session_of(std::int64_t time_ns) const;
  /// The first session that ends behind a time: the one that trades then, or else the next.
  session_span session_at_or_after(std::int64_t time_ns) const;
  bool is_open(std::int64_t time_ns) const { return session_at_or_after(time_ns).trades_at(time_ns); }

  protocol::day_number trading_day(std::int64_t time_ns) const { return session_of(time_ns).day; }
  /// The whole trading day, week (from Monday) or month that a time counts to, from the open of its first
  /// session to the close of its last.
  session_span day_of(std::int64_t time_ns) const;
  session_span week_of(std::int64_t time_ns) const;
  session_span month_of(std::int64_t time_ns) const;

private:
  struct place {
    protocol::day_number day = 0;
    std::size_t index = 0;
    bool exists = false;
  };

  session_span run_of(protocol::day_number first, protocol::day_number last) const;
  place first_ending_behind(std::int64_t time_ns) const;
  place before(place at) const;
  place behind(place at) const;
  session_span whole(place at) const;
  std::int64_t border(place earlier, place later) const;
  std::int64_t begin_ns(place at) const;
  std::int64_t end_ns(place at) const;
  std::int64_t to_utc(protocol::day_number day, int minute) const;

  protocol::trading_hours hours_;
  const date::time_zone* zone_ = nullptr;
};

/// Whether the machine's database has a time zone of that name.
bool is_time_zone(const std::string& name);

/// A calendar's session of the time asked last, kept, as most times fall into the one before. For one thread.
class session_cursor {
public:
  /// `of` must outlive it.
  explicit session_cursor(const calendar& of) noexcept : of_(&of) {}

  const calendar& of() const noexcept { return *of_; }
  const session_span& at(std::int64_t time_ns) {
    if (!last_.has(time_ns)) last_ = of_->session_of(time_ns);
    return last_;
  }

private:
  const calendar* of_;
  session_span last_;
};

}  // namespace tickcast::analytics
