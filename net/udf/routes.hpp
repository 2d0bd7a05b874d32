#pragma once
#include <memory>
#include <vector>

#include "net/api/routes.hpp"

namespace tickcast::net::udf {

/// `/udf/…`: the protocol of TradingView's charts over HTTP
/// (https://www.tradingview.com/charting-library-docs/latest/connecting_data/UDF). Times are whole seconds;
/// what cannot be answered is 200 with `"s":"error"`.
std::vector<api::api_route> udf_routes(const api::api_sources& sources);

std::vector<api::api_route> config_routes();
std::vector<api::api_route> symbol_routes(api::sources_ptr from);
api::api_route history_route(api::sources_ptr from);
api::api_route quotes_route(api::sources_ptr from);

}  // namespace tickcast::net::udf
