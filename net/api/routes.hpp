#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "net/api/api_sources.hpp"

namespace tickcast::net::api {

/// Rows that one answer holds at most.
inline constexpr std::size_t most_rows = 50'000;
inline constexpr std::size_t default_rows = 500;

/// Clients must be admitted; backends, who come over the service bus, have been.
enum class audience : std::uint8_t { clients, backends };

/// All of `/api/v1`, one group a file. What the sources point to outlives the routes.
std::vector<api_route> api_routes(const api_sources& sources, audience whose = audience::clients);

using sources_ptr = std::shared_ptr<const api_sources>;
api_route bars_route(sources_ptr from);
api_route indicators_route(sources_ptr from);
api_route trades_route(sources_ptr from);
api_route quote_route(sources_ptr from);
std::vector<api_route> instrument_routes(sources_ptr from);
api_route document_route(const api_sources& from);

}  // namespace tickcast::net::api
