#include "analytics/instruments.hpp"

#include <fmt/format.h>

#include <utility>

#include "protocol/topic_pattern.hpp"

namespace tickcast::analytics {

instruments::instruments(std::vector<listed_instrument> listed)
    : listed_(std::move(listed)), round_the_clock_(std::make_shared<const calendar>()) {
  for (std::size_t i = 0; i < listed_.size(); ++i) {
    const auto& symbol = listed_[i].what.symbol;
    by_name_.emplace(symbol, i);
    if (symbol.find_first_of("*?") != std::string::npos) patterns_.push_back(i);
  }
}

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
  const auto named = by_name_.find(symbol);
  const listed_instrument* found = named == by_name_.end() ? nullptr : &listed_[named->second];
  for (const auto i : patterns_) {
    if (found) break;
    const protocol::topic_pattern pattern{protocol::topic_pattern::kind::glob, listed_[i].what.symbol};
    if (pattern.matches(symbol)) found = &listed_[i];
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
