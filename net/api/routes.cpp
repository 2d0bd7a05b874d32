#include "net/api/routes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tickcast::net::api {
namespace {

/// Null: the query names only what the route takes, each once.
http_content_ptr refuse_parameters(const api_route& route, const http_query& query) {
  for (auto each = query.parameters.begin(); each != query.parameters.end(); ++each) {
    const auto& name = each->first;
    if (std::find(route.parameters.begin(), route.parameters.end(), name) == route.parameters.end())
      return make_refusal(400, fmt::format("\"{}\" is no parameter of {}: it takes {}", name.substr(0, 60),
                                           route.path, fmt::join(route.parameters, ", ")));
    if (std::find_if(query.parameters.begin(), each,
                     [&](const auto& other) { return other.first == name; }) != each)
      return make_refusal(400, fmt::format("\"{}\" is given twice: give it once", name));
  }
  return nullptr;
}

/// Before every route: who may ask, and what for.
api_route guarded(api_route route, const sources_ptr& from, audience whose) {
  auto inner = std::move(route.handler);
  auto shape = route;
  route.handler = [shape = std::move(shape), inner = std::move(inner), from, whose](const http_query& query,
                                                                                    http_exchange& exchange) {
    if (whose == audience::clients && !from->engine.settings.auth.anonymous &&
        !(query.standing && query.standing->who().signed_in()))
      return exchange.answer(make_refusal(401, "this server admits nobody without signing in"));
    if (auto refusal = refuse_parameters(shape, query)) return exchange.answer(std::move(refusal));
    inner(query, exchange);
  };
  return route;
}

}  // namespace

std::vector<api_route> api_routes(const api_sources& sources, audience whose) {
  const auto from = std::make_shared<const api_sources>(sources);
  std::vector<api_route> all = instrument_routes(from);
  all.push_back(quote_route(from));
  all.push_back(trades_route(from));
  all.push_back(bars_route(from));
  if (from->indicators) all.push_back(indicators_route(from));
  for (auto& each : all) each = guarded(std::move(each), from, whose);
  all.push_back(document_route(sources));
  return all;
}

}  // namespace tickcast::net::api
