#include <fmt/format.h>

#include "net/api/parameter_reader.hpp"
#include "net/api/routes.hpp"

namespace tickcast::net::api {
namespace {

/// Made once for all who ask before the next change; too small to be compressed.
http_content_ptr content_of(actors::symbol_figures* figures, const actors::engine& parts,
                            protocol::encoding as) {
  if (!figures) return make_refusal(503, "a part of the server is just being restarted; try again");
  const auto& encoded = figures->encoded(as, parts.feeds.version());
  auto& made = figures->made_of_encoded(as);
  if (!made) made = make_content(encoded, {.encoding = as});
  return std::static_pointer_cast<const http_content>(made);
}

}  // namespace

api_route quote_route(sources_ptr from) {
  return {
      "/api/v1/quote",
      "quote",
      {"symbol", "format"},
      [from](const http_query& query, http_exchange& exchange) {
        parameter_reader read(query);
        const auto symbol = read.symbol("symbol");
        const auto as = read.form().encoding;
        if (read.refusal()) return exchange.answer(read.refusal());
        if (!exchange.permits(access::action::subscribe, "quote." + symbol))
          return exchange.answer(make_refusal(403, fmt::format("quote.{} is not permitted to you", symbol)));
        auto& window = *from->windows[exchange.shard()];
        if (auto* known = window.find(symbol)) return exchange.answer(content_of(known, from->engine, as));
        const auto* of = from->engine.symbols.find(symbol);
        if (!of)
          return exchange.answer(make_refusal(
              404,
              fmt::format("no feed brings {}: /api/v1/instruments lists the symbols there are", symbol)));
        window.ask(*of, [from, as, reply = exchange.later()](actors::symbol_figures* figures) {
          reply(content_of(figures, from->engine, as));
        });
      }};
}

}  // namespace tickcast::net::api
