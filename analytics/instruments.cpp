#include "analytics/instruments.hpp"

#include <fmt/format.h>

#include <utility>

#include "protocol/topic_pattern.hpp"

namespace tickcast::analytics {

instruments::instruments(std::vector<listed_instrument> listed)
    : listed_(std::move(listed)), round_the_clock_(std::make_shared<const calendar>()) {}

tl::expected<instruments, std::string> instruments::make(const std::vector<protocol::instrument>& listed) {
  std::vector<listed_instrument> result;
  for (const auto& each : listed) {
    auto hours = calendar::make(each.hours, each.zone);
    if (!hours) return tl::unexpected(fmt::format("instrument {}: {}", each.symbol, hours.error()));
    result.push_back({each, std::make_shared<const calendar>(std::move(*hours))});
  }
  return instruments(std::move(result));
}

listed_instrument instruments::find(std::string_view symbol) const {
  const listed_instrument* found = nullptr;
  for (const auto& each : listed_) {
    if (each.what.symbol == symbol) {
      found = &each;
      break;
    }
    const protocol::topic_pattern pattern{protocol::topic_pattern::kind::glob, each.what.symbol};
    if (!found && pattern.matches(symbol)) found = &each;
  }
  listed_instrument result;
  if (found)
    result = *found;
  else
    result.hours = round_the_clock_;
  result.what.symbol = symbol;
  return result;
}

}  // namespace tickcast::analytics
