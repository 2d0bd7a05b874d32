#include "store/symbol_memory.hpp"

#include <algorithm>

namespace tickcast::store {
namespace {

constexpr std::size_t most_holes = 1000;

void widen(hole& to, const hole& by) {
  to.from_ns = std::min(to.from_ns, by.from_ns);
  to.to_ns = std::max(to.to_ns, by.to_ns);
  to.rows += by.rows;
}

}  // namespace

symbol_memory* symbol_directory::find(std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

symbol_memory& symbol_directory::find_or_add(std::string_view name, symbol_id id) {
  std::unique_lock lock(mutex_);
  if (const auto found = by_name_.find(name); found != by_name_.end()) return *found->second;
  if (id == 0) id = static_cast<symbol_id>(std::max<std::size_t>(by_id_.size(), 1));
  if (by_id_.size() <= id) by_id_.resize(std::size_t{id} + 1);
  by_id_[id] = std::make_unique<symbol_memory>(id, name);
  by_name_.emplace(by_id_[id]->name, by_id_[id].get());
  return *by_id_[id];
}

symbol_memory* symbol_directory::by_id(symbol_id id) const {
  std::shared_lock lock(mutex_);
  return id < by_id_.size() ? by_id_[id].get() : nullptr;
}

symbol_id symbol_directory::last_id() const {
  std::shared_lock lock(mutex_);
  return by_id_.empty() ? 0 : static_cast<symbol_id>(by_id_.size() - 1);
}

std::vector<symbol_memory*> symbol_directory::all() const {
  std::vector<symbol_memory*> symbols;
  std::shared_lock lock(mutex_);
  for (const auto& each : by_id_)
    if (each) symbols.push_back(each.get());
  return symbols;
}

void add_hole(std::vector<hole>& to, const hole& made) {
  if (!to.empty() && made.from_ns <= to.back().to_ns && made.to_ns >= to.back().from_ns)
    return widen(to.back(), made);
  to.push_back(made);
  if (to.size() > most_holes) {
    widen(to[1], to[0]);
    to.erase(to.begin());
  }
}

}  // namespace tickcast::store
