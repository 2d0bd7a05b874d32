#pragma once

namespace tickcast::analytics::indicators {

/// One bar as indicators take it: prices and volume as doubles, in the symbol's own units.
struct bar_input {
  double open = 0;
  double high = 0;
  double low = 0;
  double close = 0;
  double volume = 0;
  /// The first bar of a session (or of whatever the caller anchors to): `vwap` begins anew with it, all
  /// others ignore it.
  bool anchor = false;
};

/// Whether every number of `bar` is finite. An indicator refuses any other bar.
inline bool is_finite(const bar_input& bar) noexcept {
  // x - x is 0 for what is finite and NaN for all else; one comparison instead of five.
  return (bar.open - bar.open) + (bar.high - bar.high) + (bar.low - bar.low) + (bar.close - bar.close) +
             (bar.volume - bar.volume) ==
         0.0;
}

}  // namespace tickcast::analytics::indicators
