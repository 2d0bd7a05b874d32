#include <fmt/format.h>

#include "net/api/column_writer.hpp"
#include "net/api/parameter_reader.hpp"
#include "net/api/past.hpp"
#include "net/api/routes.hpp"
#include "protocol/market_fields.hpp"

namespace tickcast::net::api {
namespace {

using protocol::fields::time_unit;

struct trades_question {
  std::string symbol;
  store::range which;
  http_form form;

  std::string key() const {
    return fmt::format("trades {} {} {} {} {} {} {}", symbol, which.from_ns, which.to_ns, which.limit,
                       static_cast<int>(which.which), protocol::index(form.encoding), form.gzip);
  }
};

http_content_ptr answer(const api_sources& from, const trades_question& asked, const past_sight& seen) {
  const auto found = read_page<protocol::trade>(
      joined_trades(from.past, asked.symbol, seen.now, from.catch_up, seen.end_ns), asked.which);
  if (!found) return make_refusal(503, found.error().message);
  if (found->rows.empty())
    if (auto refusal = refuse_unknown(from, asked.symbol)) return refusal;
  const auto room = 256 + found->rows.size() * protocol::fields::trade_room;
  const auto write = [&](auto& to) {
    to.begin_map(6);
    to.key("symbol");
    to.text(asked.symbol);
    to.key("epoch");
    to.text(seen.shown.epoch);
    to.key("seq");
    to.natural(seen.shown.seq);
    to.key("previous");
    write_whole_or_null(to, found->previous_us);
    to.key("next");
    write_whole_or_null(to, found->next_us);
    to.key("trades");
    to.begin_array(found->rows.size());
    for (const auto& each : found->rows) protocol::fields::write_trade<time_unit::microseconds>(to, each);
    to.end_array();
    to.end_map();
  };
  return write_content(asked.form, room, seen.mask, write,
                       [](protocol::encoding as, std::string_view whole, const protocol::field_mask& by) {
                         return protocol::mask_rows(as, whole, "trades", by);
                       });
}

}  // namespace

api_route trades_route(sources_ptr from) {
  return {"/api/v1/trades",
          "trades",
          {"symbol", "from", "to", "limit", "format"},
          [from](const http_query& query, http_exchange& exchange) {
            parameter_reader read(query);
            trades_question asked;
            asked.symbol = read.symbol("symbol");
            const auto begin = read.time_ns("from");
            const auto end = read.time_ns("to");
            asked.which = make_range(begin, end, read.count("limit", default_rows, most_rows));
            asked.form = read.form();
            if (read.refusal()) return exchange.answer(read.refusal());
            read_past(from, exchange, {asked.key(), "trade." + asked.symbol, asked.symbol, true},
                      [from, asked](const past_sight& seen) { return answer(*from, asked, seen); });
          }};
}

}  // namespace tickcast::net::api
