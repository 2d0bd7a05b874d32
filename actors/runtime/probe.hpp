#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace tickcast::actors {

/// Adds to a counter that one thread alone writes: a plain load and store, no locked instruction.
inline void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

/// Who an actor is, for people. The views point to text that outlives the actor.
struct identity {
  std::string_view kind;    ///< vocabulary: "quote topic", "connection", …
  std::string name;         ///< symbol, topic, address, …
  std::string_view parent;  ///< path of its supervisor, e.g. "root/shards/0"
  std::string_view thread;  ///< its host's name, or "workers"
};

/// What the console and `/metrics` read of one actor, without asking it.
/// Written by the actor (depth: also by senders), read by the admin thread.
struct probe {
  identity who;
  std::uint64_t id = 0;  ///< CAF's actor id
  std::atomic<std::int64_t> depth{0};
  std::atomic<std::uint64_t> received{0};
  std::atomic<std::uint64_t> busy_ns{0};
  /// Counts what reaches the actor without a message, where its owner keeps that; outlives the actor.
  const std::atomic<std::uint64_t>* received_elsewhere = nullptr;

  /// The last failure in a sentence, kept after a handler threw; empty when none did.
  std::string last_error() const;
  void set_last_error(std::string text);

private:
  mutable std::mutex mutex_;
  std::string last_error_;
};

/// All probes of living actors. Thread-safe: actors join and leave on their threads, the admin thread copies.
class probe_registry {
public:
  void add(std::shared_ptr<probe> what);
  void remove(const std::shared_ptr<probe>& what);
  std::vector<std::shared_ptr<const probe>> all() const;

private:
  mutable std::mutex mutex_;
  std::unordered_set<std::shared_ptr<probe>> probes_;
};

}  // namespace tickcast::actors
