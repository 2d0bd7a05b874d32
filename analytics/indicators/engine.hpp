#pragma once
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "analytics/indicators/bar_input.hpp"
#include "analytics/indicators/catalogue.hpp"

namespace tickcast::analytics::indicators {

inline constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Hands out places in the memory of one indicator while it is made: each window takes its own once.
class arena {
public:
  std::size_t take(std::size_t doubles) noexcept {
    const auto at = size_;
    size_ += doubles;
    return at;
  }
  std::size_t size() const noexcept { return size_; }

private:
  std::size_t size_ = 0;
};

/// The state of one function, whatever it is. Behind `indicator`.
class engine {
public:
  virtual ~engine() = default;
  virtual void update(const bar_input& bar, double* out) = 0;
  virtual void peek(const bar_input& bar, double* out) = 0;
  virtual void update_all(std::span<const bar_input> bars, std::span<double* const> columns) = 0;
  virtual std::unique_ptr<engine> clone() const = 0;
  /// Becomes a copy of `other`, which computes the same call.
  virtual void assign(const engine& other) = 0;
  virtual std::size_t bytes() const noexcept = 0;
  virtual void save(std::byte* to) const noexcept = 0;
  virtual void load(const std::byte* from) noexcept = 0;
};

/// The state of a function in two parts. The kernel holds the few numbers that every bar changes; it is
/// trivially copyable. The windows lie in `memory`, and a kernel's step writes only to slots that the kernel
/// as it was before the step no longer reads. So `peek` is a step of a copy of the kernel over the same
/// memory: exactly the value of `update`, nothing committed, no window copied.
///
/// A kernel has a constructor from (arguments, arena&), `static int look_back(arguments)`, and
/// `void step(bar, memory, out)`, which fills in one value an output, NaN before the look-back is over.
template <class Kernel>
class engine_of final : public engine {
  static_assert(std::is_trivially_copyable_v<Kernel>);

public:
  explicit engine_of(const arguments& with) : engine_of(with, arena{}) {}

  void update(const bar_input& bar, double* out) override { kernel_.step(bar, memory_.data(), out); }
  void peek(const bar_input& bar, double* out) override {
    Kernel copy = kernel_;
    copy.step(bar, memory_.data(), out);
  }
  void update_all(std::span<const bar_input> bars, std::span<double* const> columns) override {
    double values[most_outputs];
    for (std::size_t i = 0; i < bars.size(); ++i) {
      if (is_finite(bars[i])) {
        kernel_.step(bars[i], memory_.data(), values);
      } else {
        for (auto& value : values) value = none;
      }
      for (std::size_t o = 0; o < columns.size(); ++o) columns[o][i] = values[o];
    }
  }

  std::unique_ptr<engine> clone() const override { return std::make_unique<engine_of>(*this); }
  void assign(const engine& other) override { *this = static_cast<const engine_of&>(other); }

  std::size_t bytes() const noexcept override { return sizeof(Kernel) + memory_.size() * sizeof(double); }
  void save(std::byte* to) const noexcept override {
    std::memcpy(to, &kernel_, sizeof(Kernel));
    if (!memory_.empty()) std::memcpy(to + sizeof(Kernel), memory_.data(), memory_.size() * sizeof(double));
  }
  void load(const std::byte* from) noexcept override {
    std::memcpy(static_cast<void*>(&kernel_), from, sizeof(Kernel));
    if (!memory_.empty()) std::memcpy(memory_.data(), from + sizeof(Kernel), memory_.size() * sizeof(double));
  }

private:
  engine_of(const arguments& with, arena places) : kernel_(with, places), memory_(places.size()) {}

  Kernel kernel_;
  std::vector<double> memory_;
};

/// `known` with the computation filled in.
template <class Kernel>
description described(description known) {
  known.look_back = &Kernel::look_back;
  known.make = [](const arguments& with) -> std::unique_ptr<engine> {
    return std::make_unique<engine_of<Kernel>>(with);
  };
  return known;
}

}  // namespace tickcast::analytics::indicators
