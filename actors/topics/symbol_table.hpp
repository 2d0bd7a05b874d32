#pragma once
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tickcast::actors {

/// A symbol the engine has met. Lives as long as its table, so everybody may keep pointers to it.
struct symbol {
  std::string name;
  std::uint32_t id;     ///< 0, 1, 2, … in order of first appearance
  std::uint32_t shard;  ///< the shard whose dispatcher owns the quote topic: hash of the name
};

/// Gives every symbol one number for the life of the process. Feeds ask once for a symbol and keep the
/// answer; after that a tick carries the number and nobody hashes its name again. Thread-safe; the lock is
/// only met for a symbol a feed has not seen before, and by HTTP and the console.
class symbol_table {
public:
  /// `most`: bound on the number of symbols (limits.topics).
  symbol_table(std::uint32_t shards, std::size_t most);

  /// The symbol, made if it is new; nullptr when the table is full.
  const symbol* intern(std::string_view name);
  const symbol* find(std::string_view name) const;
  /// The symbol of that number, which must have been given.
  const symbol& at(std::uint32_t id) const;
  std::vector<const symbol*> all() const;
  std::uint32_t shard_of(std::string_view name) const noexcept { return shard_of(name, shards_); }
  /// The shard of a name where there are so many.
  static std::uint32_t shard_of(std::string_view name, std::uint32_t shards) noexcept;

private:
  std::uint32_t shards_;
  std::size_t most_;
  mutable std::mutex mutex_;
  std::deque<symbol> symbols_;
  std::unordered_map<std::string_view, const symbol*> by_name_;
};

}  // namespace tickcast::actors
