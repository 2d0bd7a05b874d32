#include "analytics/anchored_bars.hpp"

namespace tickcast::analytics {

indicators::bar_input anchored_bars::peek(const protocol::bar& bar) {
  return {bar.open.to_double(),  bar.high.to_double(),   bar.low.to_double(),
          bar.close.to_double(), bar.volume.to_double(), day_ != sessions_.at(bar.time_ns).day};
}

indicators::bar_input anchored_bars::next(const protocol::bar& bar) {
  const auto result = peek(bar);
  day_ = sessions_.at(bar.time_ns).day;
  return result;
}

void anchored_bars::go_behind(std::optional<std::int64_t> bar_ns) {
  day_.reset();
  if (bar_ns) day_ = sessions_.at(*bar_ns).day;
}

}  // namespace tickcast::analytics
