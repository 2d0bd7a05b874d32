#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>

#include "analytics/indicators/block_window.hpp"

namespace tickcast::analytics::indicators {

/// Plain sum, for volumes and flows.
struct sum_fold {
  using value = double;
  double sum = 0;
  static double less(double x, double) noexcept { return x; }
  void prepend(double x, std::uint32_t) noexcept { sum += x; }
  void append(double x, std::uint32_t) noexcept { sum += x; }
  void join(const sum_fold& newer, std::uint32_t, std::uint32_t) noexcept { sum += newer.sum; }
};

/// Sum of differences from the anchor.
struct mean_fold {
  using value = double;
  double sum = 0;
  static double less(double x, double anchor) noexcept { return x - anchor; }
  void prepend(double d, std::uint32_t) noexcept { sum += d; }
  void append(double d, std::uint32_t) noexcept { sum += d; }
  void join(const mean_fold& newer, std::uint32_t, std::uint32_t) noexcept { sum += newer.sum; }
};

/// Sum, and sum weighted 1 for the oldest, 2 for the next and so on.
struct line_fold {
  using value = double;
  double sum = 0;
  double weighted = 0;
  static double less(double x, double anchor) noexcept { return x - anchor; }
  void prepend(double d, std::uint32_t) noexcept {
    sum += d;
    weighted += sum;
  }
  void append(double d, std::uint32_t offset) noexcept {
    sum += d;
    weighted += d * (offset + 1.0);
  }
  void join(const line_fold& newer, std::uint32_t older_count, std::uint32_t) noexcept {
    weighted += newer.weighted + older_count * newer.sum;
    sum += newer.sum;
  }
};

/// Sum and sum of squares.
struct spread_fold {
  using value = double;
  double sum = 0;
  double squares = 0;
  static double less(double x, double anchor) noexcept { return x - anchor; }
  void prepend(double d, std::uint32_t) noexcept {
    sum += d;
    squares += d * d;
  }
  void append(double d, std::uint32_t) noexcept { prepend(d, 0); }
  void join(const spread_fold& newer, std::uint32_t, std::uint32_t) noexcept {
    sum += newer.sum;
    squares += newer.squares;
  }
};

/// Two numbers that go together.
struct two {
  double x = 0;
  double y = 0;
};

/// Sums of two numbers at once.
struct two_sums_fold {
  using value = two;
  double x = 0;
  double y = 0;
  static two less(const two& v, const two&) noexcept { return v; }
  void prepend(const two& v, std::uint32_t) noexcept {
    x += v.x;
    y += v.y;
  }
  void append(const two& v, std::uint32_t) noexcept { prepend(v, 0); }
  void join(const two_sums_fold& newer, std::uint32_t, std::uint32_t) noexcept {
    x += newer.x;
    y += newer.y;
  }
};

/// Highest x and lowest y, and where each lies: its place in the present block, negative in the one before.
/// Of equals the latest counts.
struct range_fold {
  using value = two;
  double highest = -std::numeric_limits<double>::infinity();
  double lowest = std::numeric_limits<double>::infinity();
  double highest_at = 0;
  double lowest_at = 0;
  static two less(const two& v, const two&) noexcept { return v; }
  void prepend(const two& v, std::uint32_t offset) noexcept {
    if (v.x > highest) highest = v.x, highest_at = offset;
    if (v.y < lowest) lowest = v.y, lowest_at = offset;
  }
  void append(const two& v, std::uint32_t offset) noexcept {
    if (v.x >= highest) highest = v.x, highest_at = offset;
    if (v.y <= lowest) lowest = v.y, lowest_at = offset;
  }
  void join(const range_fold& newer, std::uint32_t, std::uint32_t size) noexcept {
    highest_at = newer.highest >= highest ? newer.highest_at : highest_at - size;
    lowest_at = newer.lowest <= lowest ? newer.lowest_at : lowest_at - size;
    highest = std::max(highest, newer.highest);
    lowest = std::min(lowest, newer.lowest);
  }
};

/// Highest x and lowest y.
struct extremes_fold {
  using value = two;
  double highest = -std::numeric_limits<double>::infinity();
  double lowest = std::numeric_limits<double>::infinity();
  static two less(const two& v, const two&) noexcept { return v; }
  void prepend(const two& v, std::uint32_t) noexcept {
    highest = std::max(highest, v.x);
    lowest = std::min(lowest, v.y);
  }
  void append(const two& v, std::uint32_t) noexcept { prepend(v, 0); }
  void join(const extremes_fold& newer, std::uint32_t, std::uint32_t) noexcept {
    highest = std::max(highest, newer.highest);
    lowest = std::min(lowest, newer.lowest);
  }
};

}  // namespace tickcast::analytics::indicators
