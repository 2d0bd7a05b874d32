#pragma once
#include <string_view>

#include "analytics/indicators/any_average.hpp"
#include "analytics/indicators/engine.hpp"

namespace tickcast::analytics::indicators {

// Parameters that many functions have.

inline parameter whole(std::string_view name, std::string_view text, double standard, double least = 1) {
  return {.name = name, .text = text, .least = least, .standard = standard};
}

/// How many bars a window or an average spans.
inline parameter period(double standard, double least = 1) {
  return whole("period", "bars it spans", standard, least);
}

inline parameter real(std::string_view name, std::string_view text, double standard, double least = -3e37,
                      double most = 3e37) {
  return {name, text, parameter_type::real, least, most, standard};
}

inline parameter average(std::string_view name, std::string_view text, average_kind standard) {
  return {name,
          text,
          parameter_type::average,
          0,
          static_cast<double>(average_names().size()) - 1,
          static_cast<double>(standard)};
}

inline average_kind kind(const arguments& with, std::size_t i) noexcept {
  return static_cast<average_kind>(with.whole(i));
}

/// A function that is `Series` of the closes, with a period.
template <class Series>
class of_close {
public:
  of_close(const arguments& with, arena& memory) : series_(with.whole(0), memory) {}
  static int look_back(const arguments& with) { return Series::look_back(with.whole(0)); }
  void step(const bar_input& bar, double* memory, double* out) noexcept {
    out[0] = series_.step(bar.close, memory);
  }

private:
  Series series_;
};

/// A function of one bar alone.
template <double (*Of)(const bar_input&)>
class of_bar {
public:
  of_bar(const arguments&, arena&) noexcept {}
  static int look_back(const arguments&) { return 0; }
  void step(const bar_input& bar, double*, double* out) noexcept { out[0] = Of(bar); }
};

inline constexpr unsigned high_low = high | low;
inline constexpr unsigned high_low_close = high | low | close;
inline constexpr unsigned prices = open | high | low | close;

/// What `share` is of `whole`; 0 of nothing.
inline double ratio(double share, double of) noexcept {
  return of != 0.0 ? share / of : 0.0;
}

}  // namespace tickcast::analytics::indicators
