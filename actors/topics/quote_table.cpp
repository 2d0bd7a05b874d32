#include "actors/topics/quote_table.hpp"

#include <algorithm>
#include <utility>

namespace tickcast::actors {

quote_place& quote_table::add(const symbol& of, const feed_entry& from, const bar_forms& forms,
                              std::shared_ptr<const analytics::calendar> hours) {
  if (of.id >= places_.size()) places_.resize(std::max<std::size_t>(of.id + 1, places_.size() * 2));
  places_[of.id] = std::make_unique<quote_place>(of, from, forms, std::move(hours));
  ++size_;
  return *places_[of.id];
}

}  // namespace tickcast::actors
