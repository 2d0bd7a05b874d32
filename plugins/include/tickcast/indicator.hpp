#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tickcast::plugins {

/// What stands behind an indicator: the engine's.
class computed {
public:
  virtual ~computed() = default;
  virtual const std::vector<std::string>& outputs() const noexcept = 0;
  virtual bool ready() const noexcept = 0;
  virtual std::span<const double> now() const noexcept = 0;
  virtual std::span<const double> closed() const noexcept = 0;
  virtual std::int64_t time_ns() const noexcept = 0;
  virtual std::int64_t closed_time_ns() const noexcept = 0;
};

/// An indicator over the bars of one symbol and interval, from context::indicator(). Copies are of the same
/// one. It changes before the handler of the bar that changes it is called, never within a handler.
///
/// It is computed over every stored bar up to now and every one that comes, so its figures are those of
/// /api/v1/indicators, to the bit; a revised bar changes it as if the bar had been so from the beginning.
class indicator {
public:
  indicator() = default;
  explicit indicator(std::shared_ptr<const computed> what) : what_(std::move(what)) {}

  /// Of the bar that forms, or of the last closed one while none forms. NaN, which JSON writes as null, until
  /// enough bars have come. `output`: which of outputs().
  double value(std::size_t output = 0) const { return pick(values(), output); }
  std::vector<double> values() const { return what_ ? list(what_->now()) : std::vector<double>(); }
  /// Of the last closed bar.
  double closed(std::size_t output = 0) const { return pick(closed_values(), output); }
  std::vector<double> closed_values() const { return what_ ? list(what_->closed()) : std::vector<double>(); }
  /// The bar that value() is of, by its time, and the one that closed() is of; 0: none yet.
  std::int64_t time_ns() const { return what_ ? what_->time_ns() : 0; }
  std::int64_t closed_time_ns() const { return what_ ? what_->closed_time_ns() : 0; }

  /// As in the call: `macd(12,26,9).macd`, or the call itself where there is but one.
  std::vector<std::string> outputs() const { return what_ ? what_->outputs() : std::vector<std::string>(); }
  /// The stored bars have been taken in. Before that its bars' on_history and on_bar are held back.
  bool ready() const { return what_ && what_->ready(); }

private:
  static std::vector<double> list(std::span<const double> of) { return {of.begin(), of.end()}; }
  static double pick(const std::vector<double>& of, std::size_t output) {
    return output < of.size() ? of[output] : std::numeric_limits<double>::quiet_NaN();
  }

  std::shared_ptr<const computed> what_;
};

}  // namespace tickcast::plugins
