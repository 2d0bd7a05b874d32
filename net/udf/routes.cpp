#include "net/udf/routes.hpp"

#include <iterator>

#include "net/udf/answers.hpp"

namespace tickcast::net::udf {

std::vector<api::api_route> udf_routes(const api::api_sources& sources) {
  const auto from = std::make_shared<const api::api_sources>(sources);
  auto all = config_routes();
  auto of_symbols = symbol_routes(from);
  std::move(of_symbols.begin(), of_symbols.end(), std::back_inserter(all));
  all.push_back(history_route(from));
  all.push_back(quotes_route(from));
  for (auto& each : all)
    each.handler = [inner = std::move(each.handler), from](const http_query& query, http_exchange& exchange) {
      if (!from->engine.settings.auth.anonymous && !(query.standing && query.standing->who().signed_in()))
        return exchange.answer(make_refusal(401, "this server admits nobody without signing in"));
      inner(query, exchange);
    };
  return all;
}

}  // namespace tickcast::net::udf
