#include "actors/users/claim_board.hpp"

#include <mutex>
#include <utility>

namespace tickcast::actors {

std::optional<std::string> claim_board::claim(const std::string& type, const std::string& owner,
                                              call_taker_actor taker) {
  const std::unique_lock guard{mutex_};
  const auto found = by_type_.find(type);
  if (found == by_type_.end()) {
    if (by_type_.size() >= most) return "too many other types";
    by_type_.emplace(type, claimed{owner, std::move(taker)});
    return std::nullopt;
  }
  if (found->second.owner != owner) return found->second.owner;
  found->second.taker = std::move(taker);
  return std::nullopt;
}

void claim_board::release(const std::string& type, const std::string& owner) {
  const std::unique_lock guard{mutex_};
  const auto found = by_type_.find(type);
  if (found != by_type_.end() && found->second.owner == owner) by_type_.erase(found);
}

call_taker_actor claim_board::find(std::string_view type) const {
  const std::shared_lock guard{mutex_};
  const auto found = by_type_.find(type);
  return found == by_type_.end() ? call_taker_actor{} : found->second.taker;
}

std::vector<claim_board::entry> claim_board::all() const {
  const std::shared_lock guard{mutex_};
  std::vector<entry> result;
  for (const auto& [type, each] : by_type_) result.push_back({type, each.owner});
  return result;
}

void claim_board::clear() {
  const std::unique_lock guard{mutex_};
  by_type_.clear();
}

}  // namespace tickcast::actors
