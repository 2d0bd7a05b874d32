#pragma once
#include <span>
#include <vector>

#include "analytics/indicators/bar_input.hpp"
#include "analytics/indicators/call.hpp"

namespace tickcast::analytics::indicators {

/// A whole series at once: one column an output, each as long as `bars`, NaN through the look-back and where
/// a bar is not finite (such a bar counts as if it were not there). The same bits as `indicator` gives bar by
/// bar.
std::vector<std::vector<double>> compute(const call& call, std::span<const bar_input> bars);

}  // namespace tickcast::analytics::indicators
