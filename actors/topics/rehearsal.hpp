#pragma once
#include <functional>
#include <string>

#include "actors/topics/symbol_table.hpp"
#include "config/config.hpp"
#include "protocol/market.hpp"

namespace tickcast::actors {

/// Failures on request (`[debug]`): how operators and tests rehearse them. Empty while the configuration asks
/// for none.
std::function<void(const symbol&, const protocol::trade&)> trade_fault(const config::debug_section& asked);
std::function<void(const std::string& topic, const std::string& data)> event_fault(
    const config::debug_section& asked);

}  // namespace tickcast::actors
