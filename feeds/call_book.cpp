#include "feeds/call_book.hpp"

#include <charconv>
#include <functional>
#include <utility>

namespace tickcast::feeds {
namespace {

/// How much the worker is the user's: the highest takes the call.
std::uint64_t weight(std::string_view peer, std::string_view user) noexcept {
  constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
  auto mixed = std::hash<std::string_view>{}(peer) + golden * (std::hash<std::string_view>{}(user) | 1U);
  mixed ^= mixed >> 31;
  mixed *= 0xbf58476d1ce4e5b9;
  return mixed ^ (mixed >> 29);
}

}  // namespace

call_worker& call_book::claim(const routed_message& way, protocol::encoding as, std::string name,
                              const std::vector<std::string>& types, clock::time_point now) {
  auto& of = workers_[way.peer];
  of.way = way;
  of.way.body.clear();
  of.as = as;
  of.name = std::move(name);
  of.types.insert(types.begin(), types.end());
  of.heard = now;
  return of;
}

void call_book::unclaim(const std::string& peer, const std::vector<std::string>& types) {
  const auto found = workers_.find(peer);
  if (found == workers_.end()) return;
  if (types.empty()) found->second.types.clear();
  for (const auto& each : types) found->second.types.erase(each);
}

void call_book::heard(const std::string& peer, clock::time_point now) {
  if (const auto found = workers_.find(peer); found != workers_.end()) found->second.heard = now;
}

void call_book::all_heard(clock::time_point now) {
  for (auto& [peer, each] : workers_) each.heard = now;
}

call_worker* call_book::choose(std::string_view type, std::string_view user) {
  call_worker* best = nullptr;
  std::uint64_t most = 0;
  for (auto& [peer, each] : workers_) {
    if (!each.types.contains(type)) continue;
    const auto mine = weight(peer, user);
    if (best && mine <= most) continue;
    best = &each;
    most = mine;
  }
  return best;
}

bool call_book::is_claimed(std::string_view type) const {
  for (const auto& [peer, each] : workers_)
    if (each.types.contains(type)) return true;
  return false;
}

std::string call_book::open(call_worker& by, std::shared_ptr<actors::call_errand> back,
                            clock::time_point due) {
  const auto number = ++last_;
  calls_.emplace(number, open_call{by.way.peer, std::move(back), due});
  by_due_.emplace(due, number);
  ++by.open;
  return "c" + std::to_string(number);
}

void call_book::closed_one(const std::string& peer) {
  if (const auto by = workers_.find(peer); by != workers_.end()) --by->second.open;
}

std::shared_ptr<actors::call_errand> call_book::close(const std::string& peer, std::string_view id) {
  std::uint64_t number = 0;
  if (!id.starts_with('c')) return nullptr;
  const auto end = id.data() + id.size();
  if (std::from_chars(id.data() + 1, end, number).ptr != end) return nullptr;
  const auto found = calls_.find(number);
  if (found == calls_.end() || found->second.peer != peer) return nullptr;
  auto back = std::move(found->second.back);
  const auto [first, last] = by_due_.equal_range(found->second.due);
  for (auto at = first; at != last; ++at)
    if (at->second == number) {
      by_due_.erase(at);
      break;
    }
  calls_.erase(found);
  closed_one(peer);
  return back;
}

std::vector<std::shared_ptr<actors::call_errand>> call_book::lose(const std::string& peer) {
  std::vector<std::shared_ptr<actors::call_errand>> lost;
  workers_.erase(peer);
  for (auto at = by_due_.begin(); at != by_due_.end();) {
    const auto found = calls_.find(at->second);
    if (found->second.peer != peer) {
      ++at;
      continue;
    }
    lost.push_back(std::move(found->second.back));
    calls_.erase(found);
    at = by_due_.erase(at);
  }
  return lost;
}

std::vector<std::string> call_book::silent_since(clock::time_point when) const {
  std::vector<std::string> silent;
  for (const auto& [peer, each] : workers_)
    if (each.heard < when) silent.push_back(peer);
  return silent;
}

std::vector<std::shared_ptr<actors::call_errand>> call_book::overdue(clock::time_point now) {
  std::vector<std::shared_ptr<actors::call_errand>> late;
  while (!by_due_.empty() && by_due_.begin()->first <= now) {
    const auto found = calls_.find(by_due_.begin()->second);
    closed_one(found->second.peer);
    late.push_back(std::move(found->second.back));
    calls_.erase(found);
    by_due_.erase(by_due_.begin());
  }
  return late;
}

std::set<std::string> call_book::types() const {
  std::set<std::string> all;
  for (const auto& [peer, each] : workers_) all.insert(each.types.begin(), each.types.end());
  return all;
}

}  // namespace tickcast::feeds
