#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "analytics/indicators/bar_input.hpp"

namespace tickcast::tests {

/// A made-up series, the same for the same kind, length and seed on every machine.
///   walk     prices around 100 that wander, with volume
///   gaps     the same with jumps of up to a tenth between bars, and bars without a range
///   flat     one price, one volume
///   still    a walk that stands still for stretches of some fifty bars, without volume there
///   trend    straight up
///   cheap    a walk around 1e-8
///   silent   a walk without any volume
std::vector<analytics::indicators::bar_input> seeded_series(std::string_view kind, std::size_t bars,
                                                            std::uint64_t seed = 1);

}  // namespace tickcast::tests
