#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace tickcast::net {

/// Whether a page of `origin` may open a WebSocket here: it comes from this server itself (its host and port
/// are those of the Host header), or `allowed` (listen.allowed_origins) names it or says "*". A client that
/// sends no Origin is no browser and may always.
bool origin_allowed(std::string_view origin, std::string_view host, const std::vector<std::string>& allowed);

/// Whether `listed` names `origin` or says "*". No Origin is never listed.
bool origin_listed(std::string_view origin, const std::vector<std::string>& listed);

/// Whether `listed` names `origin` itself; "*" is no name.
bool origin_named(std::string_view origin, const std::vector<std::string>& listed);

}  // namespace tickcast::net
