#pragma once
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <vector>

namespace tickcast::actors {

/// How long an actor's handlers take, in classes of half an octave from 128 ns on. One thread adds, any
/// reads. 232 bytes, for every actor has one.
class handler_times {
public:
  static constexpr std::size_t classes = 56;  ///< the last one is open from 26 s on
  /// Upper bound of a class, ns.
  static constexpr std::uint64_t bound_ns(std::size_t i) noexcept {
    const auto octave = std::uint64_t{64} << (i / 2 + 1);
    return i % 2 == 0 ? octave + octave / 2 : 2 * octave;
  }

  void add(std::uint64_t ns) noexcept {
    auto& count = counts_[class_of(ns)];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (ns > longest_.load(std::memory_order_relaxed)) longest_.store(ns, std::memory_order_relaxed);
  }
  std::array<std::uint32_t, classes> counts() const noexcept {
    std::array<std::uint32_t, classes> result;
    for (std::size_t i = 0; i < classes; ++i) result[i] = counts_[i].load(std::memory_order_relaxed);
    return result;
  }
  std::uint64_t longest_ns() const noexcept { return longest_.load(std::memory_order_relaxed); }

  static constexpr std::size_t class_of(std::uint64_t ns) noexcept {
    if (ns < 192) return 0;
    const auto width = static_cast<std::size_t>(std::bit_width(ns));  // at least 8
    const auto half = (ns >> (width - 2)) & 1U;
    const auto i = 2 * (width - 8) + half;
    return i < classes ? i : classes - 1;
  }

private:
  std::array<std::atomic<std::uint32_t>, classes> counts_{};
  std::atomic<std::uint64_t> longest_{0};
};

/// The `share` quantile (0 to 1) of such counts in ns, interpolated within its class; 0 without any.
std::uint64_t quantile_ns(const std::array<std::uint32_t, handler_times::classes>& counts, double share);

}  // namespace tickcast::actors
