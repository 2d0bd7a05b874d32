#include "actors/topics/symbol_table.hpp"

namespace tickcast::actors {
namespace {

/// FNV-1a: the shard of a symbol must not depend on the library's hash, for it is seen in consoles and logs.
std::uint64_t fnv1a(std::string_view text) noexcept {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

}  // namespace

symbol_table::symbol_table(std::uint32_t shards, std::size_t most) : shards_(shards), most_(most) {}

std::uint32_t symbol_table::shard_of(std::string_view name, std::uint32_t shards) noexcept {
  return static_cast<std::uint32_t>(fnv1a(name) % shards);
}

const symbol* symbol_table::intern(std::string_view name) {
  std::lock_guard guard{mutex_};
  if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
  if (symbols_.size() >= most_) return nullptr;
  auto& made = symbols_.emplace_back(
      symbol{std::string(name), static_cast<std::uint32_t>(symbols_.size()), shard_of(name)});
  by_name_.emplace(made.name, &made);
  return &made;
}

const symbol* symbol_table::find(std::string_view name) const {
  std::lock_guard guard{mutex_};
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

const symbol& symbol_table::at(std::uint32_t id) const {
  std::lock_guard guard{mutex_};
  return symbols_.at(id);
}

std::vector<const symbol*> symbol_table::all() const {
  std::lock_guard guard{mutex_};
  std::vector<const symbol*> result;
  result.reserve(symbols_.size());
  for (const auto& each : symbols_) result.push_back(&each);
  return result;
}

}  // namespace tickcast::actors
