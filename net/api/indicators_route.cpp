#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "net/api/bar_columns.hpp"
#include "net/api/parameter_reader.hpp"
#include "net/api/routes.hpp"

namespace tickcast::net::api {
namespace {

/// Bars that are computed over at most: the newest ones up to `to`.
constexpr std::size_t most_computed = 1'000'000;
constexpr std::size_t longest_calls = 2000;

struct indicators_question {
  std::string symbol;
  std::string interval;
  std::string functions;
  store::range which;
  http_form form;

  std::string key() const {
    return fmt::format("indicators {} {} {} {} {} {} {} {} {}", symbol, interval, functions, which.from_ns,
                       which.to_ns, which.limit, static_cast<int>(which.which),
                       protocol::index(form.encoding), form.gzip);
  }
};

/// Which of all bars are answered, and what lies around them.
struct stretch {
  std::size_t begin;
  std::size_t end;
};

stretch cut_out(const std::vector<protocol::bar>& all, const store::range& which) {
  const auto first = std::lower_bound(all.begin(), all.end(), which.from_ns,
                                      [](const auto& bar, std::int64_t ns) { return bar.time_ns < ns; });
  const auto begin = static_cast<std::size_t>(first - all.begin());
  const auto count = std::min(all.size() - begin, which.limit);
  if (which.which == store::keep::oldest) return {begin, begin + count};
  return {all.size() - count, all.size()};
}

http_content_ptr answer(const api_sources& from, const indicators_question& asked, const past_sight& seen) {
  const auto all = joined_bars(from.past, asked.interval, asked.symbol, seen.now, seen.end_ns)
                       .read({.to_ns = asked.which.to_ns, .limit = most_computed});
  if (!all) return make_refusal(503, all.error().message);
  if (all->empty())
    if (auto refusal = refuse_unknown(from, asked.symbol)) return refusal;
  const auto columns =
      from.indicators->compute(asked.functions, *all, *from.engine.instruments.find(asked.symbol).hours);
  if (!columns) return make_refusal(400, columns.error().message);
  const auto cut = cut_out(*all, asked.which);
  page<protocol::bar> shown;
  shown.rows.assign(all->begin() + static_cast<std::ptrdiff_t>(cut.begin),
                    all->begin() + static_cast<std::ptrdiff_t>(cut.end));
  if (cut.begin > 0) shown.previous_us = floor_us((*all)[cut.begin - 1].time_ns) + 1;
  if (cut.end < all->size()) shown.next_us = floor_us((*all)[cut.end].time_ns);
  return write_content(asked.form, 256 + (cut.end - cut.begin) * (80 + 20 * columns->size()), [&](auto& to) {
    to.begin_map(bar_page_fields({}) + 1);
    write_bar_page(to, asked.symbol, asked.interval, seen.shown, shown, {});
    to.key("values");
    to.begin_map(columns->size());
    for (const auto& column : *columns) {
      to.foreign_key(column.name);
      write_column(to, std::span<const double>(column.values).subspan(cut.begin, cut.end - cut.begin),
                   [&](double value) { write_double(to, value); });
    }
    to.end_map();
    to.end_map();
  });
}

}  // namespace

api_route indicators_route(sources_ptr from) {
  return {"/api/v1/indicators",
          "indicators",
          {"symbol", "interval", "functions", "from", "to", "limit", "format"},
          [from](const http_query& query, http_exchange& exchange) {
            parameter_reader read(query);
            indicators_question asked;
            asked.symbol = read.symbol("symbol");
            asked.interval = read.interval("interval");
            asked.functions = read.text("functions");
            if (asked.functions.empty() || asked.functions.size() > longest_calls)
              read.refuse("\"functions\" names what to compute, e.g. functions=sma(30),macd(12,26,9)");
            const auto begin = read.time_ns("from");
            const auto end = read.time_ns("to");
            asked.which = make_range(begin, end, read.count("limit", default_rows, most_rows));
            asked.form = read.form();
            if (read.refusal()) return exchange.answer(read.refusal());
            read_past(from, exchange,
                      {asked.key(), "bar." + asked.interval + "." + asked.symbol, asked.symbol},
                      [from, asked](const past_sight& seen) { return answer(*from, asked, seen); });
          }};
}

}  // namespace tickcast::net::api
