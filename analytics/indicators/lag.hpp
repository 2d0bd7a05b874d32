#pragma once
#include <cstdint>

#include "analytics/indicators/engine.hpp"

namespace tickcast::analytics::indicators {

/// The value `count` steps ago.
class lag {
public:
  lag(int count, arena& memory)
      : size_(static_cast<std::uint32_t>(count) + 1), slots_(memory.take(size_)), empty_(size_ - 1) {}

  /// Takes x in; false until there is a value so long ago.
  bool step(double x, double* memory, double& past) noexcept {
    memory[slots_ + at_] = x;
    if (++at_ == size_) at_ = 0;
    if (empty_ != 0) {
      --empty_;
      return false;
    }
    past = memory[slots_ + at_];
    return true;
  }

private:
  std::uint32_t size_;
  std::uint32_t at_ = 0;
  std::size_t slots_;
  std::uint32_t empty_;
};

}  // namespace tickcast::analytics::indicators
