#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "analytics/indicators/catalogue.hpp"
#include "protocol/error.hpp"

namespace tickcast::analytics::indicators {

/// One indicator with its parameters, as `macd(12,26,9)` asks for it.
struct call {
  /// Name and every parameter, written one way: equal calls have equal texts and can share a computation.
  std::string canonical;
  /// As the caller wrote it; answers repeat this.
  std::string spelled;
  const description* function = nullptr;
  std::vector<double> parameters;  ///< all of them, defaults filled in

  /// What the outputs are called, in the caller's spelling: `macd(12,26,9).macd`, or the call itself where
  /// there is but one.
  std::vector<std::string> outputs() const;
  /// How many bars come before the first that has values.
  int look_back() const;
  /// How many bars ahead (negative: behind) a chart draws output `i`.
  int shift(std::size_t i) const;
};

/// Reads `name`, `name()` or `name(parameters)`: lower case, no blanks, parameters from the left, defaults
/// for those left out. The error's sentence says what would be allowed. At most 128 bytes.
protocol::expected<call> parse_call(std::string_view text);

/// Splits `sma(30),macd(12,26,9)` at the commas outside of parentheses. Says nothing of whether the parts are
/// calls; an empty text has no parts.
std::vector<std::string_view> split_calls(std::string_view text);

}  // namespace tickcast::analytics::indicators
