#pragma once
#include <boost/circular_buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <tl/expected.hpp>

#include "analytics/bar_record.hpp"
#include "analytics/calendar.hpp"
#include "analytics/trade_tape.hpp"
#include "protocol/market.hpp"
#include "protocol/topic.hpp"

namespace tickcast::analytics {

/// Forms the bars of one interval.
///
/// Bars of time go by the trades' own times: a bar takes what falls into its span (bar_span.hpp), in whatever
/// order it comes, and open and close are the first and the last by time. The newest bar takes everything
/// that falls into it. A trade for an older bar is late: when its time is within `lateness` of the newest
/// time it revises that bar (or makes it, where there was none), else it is left out. So which trades are in
/// a bar follows from the trades and their order alone, never from when somebody looked. Spans without trades
/// make no bar.
///
/// Bars of ticks, volume and value go by the order of arrival: one is complete with the trade that fills it,
/// which is never split, so a bar may hold more than its size; nothing is late; they run on over the ends of
/// sessions. They are called by the time of their first trade, and at least a microsecond later than the bar
/// before.
///
/// A bar is closed when its time is over: by a trade behind its end, by the clock (close_by), or because it
/// is full. What changes a closed bar makes its next revision.
///
/// Works in two steps so that its owner can compute first and commit last: `plan` changes nothing that can be
/// seen, `commit` cannot fail.
class bar_builder {
public:
  /// Most older bars that are kept for late trades; lateness that spans more does not reach further.
  static constexpr std::size_t most_kept = 256;

  enum class effect : std::uint8_t {
    joins,     ///< goes into the newest bar
    begins,    ///< begins a bar, which becomes the newest
    revises,   ///< goes into an older, closed bar
    inserts,   ///< makes an older bar where there was none, closed at once
    left_out,  ///< too late
  };
  struct step {
    effect does = effect::left_out;
    bool closes =
        false;  ///< the bar that was the newest is complete with this trade, or before it, and was not yet
    bool completes = false;  ///< the bar that the trade goes into is complete with it, and was not yet
    std::size_t older = 0;   ///< revises: which one; inserts: before which one
    bar_span span;           ///< begins, inserts
  };

  /// `interval`: of trades or quotes alike; what goes in is the owner's business. `least_kept`: older bars
  /// that are kept whatever the lateness.
  explicit bar_builder(const protocol::interval& interval, std::int32_t lateness_ms = 0,
                       std::size_t least_kept = 0);

  /// What a trade would do. `number`: of its arrival, rising. `newest_ns`: the newest time of all trades
  /// before it. Nothing: a sum would no longer fit into a decimal.
  std::optional<step> plan(std::int64_t time_ns, protocol::decimal price, protocol::decimal size,
                           std::uint64_t number, std::int64_t newest_ns, session_cursor& sessions);
  void commit(std::int64_t time_ns, protocol::decimal price, protocol::decimal size, std::uint64_t number,
              const step& planned) noexcept;
  /// The bar that the trade goes into, as it will be after the commit. Not for left_out.
  protocol::bar after(std::int64_t time_ns, protocol::decimal price, protocol::decimal size,
                      std::uint64_t number, const step& planned) const noexcept;

  /// The newest bar, forming or closed; empty before the first trade.
  std::optional<protocol::bar> newest() const noexcept;
  /// The newest bar as it is when it is closed. Only after a first trade.
  protocol::bar as_closed() const noexcept;
  /// The last price of the bar before the newest, while that is kept.
  std::optional<protocol::decimal> close_before() const noexcept;
  bool has_open_bar() const noexcept { return begun_ && !now_.closed(); }
  /// When the newest bar is to be closed at the latest, if it still forms and has a time; else the end of
  /// time.
  std::int64_t closes_at() const noexcept;
  /// Closes the newest bar: its time has come (closes_at), and as_closed() has been published.
  void close() noexcept { now_.close(); }

  /// A bar that a cancelled or corrected trade changes.
  struct revision {
    enum class where : std::uint8_t { newest, older, forgotten } is = where::newest;
    std::size_t older = 0;
    bar_record bar;  ///< as it will be
  };
  enum class refusal : std::uint8_t { not_in_any, beyond, no_room };
  /// A closed bar by its time, or nullptr.
  using bar_finder = std::function<const protocol::bar*(std::int64_t time_ns)>;
  /// What becomes of the bar that holds trade `which` of `tape` when the trade is amended. `series_bit`: the
  /// bit of trade_tape::entry::left_out_of that is this builder's. A bar whose trades the tape all has is put
  /// together anew from them; of another one the trade can be taken out while it is neither its first or last
  /// nor at its high or low. Else: beyond. `published`: finds a closed bar that is no longer kept here, by
  /// its time.
  tl::expected<revision, refusal> plan_amendment(const trade_tape& tape, std::uint64_t which,
                                                 const protocol::trade_amendment& what,
                                                 std::uint32_t series_bit, session_cursor& sessions,
                                                 const bar_finder& published) const;
  void commit(const revision& planned) noexcept;

  bool goes_by_time() const noexcept {
    return by_ == protocol::interval::unit::time || by_ == protocol::interval::unit::month;
  }

  void save(protocol::byte_writer& to) const;
  void load(protocol::byte_reader& from);

private:
  /// Closed bars that late trades may still reach, by place.
  struct kept_bars {
    std::size_t bound = 0;
    std::int64_t lateness_ns = 0;
    std::int64_t forgotten_until = 0;  ///< bars before it are no longer here
    boost::circular_buffer<bar_record> bars;

    void make_room();
    void keep(const bar_record& bar) noexcept;
  };

  std::int64_t place_of(std::int64_t time_ns, std::uint64_t number) const noexcept {
    return goes_by_time() ? time_ns : static_cast<std::int64_t>(number);
  }
  bar_span span_at(std::int64_t time_ns, session_cursor& sessions) const;
  bar_span span_from(std::int64_t time_ns, std::uint64_t number, session_cursor& sessions) const;
  bool is_full(const bar_record& bar) const noexcept;
  std::optional<step> plan_begin(const bar_input& next, std::uint64_t number, session_cursor& sessions);
  std::optional<step> plan_late(const bar_input& next, std::int64_t newest_ns, session_cursor& sessions);
  void insert(const bar_record& made, std::size_t at) noexcept;
  tl::expected<bar_record, refusal> amended(const bar_record& bar, std::uint64_t trades,
                                            const trade_tape& tape, std::uint64_t which,
                                            const protocol::trade_amendment& what, std::uint32_t series_bit,
                                            bool sums_known) const;

  // Small, as each trade touches it in each series of bars; what only late trades need lies apart.
  bar_record now_;
  std::int64_t count_;
  protocol::interval::unit by_;
  bool begun_ = false;
  std::int32_t lateness_ms_;
  std::unique_ptr<kept_bars> older_;  ///< null: none are kept
};

}  // namespace tickcast::analytics
