#include "actors/topics/quote_table.hpp"

#include <algorithm>

namespace tickcast::actors {

quote_place& quote_table::add(const symbol& of, std::unique_ptr<quote_state> state) {
  if (of.id >= places_.size()) places_.resize(std::max<std::size_t>(of.id + 1, places_.size() * 2));
  places_[of.id] = std::make_unique<quote_place>(std::move(state));
  ++size_;
  return *places_[of.id];
}

}  // namespace tickcast::actors
