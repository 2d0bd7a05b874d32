#pragma once
#include <array>
#include <atomic>
#include <cstdint>

#include "actors/runtime/metrics.hpp"
#include "actors/runtime/probe.hpp"

namespace tickcast::actors {

/// Classes of what happens inside the engine, ns.
inline constexpr std::array<std::int64_t, 14> latency_bounds_ns{
    20'000,    50'000,     100'000,    250'000,     500'000,     1'000'000,     2'500'000,
    5'000'000, 10'000'000, 25'000'000, 100'000'000, 250'000'000, 1'000'000'000, 10'000'000'000};
/// Classes of what begins outside: networks, and clocks that differ a little, ns.
inline constexpr std::array<std::int64_t, 14> age_bounds_ns{
    1'000'000,   2'500'000,   5'000'000,     10'000'000,    25'000'000,     50'000'000,     100'000'000,
    250'000'000, 500'000'000, 1'000'000'000, 2'500'000'000, 10'000'000'000, 60'000'000'000, 600'000'000'000};

/// Durations in fixed classes. One thread adds, any reads.
template <const auto& Bounds>
class duration_histogram {
public:
  void add(std::int64_t ns) noexcept {
    std::size_t i = 0;
    while (i < Bounds.size() && ns > Bounds[i]) ++i;
    bump(counts_[i]);
    bump(sum_ns_, static_cast<std::uint64_t>(ns < 0 ? 0 : ns));
  }
  histogram_reading read() const {
    histogram_reading result;
    for (const auto bound : Bounds) result.bounds.push_back(static_cast<double>(bound) / 1e9);
    std::uint64_t at_most = 0;
    for (const auto& count : counts_)
      result.counts.push_back(at_most += count.load(std::memory_order_relaxed));
    result.sum = static_cast<double>(sum_ns_.load(std::memory_order_relaxed)) / 1e9;
    return result;
  }

private:
  std::array<std::atomic<std::uint64_t>, Bounds.size() + 1> counts_{};
  std::atomic<std::uint64_t> sum_ns_{0};
};

using latency_histogram = duration_histogram<latency_bounds_ns>;
using age_histogram = duration_histogram<age_bounds_ns>;

}  // namespace tickcast::actors
