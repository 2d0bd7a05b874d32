#pragma once
#include <string>
#include <vector>

#include "actors/topics/view_passage.hpp"
#include "net/api/api_sources.hpp"
#include "net/udf/resolution.hpp"

namespace tickcast::net::udf {

/// What charts want to know of a symbol besides its reference data.
struct symbol_shape {
  int price_digits = 2;
  int volume_digits = 0;
  std::vector<resolution> has;  ///< intervals with bars, formed or stored
};

/// Digits as the symbol's latest trades and bars carry them. On reader threads. `now`: its trade topic.
symbol_shape shape_of(const api::api_sources& from, const api::instrument_entry& of,
                      const actors::topic_sight& now);

/// SymbolInfo (https://www.tradingview.com/charting-library-docs/latest/connecting_data/Symbology).
http_content_ptr symbol_info(const api::instrument_entry& of, const symbol_shape& shape);

}  // namespace tickcast::net::udf
