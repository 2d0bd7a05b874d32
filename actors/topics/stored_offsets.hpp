#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tickcast::actors {

/// How far a feed's messages are in the store: each shard has its own rows, and its own `feed_seq` up to
/// which they are complete. What comes again from a feed that resumes is known by it.
struct stored_offset {
  std::vector<std::uint64_t> by_shard;  ///< of as many shards as there were then

  /// All is stored up to here: a feed that begins again behind it loses nothing.
  std::uint64_t lowest() const noexcept;
  /// Nothing beyond is stored.
  std::uint64_t highest() const noexcept;
  /// The feed_seq up to which a symbol's messages are stored.
  std::uint64_t of_symbol(std::string_view name) const noexcept;
};

/// By feed, as the store was found at the start. Read-only once feeds run.
class stored_offsets {
public:
  /// Reads what key() made; others are left alone.
  void add(std::string_view key, std::uint64_t feed_seq);
  /// Null: nothing of that feed was stored.
  const stored_offset* find(std::string_view feed) const;

  /// What a shard's offsets are called in the store.
  static std::string key(std::string_view feed, std::uint32_t shard, std::uint32_t shards);

private:
  std::map<std::string, std::map<std::uint32_t, stored_offset>, std::less<>>
      by_feed_;  ///< by number of shards
};

}  // namespace tickcast::actors
