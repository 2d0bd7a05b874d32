#include "actors/topics/delay_line.hpp"

#include <algorithm>
#include <utility>

namespace tickcast::actors {

bool delay_line::put(item what) {
  const bool full = updates_ >= most && drop_oldest();
  if (what.what) ++updates_;
  items_.push_back(std::move(what));
  return !full;
}

bool delay_line::drop_oldest() {
  // Positions stay: without one nobody would know whose updates those behind it are. There are few.
  const auto oldest =
      std::find_if(items_.begin(), items_.end(), [](const item& each) { return each.what != nullptr; });
  if (oldest == items_.end()) return false;
  items_.erase(oldest);
  --updates_;
  return true;
}

}  // namespace tickcast::actors
