#include "actors/runtime/handler_times.hpp"

#include <numeric>

namespace tickcast::actors {

std::uint64_t quantile_ns(const std::array<std::uint32_t, handler_times::classes>& counts, double share) {
  const auto all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (all == 0) return 0;
  const auto wanted = share * static_cast<double>(all);
  double before = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto here = static_cast<double>(counts[i]);
    if (here > 0 && before + here >= wanted) {
      const auto low = i == 0 ? 0.0 : static_cast<double>(handler_times::bound_ns(i - 1));
      const auto high = static_cast<double>(handler_times::bound_ns(i));
      return static_cast<std::uint64_t>(low + (high - low) * (wanted - before) / here);
    }
    before += here;
  }
  return handler_times::bound_ns(counts.size() - 1);
}

}  // namespace tickcast::actors
