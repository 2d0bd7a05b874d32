#pragma once
#include <vector>

#include "analytics/indicators/catalogue.hpp"

namespace tickcast::analytics::indicators {

// The functions by group; `catalogue` puts them together.
std::vector<description> moving_averages();
std::vector<description> bands();
std::vector<description> trend_followers();
std::vector<description> momentum();
std::vector<description> oscillators();
std::vector<description> stochastics();
std::vector<description> directional();
std::vector<description> volatility();
std::vector<description> volume_flow();
std::vector<description> statistics();
std::vector<description> price_transforms();
std::vector<description> cycles();

}  // namespace tickcast::analytics::indicators
