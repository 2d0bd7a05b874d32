#pragma once
#include <vector>

#include "analytics/indicators/catalogue.hpp"

namespace tickcast::analytics::indicators {

// The functions by group; `catalogue` puts them together.
std::vector<description> moving_averages();
std::vector<description> oscillators();

}  // namespace tickcast::analytics::indicators
