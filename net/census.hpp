#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tickcast::net {

struct shard_context;

/// One client as the console sees it.
struct connection_row {
  std::uint64_t id = 0;  ///< of its connection actor
  std::string remote;
  std::uint32_t shard = 0;
  std::string user;  ///< empty: anonymous
  std::string name;  ///< for people
  std::string encoding;
  std::int64_t opened_us = 0;
  std::uint64_t subscriptions = 0;
  std::uint64_t queue_bytes = 0;
  std::int64_t lag_ms = 0;     ///< how long its socket has taken nothing although something waits
  std::int64_t rtt_us = -1;    ///< the kernel's smoothed round trip; -1: not known
  std::uint64_t frames = 0;    ///< put into its queue
  std::uint64_t bytes = 0;     ///< the same
  std::uint64_t received = 0;  ///< commands
  std::uint64_t dropped = 0;   ///< updates left out because it was behind
  std::string state;           ///< open, closing
};

/// Visits all WebSockets of a shard, some a turn, and calls `done` with what it saw. Shard's thread.
void take_census(shard_context& of, std::uint32_t shard,
                 std::function<void(std::vector<connection_row>)> done);

}  // namespace tickcast::net
