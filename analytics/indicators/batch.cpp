#include "analytics/indicators/batch.hpp"

#include "analytics/indicators/indicator.hpp"

namespace tickcast::analytics::indicators {

std::vector<std::vector<double>> compute(const call& call, std::span<const bar_input> bars) {
  indicator running{call};
  std::vector<std::vector<double>> columns(running.outputs(), std::vector<double>(bars.size()));
  std::vector<double*> starts;
  for (auto& column : columns) starts.push_back(column.data());
  running.update_all(bars, starts);
  return columns;
}

}  // namespace tickcast::analytics::indicators
