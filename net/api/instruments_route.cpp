#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "net/api/column_writer.hpp"
#include "net/api/parameter_reader.hpp"
#include "net/api/routes.hpp"
#include "net/api/visible_symbols.hpp"
#include "protocol/topic.hpp"

namespace tickcast::net::api {
namespace {

constexpr std::string_view one_path = "/api/v1/instruments/";

template <class Writer>
void write_entry(Writer& to, const instrument_entry& of) {
  to.begin_map(11);
  to.key("symbol");
  to.text(of.symbol);
  to.key("description");
  to.text(of.description.empty() ? of.symbol : of.description);
  to.key("type");
  to.text(of.type);
  to.key("exchange");
  to.text(of.exchange);
  to.key("time_zone");
  to.text(of.time_zone);
  to.key("session");
  to.text(of.session);
  to.key("holidays");
  to.text(of.holidays);
  to.key("corrections");
  to.text(of.corrections);
  to.key("price_digits");
  write_whole_or_null(to, of.price_digits);
  to.key("size_digits");
  write_whole_or_null(to, of.size_digits);
  to.key("tick");
  if (of.tick)
    to.number(*of.tick);
  else
    to.null();
  to.end_map();
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); }) !=
         text.end();
}

struct list_question {
  std::string filter;
  std::string type;
  std::string exchange;
  std::string after;
  std::size_t limit;
  http_form form;

  bool matches(const instrument_entry& each) const {
    return (type.empty() || each.type == type) && (exchange.empty() || each.exchange == exchange) &&
           each.symbol > after &&
           (contains_ignoring_case(each.symbol, filter) || contains_ignoring_case(each.description, filter));
  }
};

http_content_ptr list_answer(const api_sources& from, const list_question& asked,
                             const access::standing* who) {
  auto all = from.instruments.all();
  std::erase_if(all, [&](const auto& each) {
    return !asked.matches(each) || !is_visible(from.engine, who, each.symbol);
  });
  const bool more = all.size() > asked.limit;
  if (more) all.resize(asked.limit);
  return write_content(asked.form, 64 + all.size() * 200, [&](auto& to) {
    to.begin_map(2);
    to.key("instruments");
    to.begin_array(all.size());
    for (const auto& each : all) write_entry(to, each);
    to.end_array();
    to.key("next");
    if (more)
      to.text(all.back().symbol);
    else
      to.null();
    to.end_map();
  });
}

http_late_handler list_handler(sources_ptr from) {
  return [from](const http_query& query, http_exchange& exchange) {
    parameter_reader read(query);
    list_question asked;
    asked.filter = read.text("filter");
    asked.type = read.text("type");
    asked.exchange = read.text("exchange");
    asked.after = read.text("after");
    asked.limit = read.count("limit", default_rows, most_rows);
    asked.form = read.form();
    if (read.refusal()) return exchange.answer(read.refusal());
    auto key =
        fmt::format("instruments {} {} {} {}\n{}\n{}\n{}\n{}", static_cast<const void*>(exchange.who().get()),
                    asked.limit, protocol::index(asked.form.encoding), asked.form.gzip, asked.filter,
                    asked.type, asked.exchange, asked.after);
    if (const auto begun = from->reads.begin(std::move(key), exchange.later()))
      from->reads.run(begun,
                      [from, asked, who = exchange.who()] { return list_answer(*from, asked, who.get()); });
  };
}

http_late_handler one_handler(sources_ptr from) {
  return [from](const http_query& query, http_exchange& exchange) {
    parameter_reader read(query);
    const auto form = read.form();
    const auto symbol = query.path.substr(std::min(one_path.size(), query.path.size()));
    if (!protocol::is_valid_symbol(symbol))
      read.refuse("behind /api/v1/instruments/ stands a symbol, e.g. /api/v1/instruments/BTCUSDT");
    if (read.refusal()) return exchange.answer(read.refusal());
    // What somebody may not have is to them as if there were no such symbol.
    if (!is_visible(from->engine, exchange.who().get(), symbol))
      return exchange.answer(refuse_unknown(symbol));
    auto key = fmt::format("instrument {} {} {}", symbol, protocol::index(form.encoding), form.gzip);
    if (const auto begun = from->reads.begin(std::move(key), exchange.later()))
      from->reads.run(begun, [from, symbol, form] {
        const auto found = from->instruments.find(symbol);
        if (!found) return refuse_unknown(*from, symbol);
        return write_content(form, 256, [&](auto& to) { write_entry(to, *found); });
      });
  };
}

}  // namespace

std::vector<api_route> instrument_routes(sources_ptr from) {
  return {{"/api/v1/instruments",
           "instruments",
           {"filter", "type", "exchange", "after", "limit", "format"},
           list_handler(from)},
          {std::string(one_path), "instrument", {"format"}, one_handler(from)}};
}

}  // namespace tickcast::net::api
