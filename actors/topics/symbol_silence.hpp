#pragma once
#include <chrono>
#include <cstdint>

namespace tickcast::actors {

struct feed_entry;
class quote_state;

/// Whether a symbol has been silent for longer than its feed's symbol_stale_ms. Nothing is noted at a tick:
/// who looks from time to time sees whether the symbol's count has moved, so the grain is that of the looks.
///
/// Silence counts while the feed is live and in session, from the last tick, the opening, or when the feed
/// became live, whichever was last. Once stale, a symbol is so until it is heard or its session closes.
/// Thread: the shard's.
class symbol_silence {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// True when it has changed.
  bool look(const quote_state& of, time_point now);
  bool is_stale() const noexcept { return stale_at_ != nullptr; }

private:
  bool should_be_stale(const feed_entry& owner, time_point now) const;

  std::uint64_t count_ = 0;
  time_point heard_{};
  const feed_entry* stale_at_ = nullptr;  ///< the feed that counts it among its stale symbols
};

}  // namespace tickcast::actors
