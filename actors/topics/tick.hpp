#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "actors/topics/symbol_table.hpp"
#include "protocol/market.hpp"

namespace tickcast::actors {

/// A bar that a feed computed itself; it stands as it comes.
struct fed_bar {
  std::string interval;
  protocol::bar value;
};

/// In place of a feed's id where no feed is behind it.
inline constexpr std::uint16_t no_feed = 0xffff;

/// One piece of market data on its way from a feed to the symbol's quote topic.
struct tick {
  const symbol* of;
  std::uint32_t symbol_id;  ///< of->id, at hand
  std::uint16_t feed;       ///< the feed's id on the feed_board
  /// A bar is rare and large: kept elsewhere, so that trades lie close together.
  std::variant<protocol::trade, protocol::quote, std::shared_ptr<const fed_bar>> what;
};

/// One event on its way to its topic; `data` is compact JSON.
struct event_item {
  std::string topic;
  std::string data;
};

}  // namespace tickcast::actors
