#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/client_message.hpp"
#include "protocol/error.hpp"

namespace tickcast::actors {

/// One feed's public state and counters. The feed's thread and its actor write, everybody reads, no lock.
/// What one thread writes at every message lies on cache lines apart from what the others read at every
/// tick.
struct alignas(64) feed_entry {
  std::string name;
  std::uint16_t id = 0;  ///< index in the board
  int priority = 0;      ///< the higher one owns a symbol that two feeds bring
  bool simulated = false;
  std::int64_t stale_ns = 0;  ///< silent for longer is `stale`; 0: never

  std::atomic<protocol::feed_state> state{protocol::feed_state::none};

  // The feed's thread.
  alignas(64) std::atomic<std::uint64_t> messages{0};
  std::atomic<std::int64_t> last_tick_ns{0};  ///< steady clock
  std::atomic<std::uint64_t> ticks{0};
  std::atomic<std::uint64_t> events{0};
  std::atomic<std::uint64_t> gaps{0};                    ///< holes in feed_seq
  std::atomic<std::uint64_t> gap_lost{0};                ///< messages missing in them
  std::atomic<std::uint64_t> restarts_seen{0};           ///< feed_seq began anew
  std::atomic<std::uint64_t> paused{0};                  ///< times polling stopped for want of credit
  std::atomic<std::uint64_t> unknown_fields{0};          ///< left out of messages that were taken
  std::array<std::atomic<std::uint64_t>, 16> refused{};  ///< by protocol::errc

  // The shards, the workers and the feed's thread.
  alignas(64) std::atomic<std::uint64_t> in_flight{0};  ///< ticks sent to dispatchers and not yet taken
  std::atomic<std::uint64_t> repeated{0};               ///< trades dropped because their id had been seen
  std::atomic<std::uint64_t> not_owner{0};  ///< ticks dropped because another feed owns the symbol
  /// Ticks and events nobody took, because their receiver was failing or being restarted.
  std::atomic<std::uint64_t> lost{0};
};

/// All feeds of the process, in order of appearance. Entries live as long as the board.
class feed_board {
public:
  /// Adds a feed, or returns the entry of that name (a feed that was restarted goes on counting).
  feed_entry& add(std::string_view name, int priority, bool simulated, std::int64_t stale_ns);
  /// By id.
  std::vector<const feed_entry*> all() const;
  std::vector<feed_entry*> all();
  /// Rises whenever some feed's state changes; snapshots made under an older number are stale.
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
  void set_state(feed_entry& feed, protocol::feed_state state);

private:
  mutable std::mutex mutex_;
  std::deque<feed_entry> entries_;
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace tickcast::actors
