#pragma once
#include <array>
#include <optional>
#include <string_view>

namespace tickcast::net::udf {

/// A bar interval under its two names: ours ("1m", "1d") and TradingView's ("1", "1D").
struct resolution {
  enum class unit { seconds, minutes, days, weeks, months };
  std::string_view interval;
  std::string_view name;
  std::string_view multiplier;  ///< of the unit, as SymbolInfo lists it
  unit of;

  /// Whether its bars stand for trading days or more, and are stamped so.
  bool is_daily() const noexcept { return of != unit::seconds && of != unit::minutes; }
};

/// All that can be asked for, in ascending order.
inline constexpr std::array<resolution, 11> resolutions{{
    {"1s", "1S", "1", resolution::unit::seconds},
    {"5s", "5S", "5", resolution::unit::seconds},
    {"1m", "1", "1", resolution::unit::minutes},
    {"5m", "5", "5", resolution::unit::minutes},
    {"15m", "15", "15", resolution::unit::minutes},
    {"30m", "30", "30", resolution::unit::minutes},
    {"1h", "60", "60", resolution::unit::minutes},
    {"4h", "240", "240", resolution::unit::minutes},
    {"1d", "1D", "1", resolution::unit::days},
    {"1w", "1W", "1", resolution::unit::weeks},
    {"1mo", "1M", "1", resolution::unit::months},
}};

/// By TradingView's name; "S", "D", "W" and "M" are "1S" and so on.
constexpr std::optional<resolution> find_resolution(std::string_view name) noexcept {
  for (const auto& each : resolutions) {
    if (each.name == name) return each;
    if (name.size() == 1 && each.multiplier == "1" && each.name.size() == 2 && each.name.substr(1) == name)
      return each;
  }
  return std::nullopt;
}

}  // namespace tickcast::net::udf
