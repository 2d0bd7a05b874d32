#pragma once
#include <cstdint>
#include <random>

namespace tickcast::feeds {

/// Random numbers that are the same everywhere for one seed: the generator's sequence is fixed by the C++
/// standard (std::mt19937_64), and the distributions use only comparisons, + - * and powers of two, no
/// mathematics library.
class random_stream {
public:
  explicit random_stream(std::uint64_t seed) : engine_(seed) {}

  /// Evenly from [0, 1), 53 bits.
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  /// Evenly from [0, count).
  std::uint64_t below(std::uint64_t count) {
    return static_cast<std::uint64_t>(uniform() * static_cast<double>(count));
  }
  bool chance(double probability) { return uniform() < probability; }
  /// Exponential with mean 1, by von Neumann's comparisons (J. von Neumann, "Various techniques used in
  /// connection with random digits", 1951).
  double exponential();
  /// Nearly normal with mean 0 and variance 1: the sum of twelve uniform ones, less six. Never beyond ±6.
  double normal();

private:
  std::mt19937_64 engine_;
};

/// 2^x, with straight lines between whole powers; within 6.2 % of it.
double power_of_two(double x);

}  // namespace tickcast::feeds
