#pragma once
#include <string>

namespace tickcast::analytics::indicators {

/// The catalogue as Markdown, a table a group: what stands in docs/indicators.md between its markers.
std::string reference();

}  // namespace tickcast::analytics::indicators
