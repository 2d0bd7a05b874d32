#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "net/api/column_writer.hpp"
#include "net/api/parameter_reader.hpp"
#include "net/api/visible_symbols.hpp"
#include "net/udf/answers.hpp"
#include "net/udf/routes.hpp"
#include "net/udf/symbol_info.hpp"

namespace tickcast::net::udf {
namespace {

constexpr std::size_t default_found = 30;
constexpr std::size_t most_found = 1000;

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

// ---- /udf/symbols

void resolve(const api::sources_ptr& from, const http_query& query, http_exchange& exchange) {
  api::parameter_reader read(query);
  const auto asked = read.symbol("symbol");
  if (read.refusal()) return exchange.answer(unknown_symbol());
  const auto name = own_name(from->engine, asked);
  // Of the past it tells how many digits prices have, and no price.
  api::read_past(from, exchange, {"udf symbols " + asked, "trade." + name, name, true},
                 [from, asked](const api::past_sight& seen) {
                   const auto found = find_instrument(from->instruments, asked);
                   return found ? symbol_info(*found, shape_of(*from, *found, seen.now)) : unknown_symbol();
                 });
}

// ---- /udf/search

struct search_question {
  std::string text;  ///< upper case
  std::string type;
  std::string exchange;
  std::size_t limit;

  /// 0: not at all; else the higher the better.
  int rank(const api::instrument_entry& each) const {
    if ((!type.empty() && each.type != type) || (!exchange.empty() && each.exchange != exchange)) return 0;
    const auto name = upper(each.symbol);
    if (name == text) return 4;
    if (name.starts_with(text)) return 3;
    if (name.find(text) != std::string::npos) return 2;
    return upper(each.description).find(text) != std::string::npos ? 1 : 0;
  }
};

http_content_ptr search_answer(const api::api_sources& from, const search_question& asked,
                               const access::standing* who) {
  auto all = from.instruments.all();
  std::erase_if(all, [&](const auto& each) {
    return asked.rank(each) == 0 || !api::is_visible(from.engine, who, each.symbol);
  });
  std::stable_sort(all.begin(), all.end(),
                   [&](const auto& a, const auto& b) { return asked.rank(a) > asked.rank(b); });
  if (all.size() > asked.limit) all.resize(asked.limit);
  return api::write_json(false, all.size() * 160, [&](auto& to) {
    to.begin_array(all.size());
    for (const auto& each : all) {
      to.begin_map(6);
      to.key("symbol");
      to.text(each.symbol);
      to.key("full_name");
      const bool bare = each.exchange.empty() || each.symbol.starts_with(each.exchange + ":");
      to.text(bare ? each.symbol : each.exchange + ":" + each.symbol);
      to.key("description");
      to.text(each.description.empty() ? each.symbol : each.description);
      to.key("exchange");
      to.text(each.exchange);
      to.key("ticker");
      to.text(each.symbol);
      to.key("type");
      to.text(each.type);
      to.end_map();
    }
    to.end_array();
  });
}

void search(const api::sources_ptr& from, const http_query& query, http_exchange& exchange) {
  api::parameter_reader read(query);
  search_question asked{upper(read.text("query")), read.text("type"), read.text("exchange"),
                        read.count("limit", default_found, most_found)};
  if (read.refusal()) return exchange.answer(make_error("limit is a whole number from 1 to 1000"));
  auto key = fmt::format("udf search {} {}\n{}\n{}\n{}", static_cast<const void*>(exchange.who().get()),
                         asked.limit, asked.text, asked.type, asked.exchange);
  if (const auto begun = from->reads.begin(std::move(key), exchange.later()))
    from->reads.run(begun,
                    [from, asked, who = exchange.who()] { return search_answer(*from, asked, who.get()); });
}

// ---- /udf/symbol_info

template <class Writer, std::size_t Size, class Each>
void write_names(Writer& to, const char (&name)[Size], const std::vector<api::instrument_entry>& all,
                 Each each) {
  to.key(name);
  to.begin_array(all.size());
  for (const auto& entry : all) to.text(each(entry));
  to.end_array();
}

http_content_ptr group_answer(const api::api_sources& from, const std::string& group,
                              const access::standing* who) {
  using api::instrument_entry;
  auto all = from.instruments.all();
  std::erase_if(all, [&](const auto& each) {
    return each.exchange != group || !api::is_visible(from.engine, who, each.symbol);
  });
  if (all.empty()) return make_refusal(404, fmt::format("no symbol belongs to the group \"{}\"", group));
  std::vector<symbol_shape> shapes;
  for (const auto& each : all) shapes.push_back(shape_of(from, each, {}));
  return api::write_json(false, all.size() * 160, [&](auto& to) {
    to.begin_map();
    write_names(to, "symbol", all, [](const instrument_entry& e) { return e.symbol; });
    write_names(to, "ticker", all, [](const instrument_entry& e) { return e.symbol; });
    write_names(to, "description", all,
                [](const instrument_entry& e) { return e.description.empty() ? e.symbol : e.description; });
    write_names(to, "type", all, [](const instrument_entry& e) { return e.type; });
    write_names(to, "timezone", all, [](const instrument_entry& e) { return e.time_zone; });
    write_names(to, "session-regular", all, [](const instrument_entry& e) { return e.session; });
    to.key("exchange-listed");
    to.text(group);
    to.key("exchange-traded");
    to.text(group);
    to.key("minmovement");
    to.whole(1);
    to.key("minmovement2");
    to.whole(0);
    to.key("pricescale");
    to.begin_array(all.size());
    for (const auto& each : shapes)
      to.whole(protocol::decimal::power_of_ten(std::clamp(each.price_digits, 0, 12)));
    to.end_array();
    to.key("has-intraday");
    to.boolean(true);
    to.end_map();
  });
}

void group(const api::sources_ptr& from, const http_query& query, http_exchange& exchange) {
  api::parameter_reader read(query);
  auto asked = read.text("group");
  auto key = fmt::format("udf group {} {}", static_cast<const void*>(exchange.who().get()), asked);
  if (const auto begun = from->reads.begin(std::move(key), exchange.later()))
    from->reads.run(begun,
                    [from, asked, who = exchange.who()] { return group_answer(*from, asked, who.get()); });
}

}  // namespace

std::vector<api::api_route> symbol_routes(api::sources_ptr from) {
  const auto bound = [from](auto* answer) {
    return
        [from, answer](const http_query& query, http_exchange& exchange) { answer(from, query, exchange); };
  };
  return {{"/udf/symbols", "udf_symbols", {"symbol"}, bound(&resolve)},
          {"/udf/search", "udf_search", {"query", "type", "exchange", "limit"}, bound(&search)},
          {"/udf/symbol_info", "udf_symbol_info", {"group"}, bound(&group)}};
}

}  // namespace tickcast::net::udf
