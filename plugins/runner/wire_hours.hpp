#pragma once
#include <memory>
#include <nlohmann/json.hpp>

#include "analytics/instruments.hpp"

namespace tickcast::plugins::wire {

/// When symbols trade, for a plugin in a process of its own: of each instrument its symbol or pattern, zone
/// and hours, in their order.
nlohmann::json of(const analytics::instruments& listed);
/// Throws nlohmann::json::exception, and std::runtime_error for hours or a zone that are none.
std::shared_ptr<const analytics::instruments> instruments_of(const nlohmann::json& from);

}  // namespace tickcast::plugins::wire
