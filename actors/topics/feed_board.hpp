#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/client_message.hpp"
#include "protocol/error.hpp"

namespace tickcast::actors {

/// A sentence that one thread writes now and then and others read.
class shared_text {
public:
  std::string get() const {
    std::lock_guard guard{mutex_};
    return text_;
  }
  void set(std::string text) {
    std::lock_guard guard{mutex_};
    text_ = std::move(text);
  }

private:
  mutable std::mutex mutex_;
  std::string text_;
};

/// When it means something that a feed has no peer.
enum class peer_need : std::uint8_t {
  none,        ///< never: it has no connections, they cannot be seen, or its senders come and go as they like
  once_there,  ///< when it had one before: it binds, and who connects is not its own doing
  always,      ///< at once: it connects
};

/// The other ends of a feed's sockets, as ZeroMQ's socket monitor tells of them. A peer counts from its
/// finished handshake on, with CURVE too. The feed's thread writes, everybody reads.
struct feed_peers {
  bool watched = false;  ///< whether anybody counts; before the first run
  peer_need need = peer_need::none;
  std::atomic<std::uint64_t> now{0};
  std::atomic<std::uint64_t> connects{0};
  std::atomic<std::uint64_t> disconnects{0};
  std::atomic<std::uint64_t> retries{0};   ///< attempts to connect that failed, each tried again by ZeroMQ
  std::atomic<std::uint64_t> rejected{0};  ///< connections whose handshake failed
  shared_text last;                        ///< address of the latest one to connect

  /// No peer where there should be one.
  bool cut_off() const noexcept {
    if (need == peer_need::none || now.load(std::memory_order_acquire) != 0) return false;
    return need == peer_need::always || connects.load(std::memory_order_relaxed) != 0;
  }
};

/// One feed's public state and counters. The feed's thread and its actor write, everybody reads.
/// What one thread writes at every message lies on cache lines apart from what the others read at every
/// tick.
struct alignas(64) feed_entry {
  std::string name;
  std::uint16_t id = 0;   ///< index in the board
  std::uint64_t key = 0;  ///< hash of the name: the same in the next run too
  int priority = 0;       ///< the higher one owns a symbol that two feeds bring
  bool simulated = false;
  std::int64_t stale_ns = 0;         ///< silent for longer is `stale`; 0: never
  std::int64_t symbol_stale_ns = 0;  ///< the same for each of its symbols

  std::atomic<protocol::feed_state> state{protocol::feed_state::none};
  std::atomic<std::int64_t> changed_ns{0};  ///< steady clock: when `state` changed
  std::atomic<bool> in_session{true};       ///< whether silence counts now
  std::atomic<std::int64_t> opened_ns{0};   ///< steady clock: when it began to; 0: it always did

  // The feed's actor.
  std::atomic<std::int64_t> since_ns{0};  ///< UTC: since when `told` holds; 0: nothing was told yet
  std::atomic<protocol::feed_state> told{protocol::feed_state::none};  ///< what `feed.<name>` said last
  shared_text reason;                     ///< why, in a sentence; what `feed.<name>` said last
  shared_text suspended_by;               ///< who suspended it; empty: nobody. Any thread
  shared_text failure;                    ///< of the run before; empty: it has not failed
  std::atomic<std::uint64_t> told_to{0};  ///< the directory that knows, by its actor id
  std::atomic<std::uint64_t> restarts{0};

  feed_peers peers;

  // The feed's thread.
  alignas(64) std::atomic<std::uint64_t> messages{0};
  std::atomic<std::int64_t> last_tick_ns{0};   ///< steady clock
  std::atomic<std::int64_t> last_event_ns{0};  ///< UTC: the latest tick's own time
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
  /// Its symbols that are silent for longer than symbol_stale_ns.
  mutable std::atomic<std::uint64_t> stale_symbols{0};
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
  /// `now_ns`: steady clock, when it came to be so.
  void set_state(feed_entry& feed, protocol::feed_state state, std::int64_t now_ns = steady_now_ns());
  static std::int64_t steady_now_ns();

private:
  mutable std::mutex mutex_;
  std::deque<feed_entry> entries_;
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace tickcast::actors
