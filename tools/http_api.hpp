#pragma once
#include "net/api/api_sources.hpp"
#include "net/server.hpp"

namespace tickcast::tools {

/// Puts `/api/v1` and `/udf` on the client port. Before the server starts; what the sources point to outlives
/// it.
void add_http_api(net::server& to, const net::api::api_sources& sources);

}  // namespace tickcast::tools
