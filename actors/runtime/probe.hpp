#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/runtime/caf.hpp"
#include "actors/runtime/handler_times.hpp"
#include "actors/runtime/restart_history.hpp"
#include "actors/runtime/supervision_board.hpp"

namespace tickcast::actors {

/// Adds to a counter that one thread alone writes: a plain load and store, no locked instruction.
inline void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

/// Steady clock, ns.
inline std::int64_t steady_ns() noexcept {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Who an actor is, for people. The views point to text that outlives the actor.
struct identity {
  std::string_view kind;    ///< vocabulary: "quote topic", "connection", …
  std::string name;         ///< symbol, topic, address, …
  std::string parent;       ///< path of its supervisor or owner, e.g. "root/shards/shard-0"
  std::string_view thread;  ///< its host's name, or "workers"

  std::string path() const { return parent.empty() ? name : parent + "/" + name; }
};

/// What the console and `/metrics` read of one actor, without asking it. Written by the actor's thread, but
/// for what its senders write; read by the admin thread.
struct probe {
  identity who;
  std::uint64_t id = 0;       ///< CAF's actor id
  caf::weak_actor_ptr actor;  ///< to reach it
  std::int64_t started_us = 0;
  std::uint64_t restarts = 0;  ///< how often its like was started before, where its owner knows

  // Senders and the actor.
  std::atomic<std::uint64_t> entered{0};  ///< messages put into the mailbox
  /// One message under watch: which (as counted by `entered`; 0: none) and when it was put in. The oldest
  /// message is at most as old as the last one that was watched.
  std::atomic<std::uint64_t> watched{0};
  std::atomic<std::int64_t> watched_since_ns{0};

  // The actor.
  std::atomic<std::uint64_t> received{0};  ///< messages handled
  std::atomic<std::uint64_t> sent{0};      ///< what it handed on, where it counts that
  std::atomic<std::uint64_t> busy_ns{0};
  std::atomic<std::int64_t> handling_since_ns{0};  ///< 0: it does not run
  std::atomic<bool> ended{false};
  handler_times times;
  /// Counts what reaches the actor, or leaves it, without a message; outlives the actor.
  const std::atomic<std::uint64_t>* received_elsewhere = nullptr;
  const std::atomic<std::uint64_t>* sent_elsewhere = nullptr;

  /// A sender has put a message in.
  void enter() noexcept {
    const auto number = entered.fetch_add(1, std::memory_order_relaxed) + 1;
    if (watched.load(std::memory_order_relaxed) != 0) return;
    watched_since_ns.store(steady_ns(), std::memory_order_relaxed);
    std::uint64_t none = 0;
    watched.compare_exchange_strong(none, number, std::memory_order_relaxed);
  }
  /// The actor has handled a message.
  void leave() noexcept {
    bump(received);
    const auto number = watched.load(std::memory_order_relaxed);
    if (number != 0 && received.load(std::memory_order_relaxed) >= number)
      watched.store(0, std::memory_order_relaxed);
  }

  /// Messages that wait. May be off by those under way between two threads.
  std::uint64_t depth() const noexcept;
  /// Age of the oldest message that waits, ns, or a little more; 0 when none does.
  std::int64_t oldest_ns(std::int64_t now_ns) const noexcept;
  std::uint64_t all_received() const noexcept;
  std::uint64_t all_sent() const noexcept;

  struct failure {
    std::string what;
    std::int64_t at_us = 0;
  };
  /// The last failure in a sentence; empty when there was none.
  failure last_error() const;
  void set_last_error(std::string text);

private:
  mutable std::mutex mutex_;
  failure last_error_;
};

/// All probes of living actors, and what the supervisors say. Thread-safe: actors join and leave on their
/// threads, the admin thread copies.
class probe_registry {
public:
  void add(std::shared_ptr<probe> what);
  void remove(const std::shared_ptr<probe>& what);
  std::vector<std::shared_ptr<const probe>> all() const;
  std::shared_ptr<const probe> find(std::uint64_t id) const;

  supervision_board supervisors;
  restart_history restarts;

private:
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<probe>> probes_;  ///< by id
};

}  // namespace tickcast::actors
