#pragma once
#include <array>
#include <boost/circular_buffer.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "actors/topics/trade_ring.hpp"
#include "protocol/client_message.hpp"
#include "protocol/frame.hpp"
#include "protocol/indicator_message.hpp"
#include "protocol/market.hpp"

namespace tickcast::actors {

/// How many bars a snapshot shows; trades: trade_ring::bound.
inline constexpr std::size_t snapshot_bars = 500;

/// A ring that grows by doubling up to its bound. `make_room` may throw; after it `push` does not, so that a
/// change can be prepared first and committed without a chance of failing halfway.
template <class T, std::size_t Bound>
class growing_ring {
public:
  /// For `more` items; not more than the bound.
  void make_room(std::size_t more = 1) {
    while (items_.size() + more > items_.capacity() && items_.capacity() < Bound)
      items_.set_capacity(std::min(Bound, std::max<std::size_t>(4, items_.capacity() * 2)));
  }
  void push(const T& item) noexcept { items_.push_back(item); }
  bool empty() const noexcept { return items_.empty(); }
  std::size_t size() const noexcept { return items_.size(); }
  T& back() noexcept { return items_.back(); }
  const T& back() const noexcept { return items_.back(); }
  auto begin() noexcept { return items_.begin(); }
  auto end() noexcept { return items_.end(); }
  auto begin() const noexcept { return items_.begin(); }
  auto end() const noexcept { return items_.end(); }
  void clear() noexcept { items_.clear(); }
  /// Puts `item` before `at`; of a full ring the oldest one goes.
  template <class Iterator>
  void insert(Iterator at, const T& item) noexcept {
    items_.insert(at, item);
  }

private:
  boost::circular_buffer<T> items_;
};

struct trade_view {
  trade_ring last;
  protocol::day_totals day;
};
struct quote_view {
  std::optional<protocol::quote> best;
};
struct bar_view {
  growing_ring<protocol::bar, snapshot_bars> bars;  ///< ascending; the forming one last, if there is one

  /// Puts a bar in its place: instead of the one of its time, or between those before and behind it.
  /// make_room() comes before it.
  void put(const protocol::bar& bar) noexcept;
  /// The bar of that time, or nullptr.
  const protocol::bar* find(std::int64_t time_ns) const noexcept;
};
/// A message of an event topic that is kept for who was away.
struct kept_event {
  std::uint64_t seq;
  std::shared_ptr<const std::string> data;  ///< compact JSON
};
struct event_view {
  std::shared_ptr<const std::string> last = nullptr;  ///< compact JSON; null: none yet, or it is not retained
  bool retained = true;                               ///< whether snapshots show the last message
  std::uint32_t keeps = 0;                            ///< how many of the last messages are in `kept`
  bool recoverable = false;                           ///< whether clients that were away get those of `kept`
  std::deque<kept_event> kept = {};                   ///< ascending, without a hole

  void put(std::uint64_t seq, const std::shared_ptr<const std::string>& data);
};

/// An indicator at the last closed bar and at the one that forms, as far as there are such.
class indicator_view {
public:
  explicit indicator_view(protocol::indicator_names names = nullptr) : names_(std::move(names)) {}

  std::span<const std::string> output_names() const noexcept {
    return names_ ? std::span<const std::string>(*names_) : std::span<const std::string>{};
  }
  /// The closed one first.
  std::vector<protocol::indicator_point> points() const;
  /// Takes the value at a bar: of an older one it leaves all as it is.
  void put(const protocol::indicator_names& names, const protocol::indicator_point& value) noexcept;

private:
  protocol::indicator_names names_;
  std::optional<protocol::indicator_point> closed_;
  std::optional<protocol::indicator_point> forming_;
};

/// All that a snapshot of a topic is made from.
using topic_view = std::variant<trade_view, quote_view, bar_view, event_view, indicator_view>;

struct trade_change {
  protocol::trade value;
  protocol::day_totals day;
};
/// A trade of before does not stand, or not as it came.
struct amendment_change {
  protocol::trade_amendment value;
  protocol::day_totals day;
};
/// What an indicator is at a bar, for the first time or anew.
struct indicator_change {
  protocol::indicator_names names;
  protocol::indicator_point value;
};
/// What one update changes in the view; the first as views are numbered.
using topic_change = std::variant<trade_change, protocol::quote, protocol::bar,
                                  std::shared_ptr<const std::string>, indicator_change, amendment_change>;

/// Which kind of topic a change is of, as views are numbered.
inline std::size_t kind_of(const topic_change& change) noexcept {
  return std::holds_alternative<amendment_change>(change) ? 0 : change.index();
}

/// One update of one topic, made once and shared by all posts: the value and, for each encoding that
/// somebody listens in, one finished frame.
struct update {
  std::uint64_t seq = 0;
  std::uint16_t feed = 0;
  std::int64_t taken_ns = 0;  ///< steady clock, when the feed handed the tick over; for the latency histogram
  std::uint64_t origin = 0;   ///< the connection that is not to get it (by actor id); 0: all do
  topic_change change;
  std::array<protocol::frame_ptr, protocol::encoding_count> frames;
};

/// Bits of the classes that somebody listens in: encodings, and value_alone.
using class_mask = std::uint8_t;
constexpr class_mask class_bit(protocol::encoding e) noexcept {
  return static_cast<class_mask>(1U << protocol::index(e));
}
/// The bit of those who take the value alone: nobody encodes a frame for them.
inline constexpr class_mask value_alone = 0x80;
static_assert(protocol::encoding_count < 8);

/// Where updates are sent: a number that stays the same over all restarts of the actor that has the post. The
/// first are the shards' broadcasters; switchboard.hpp says which others there are.
using post_index = std::uint32_t;

/// Brings `view` up to date with the update `seq`.
void apply(topic_view& view, std::uint64_t seq, const topic_change& change);
/// Encodes the update frame of `change` for one encoding.
protocol::frame_ptr encode(protocol::encoding as, std::string_view topic, std::uint64_t seq,
                           const topic_change& change);
/// Encodes a snapshot of `view`.
protocol::frame_ptr encode(protocol::encoding as, const protocol::snapshot_head& head,
                           const topic_view& view);

}  // namespace tickcast::actors
