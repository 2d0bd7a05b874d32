#include "net/api/visible_symbols.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tickcast::net::api {

bool is_visible(const actors::engine& parts, const access::standing* who, std::string_view symbol) {
  if (!who) return true;
  const auto granted = [&](const std::string& topic) {
    return who->check(access::action::subscribe, topic).is != access::outcome::deny;
  };
  if (granted(fmt::format("trade.{}", symbol)) || granted(fmt::format("quote.{}", symbol))) return true;
  return std::any_of(parts.bars.intervals.begin(), parts.bars.intervals.end(), [&](const auto& interval) {
    return granted(fmt::format("bar.{}.{}", interval.name, symbol));
  });
}

}  // namespace tickcast::net::api
