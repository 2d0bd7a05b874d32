#include "analytics/indicators/catalogue.hpp"

#include <algorithm>
#include <array>

#include "analytics/indicators/families.hpp"

namespace tickcast::analytics::indicators {

std::span<const std::string_view> average_names() noexcept {
  static constexpr std::array<std::string_view, 11> names{"sma",  "ema",  "wma", "dema", "tema", "trima",
                                                          "kama", "mama", "t3",  "hma",  "rma"};
  return names;
}

std::span<const description> catalogue() {
  static const auto all = [] {
    std::vector<description> functions;
    const auto add = [&functions](std::string_view group, std::vector<description> family) {
      for (auto& each : family) {
        each.group = group;
        functions.push_back(std::move(each));
      }
    };
    add("moving averages", moving_averages());
    add("bands and channels", bands());
    add("trend followers", trend_followers());
    add("momentum", momentum());
    add("oscillators", oscillators());
    add("stochastics", stochastics());
    add("directional movement", directional());
    add("volatility", volatility());
    add("volume", volume_flow());
    add("statistics", statistics());
    add("prices", price_transforms());
    add("cycles", cycles());
    return functions;
  }();
  return all;
}

const description* find(std::string_view name) {
  if (name.empty()) return nullptr;
  const auto all = catalogue();
  const auto found = std::find_if(all.begin(), all.end(), [name](const description& each) {
    return each.name == name || each.alias == name;
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace tickcast::analytics::indicators
