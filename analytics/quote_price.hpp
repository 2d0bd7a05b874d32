#pragma once
#include <optional>

#include "protocol/market.hpp"
#include "protocol/topic.hpp"

namespace tickcast::analytics {

/// The price that a quote tells for bars of this source; nothing for trades, and where a side it needs has no
/// orders.
std::optional<protocol::decimal> price_of(protocol::interval::source which, const protocol::quote& quote);

}  // namespace tickcast::analytics
