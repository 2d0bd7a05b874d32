#include "actors/topics/feed_board.hpp"

#include <chrono>

namespace tickcast::actors {
namespace {

/// FNV-1a.
std::uint64_t key_of(std::string_view name) noexcept {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

}  // namespace

feed_entry& feed_board::add(std::string_view name, int priority, bool simulated, std::int64_t stale_ns) {
  std::lock_guard guard{mutex_};
  for (auto& each : entries_)
    if (each.name == name) return each;
  auto& made = entries_.emplace_back();
  made.name = name;
  made.id = static_cast<std::uint16_t>(entries_.size() - 1);
  made.key = key_of(name);
  made.priority = priority;
  made.simulated = simulated;
  made.stale_ns = stale_ns;
  return made;
}

std::vector<const feed_entry*> feed_board::all() const {
  std::lock_guard guard{mutex_};
  std::vector<const feed_entry*> result;
  for (const auto& each : entries_) result.push_back(&each);
  return result;
}

std::vector<feed_entry*> feed_board::all() {
  std::lock_guard guard{mutex_};
  std::vector<feed_entry*> result;
  for (auto& each : entries_) result.push_back(&each);
  return result;
}

std::int64_t feed_board::steady_now_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void feed_board::set_state(feed_entry& feed, protocol::feed_state state, std::int64_t now_ns) {
  if (feed.state.exchange(state, std::memory_order_acq_rel) == state) return;
  feed.changed_ns.store(now_ns, std::memory_order_relaxed);
  version_.fetch_add(1, std::memory_order_acq_rel);
}

}  // namespace tickcast::actors
