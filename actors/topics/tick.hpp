#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "actors/topics/cargo.hpp"
#include "protocol/market.hpp"

namespace tickcast::actors {

/// A bar that a feed computed itself; it stands as it comes.
struct fed_bar {
  std::string interval;
  protocol::bar value;
};

/// In place of a feed's id where no feed is behind it.
inline constexpr std::uint16_t no_feed = 0xffff;

enum class tick_kind : std::uint8_t { trade, quote, bar, cancel, correct };

/// One piece of market data on its way from a feed to the symbol's quote topic, packed into less than a cache
/// line: it crosses from one CPU to another, and that costs by the line. See tick_load for what it means.
struct tick {
  std::int64_t time_ns;
  /// Trade, cancel and correct: price, size; quote: bid, its size, ask, its size.
  std::array<std::int64_t, 4> mantissas;
  std::array<std::uint8_t, 4> scales;
  std::uint32_t symbol_id;
  tick_kind kind;
  protocol::side aggressor;  ///< trade
  /// All but quote and bar: the id's number, or where its text is, stands in mantissas[2].
  protocol::trade_id::kind id_is;
};
static_assert(sizeof(tick) == 56 && std::is_trivially_copyable_v<tick>);

/// The ticks of one poll turn of a feed for one shard, with what is too large for a tick.
class tick_load : public cargo<tick> {
public:
  using cargo::cargo;

  void add(std::uint32_t symbol_id, const protocol::trade& value);
  void add(std::uint32_t symbol_id, const protocol::quote& value);
  void add(std::uint32_t symbol_id, fed_bar&& value);
  void add(std::uint32_t symbol_id, const protocol::trade_amendment& value);

  /// Writes the trade that was added; nothing when the tick is something else.
  void unpack(const tick& packed, protocol::trade& to) const;
  /// What was added; the tick must be of that kind.
  static protocol::quote quote_of(const tick& packed) noexcept;
  protocol::trade_amendment amendment_of(const tick& packed) const;
  const fed_bar& bar_of(const tick& packed) const noexcept { return bars_[index_of(packed)]; }

private:
  std::int64_t packed_id(const protocol::trade_id& id);
  static std::size_t index_of(const tick& packed) noexcept {
    return static_cast<std::size_t>(packed.mantissas[2]);
  }

  std::vector<std::shared_ptr<const std::string>> texts_;
  std::vector<fed_bar> bars_;
};

/// One event on its way to its topic; `data` is compact JSON.
struct event_item {
  std::string topic;
  std::string data;
};

/// The message of an event on its way from the directory to its topic's actor. One that no actor took,
/// because its topic failed, is counted as lost at the feed that brought it.
struct event_parcel {
  std::string data;
  feed_entry* from = nullptr;  ///< null: an event of the engine's own
  bool taken = false;          ///< by the topic's actor, its only writer

  event_parcel(std::string what, feed_entry* feed) : data(std::move(what)), from(feed) {}
  event_parcel(const event_parcel&) = delete;
  event_parcel& operator=(const event_parcel&) = delete;
  ~event_parcel() {
    if (!taken && from) from->lost.fetch_add(1, std::memory_order_relaxed);
  }
};

}  // namespace tickcast::actors
