#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "analytics/indicators/bar_input.hpp"
#include "analytics/indicators/call.hpp"
#include "protocol/error.hpp"

namespace tickcast::analytics::indicators {

/// The running computation of one call. The first bar it is given is bar 0; what it answers for a bar depends
/// on all bars since then, and equal bars give equal bits, however they were given.
///
/// One thread at a time. Neither `update` nor `peek` allocates.
class indicator {
public:
  explicit indicator(const call& call);
  indicator(const indicator& other);
  indicator& operator=(const indicator& other);
  indicator(indicator&&) noexcept;
  indicator& operator=(indicator&&) noexcept;
  ~indicator();

  /// Takes a closed bar in. One value an output, NaN through the look-back, until the next call. Empty, and
  /// nothing has changed, when a number of `bar` is not finite: the caller counts that.
  std::span<const double> update(const bar_input& bar);
  /// What `update` would answer, without taking the bar in: for the bar that forms.
  std::span<const double> peek(const bar_input& bar);
  /// Takes many closed bars in; output o of bar i goes to `columns[o][i]`. A bar that `update` would refuse
  /// changes nothing and leaves NaN.
  void update_all(std::span<const bar_input> bars, std::span<double* const> columns);

  std::size_t outputs() const noexcept { return outputs_; }
  /// The call that this computes, written canonically.
  const std::string& text() const noexcept { return text_; }

  /// The whole state as bytes, for `load` by the same version of the program on the same kind of machine.
  std::vector<std::byte> save() const;
  /// What `save` kept of an indicator of the same call. Bytes of another call, another version or with a
  /// fault are refused; the caller then begins anew from history.
  static protocol::expected<indicator> load(const call& call, std::span<const std::byte> bytes);

private:
  std::string text_;
  std::unique_ptr<engine> engine_;
  std::size_t outputs_;
  std::array<double, most_outputs> values_{};
};

}  // namespace tickcast::analytics::indicators
