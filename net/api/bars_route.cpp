#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "net/api/bar_columns.hpp"
#include "net/api/parameter_reader.hpp"
#include "net/api/routes.hpp"

namespace tickcast::net::api {
namespace {

/// A bar's six columns take about so many bytes of JSON.
constexpr std::size_t bar_bytes = 80;

struct bars_question {
  std::string symbol;
  std::string interval;
  store::range which;
  std::vector<std::string> columns;
  http_form form;

  std::string key() const {
    return fmt::format("bars {} {} {} {} {} {} {} {} {}", symbol, interval, which.from_ns, which.to_ns,
                       which.limit, static_cast<int>(which.which), fmt::join(columns, ","),
                       protocol::index(form.encoding), form.gzip);
  }
};

http_content_ptr answer(const api_sources& from, const bars_question& asked, const past_sight& seen) {
  const auto found = read_page<protocol::bar>(
      joined_bars(from.past, asked.interval, asked.symbol, seen.now, seen.end_ns), asked.which);
  if (!found) return make_refusal(503, found.error().message);
  if (found->rows.empty())
    if (auto refusal = refuse_unknown(from, asked.symbol)) return refusal;
  const auto room = 256 + found->rows.size() * (bar_bytes + 16 * asked.columns.size());
  const auto write = [&](auto& to) {
    to.begin_map(bar_page_fields(asked.columns));
    write_bar_page(to, asked.symbol, asked.interval, seen.shown, *found, asked.columns);
    to.end_map();
  };
  return write_content(asked.form, room, seen.mask, write,
                       [](protocol::encoding as, std::string_view whole, const protocol::field_mask& by) {
                         return protocol::mask_columns(as, whole, all_bar_columns, by);
                       });
}

}  // namespace

api_route bars_route(sources_ptr from) {
  return {"/api/v1/bars",
          "bars",
          {"symbol", "interval", "from", "to", "limit", "fields", "format"},
          [from](const http_query& query, http_exchange& exchange) {
            parameter_reader read(query);
            bars_question asked;
            asked.symbol = read.symbol("symbol");
            asked.interval = read.interval("interval");
            const auto begin = read.time_ns("from");
            const auto end = read.time_ns("to");
            asked.which = make_range(begin, end, read.count("limit", default_rows, most_rows));
            asked.columns = read.words("fields", more_bar_columns);
            asked.form = read.form();
            if (read.refusal()) return exchange.answer(read.refusal());
            read_past(from, exchange,
                      {asked.key(), "bar." + asked.interval + "." + asked.symbol, asked.symbol, true},
                      [from, asked](const past_sight& seen) { return answer(*from, asked, seen); });
          }};
}

}  // namespace tickcast::net::api
