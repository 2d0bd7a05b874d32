#include "actors/topics/stored_offsets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "actors/topics/symbol_table.hpp"

namespace tickcast::actors {
namespace {

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t result = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return result;
}

}  // namespace

std::uint64_t stored_offset::lowest() const noexcept {
  return by_shard.empty() ? 0 : *std::min_element(by_shard.begin(), by_shard.end());
}

std::uint64_t stored_offset::highest() const noexcept {
  return by_shard.empty() ? 0 : *std::max_element(by_shard.begin(), by_shard.end());
}

std::uint64_t stored_offset::of_symbol(std::string_view name) const noexcept {
  return by_shard.empty()
             ? 0
             : by_shard[symbol_table::shard_of(name, static_cast<std::uint32_t>(by_shard.size()))];
}

std::string stored_offsets::key(std::string_view feed, std::uint32_t shard, std::uint32_t shards) {
  return fmt::format("{}/{}/{}", shards, shard, feed);
}

void stored_offsets::add(std::string_view key, std::uint64_t feed_seq) {
  const auto first = key.find('/');
  const auto second = first == key.npos ? key.npos : key.find('/', first + 1);
  if (second == key.npos) return;
  const auto shards = number(key.substr(0, first));
  const auto shard = number(key.substr(first + 1, second - first - 1));
  constexpr std::uint32_t most_shards = 4096;
  if (!shards || !shard || *shard >= *shards || *shards > most_shards) return;
  auto& of = by_feed_[std::string(key.substr(second + 1))][*shards].by_shard;
  of.resize(*shards);
  of[*shard] = feed_seq;
}

const stored_offset* stored_offsets::find(std::string_view feed) const {
  const auto found = by_feed_.find(feed);
  if (found == by_feed_.end()) return nullptr;
  // What a server with another number of shards has left is older, and so has come less far.
  const auto& kept = found->second;
  return &std::max_element(kept.begin(), kept.end(), [](const auto& a, const auto& b) {
            return a.second.highest() < b.second.highest();
          })->second;
}

}  // namespace tickcast::actors
