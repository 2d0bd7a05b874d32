#pragma once
#include <cstdint>
#include <cstring>

#include "analytics/indicators/engine.hpp"

namespace tickcast::analytics::indicators {

/// An aggregate of the last `size` values that never takes a value out again: what is never subtracted
/// cannot cancel or drift, and it works for extremes as well as for sums.
///
/// Time is cut into blocks of `size` values. When a block ends, the aggregates of its ends (from each value
/// to the last) are computed backwards once; the window at any later moment is such an end joined with what
/// has come in of the present block. Amortised O(1). (Van Herk 1992, Gil and Werman 1993: running extremes;
/// here for any fold.)
///
/// `Fold` says what is aggregated; its `value` is one or more doubles. Values are folded less an anchor, the
/// last value of the block before: so sums of a price are sums of small numbers, a flat series gives exactly
/// zero, and squares keep their digits. A fold that wants none ignores it.
template <class Fold>
class block_window {
public:
  using value = typename Fold::value;

  block_window(int size, arena& memory)
      : size_(static_cast<std::uint32_t>(size)),
        raw_(memory.take(size_ * doubles<value>)),
        ends_(memory.take(size_ * doubles<Fold>)) {}

  /// Takes the next value in; true when as many as the window holds have come.
  bool step(const value& x, double* memory) noexcept {
    put(memory + raw_ + phase_ * doubles<value>, x);
    if (phase_ + 1 == size_) {
      end_block(x, memory);
      return true;
    }
    newer_.append(Fold::less(x, anchor_), phase_);
    ++phase_;
    if (!full_) return false;
    total_ = get<Fold>(memory + ends_ + phase_ * doubles<Fold>);
    total_.join(newer_, size_ - phase_, size_);
    return true;
  }

  /// The aggregate of the window; once `step` has been true.
  const Fold& total() const noexcept { return total_; }
  const value& anchor() const noexcept { return anchor_; }
  int size() const noexcept { return static_cast<int>(size_); }
  /// Where in its block the last value lies.
  int offset() const noexcept { return static_cast<int>(phase_ == 0 ? size_ - 1 : phase_ - 1); }
  /// The values of the window, in no particular order; once `step` has been true.
  value at(int i, const double* memory) const noexcept {
    return get<value>(memory + raw_ + static_cast<std::size_t>(i) * doubles<value>);
  }

private:
  template <class T>
  static constexpr std::size_t doubles = sizeof(T) / sizeof(double);
  template <class T>
  static T get(const double* from) noexcept {
    T result;
    std::memcpy(static_cast<void*>(&result), from, sizeof(T));
    return result;
  }
  template <class T>
  static void put(double* to, const T& what) noexcept {
    std::memcpy(to, &what, sizeof(T));
  }

  void end_block(const value& last, double* memory) noexcept {
    anchor_ = last;
    Fold fold;
    for (auto j = size_; j-- > 0;) {
      fold.prepend(Fold::less(get<value>(memory + raw_ + j * doubles<value>), anchor_), j);
      put(memory + ends_ + j * doubles<Fold>, fold);
    }
    total_ = fold;
    newer_ = Fold{};
    phase_ = 0;
    full_ = true;
  }

  std::uint32_t size_;
  std::uint32_t phase_ = 0;
  std::size_t raw_;
  std::size_t ends_;
  value anchor_{};
  Fold newer_{};
  Fold total_{};
  bool full_ = false;
};

}  // namespace tickcast::analytics::indicators
