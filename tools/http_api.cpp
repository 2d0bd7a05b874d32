#include "tools/http_api.hpp"

#include <nlohmann/json.hpp>

#include "net/api/routes.hpp"
#include "net/udf/routes.hpp"

namespace tickcast::tools {
namespace {

/// `/api/v1/symbols`: {"symbols":[…]} in order of appearance; what pages list while they start.
net::http_handler symbols_handler(const actors::engine& parts) {
  return [&parts](const net::http_query& query) {
    if (!parts.settings.auth.anonymous && !(query.standing && query.standing->who().signed_in()))
      return net::http_refusal(401, "this server admits nobody without signing in");
    auto names = nlohmann::json::array();
    for (const auto* each : parts.symbols.all()) names.push_back(each->name);
    return net::http_answer{.body = nlohmann::json{{"symbols", std::move(names)}}.dump()};
  };
}

}  // namespace

void add_http_api(net::server& to, const net::api::api_sources& sources) {
  to.handle("/api/v1/symbols", symbols_handler(sources.engine));
  for (auto& each : net::api::api_routes(sources))
    to.handle_later(each.path, each.name, std::move(each.handler));
  for (auto& each : net::udf::udf_routes(sources))
    to.handle_later(each.path, each.name, std::move(each.handler));
}

}  // namespace tickcast::tools
