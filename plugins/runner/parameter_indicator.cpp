#include <fmt/format.h>

#include "analytics/indicators/call.hpp"
#include "protocol/topic.hpp"
#include "tickcast/parameters.hpp"

// Apart from the other checks: only plugins that use it carry the indicators' descriptions.
namespace tickcast::plugins {

parameter_check& parameter_check::indicator(std::string_view name, need is) {
  if (!begin(name, is)) return *this;
  if (const auto parsed = analytics::indicators::parse_call(given_.text(name)); !parsed)
    faults_.push_back(
        fmt::format("parameter {} is \"{}\": {}", name, given_.text(name), parsed.error().message));
  return *this;
}

}  // namespace tickcast::plugins
