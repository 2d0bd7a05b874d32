#include "actors/topics/recent_ids.hpp"

#include <algorithm>

namespace tickcast::actors {
namespace {

std::uint64_t mix(std::uint64_t x) noexcept {
  // The finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection, so numeric ids of one feed never
  // collide.
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

std::uint64_t key(std::uint64_t feed, const protocol::trade_id& id) noexcept {
  const auto of_id = id.is == protocol::trade_id::kind::number
                         ? id.number
                         : std::hash<std::string_view>{}(*id.text) ^ 0x9e3779b97f4a7c15ULL;
  return mix(of_id + feed);
}

}  // namespace

bool recent_ids::look_for(std::uint64_t feed, const protocol::trade_id& id) {
  using kind = protocol::trade_id::kind;
  if (seen_.size() == seen_.capacity() && seen_.capacity() < window)
    seen_.set_capacity(std::max<std::size_t>(16, seen_.capacity() * 2));
  if (seen_.empty()) return true;
  if (only_rising_ && id.is == kind::number && feed == feed_ && id.number > highest_) return true;
  return std::find(seen_.begin(), seen_.end(), key(feed, id)) == seen_.end();
}

void recent_ids::remember(std::uint64_t feed, const protocol::trade_id& id) noexcept {
  using kind = protocol::trade_id::kind;
  if (id.is == kind::none) return;
  if (seen_.empty()) feed_ = feed;
  if (id.is == kind::number && feed == feed_)
    highest_ = std::max(highest_, id.number);
  else
    only_rising_ = false;
  seen_.push_back(key(feed, id));
}

void recent_ids::save(protocol::byte_writer& to) const {
  to.natural(feed_);
  to.natural(highest_);
  to.boolean(only_rising_);
  to.natural(seen_.size());
  for (const auto each : seen_) to.natural(each);
}

void recent_ids::load(protocol::byte_reader& from) {
  feed_ = from.natural();
  highest_ = from.natural();
  only_rising_ = from.boolean();
  seen_.clear();
  const auto count = from.natural_to(window);
  for (std::uint64_t i = 0; i < count && from.ok(); ++i) {
    const auto next = from.natural();
    if (seen_.size() == seen_.capacity())
      seen_.set_capacity(std::min(window, std::max<std::size_t>(16, seen_.capacity() * 2)));
    seen_.push_back(next);
  }
}

}  // namespace tickcast::actors
