#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugins/runner/message.hpp"
#include "protocol/error.hpp"
#include "store/history.hpp"

namespace tickcast::plugins {

/// A topic of the virtual engine: its count and what was written to it. Trades and closed bars of before, and
/// those beyond `most_kept`, are the kept history's. One thread.
struct virtual_topic {
  static constexpr std::size_t most_kept = 50'000;

  explicit virtual_topic(const protocol::topic_name& parsed)
      : ref(std::make_shared<const topic_ref>(parsed)) {}

  /// Enters what the message, which has the next seq, brings.
  void add(const message& update);

  /// Trades up to now, joined to those of `kept` (may be null) before them.
  protocol::expected<std::vector<protocol::trade>> read_trades(const store::history* kept,
                                                               std::int64_t now_ns,
                                                               const store::range& which) const;
  /// Bars up to now. `ended_ns`: stored bars from before that time are over.
  protocol::expected<std::vector<protocol::bar>> read_bars(const store::history* kept, std::int64_t ended_ns,
                                                           const store::range& which) const;

  std::shared_ptr<const topic_ref> ref;
  std::uint64_t seq = 0;
  bool told = false;  ///< the plugin knows its history
  std::deque<protocol::trade> trades;
  std::deque<protocol::bar> bars;  ///< ascending; the forming one last
  std::optional<protocol::quote> quote;
  std::shared_ptr<const std::string> event;
  mutable std::uint64_t wishes = 0;  ///< as of which `wanted` holds
  mutable bool wanted = false;
};

}  // namespace tickcast::plugins
