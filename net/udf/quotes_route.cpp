#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <optional>

#include "net/api/column_writer.hpp"
#include "net/udf/answers.hpp"
#include "net/udf/routes.hpp"
#include "protocol/decimal.hpp"

namespace tickcast::net::udf {
namespace {

using protocol::decimal;

constexpr std::size_t most_symbols = 100;

/// A symbol that was asked for, and what is known of it.
struct quoted {
  std::string asked;
  std::string name;
  bool known = false;
  std::optional<protocol::trade> last;
  std::optional<protocol::quote> best;
  protocol::day_totals day;
};

/// The symbols of one request, until the last is known. On one shard.
struct gathering {
  std::vector<quoted> all;
  std::size_t missing = 0;
};

std::optional<decimal> difference(decimal a, decimal b) {
  protocol::decimal_sum sum;
  if (!sum.add(a) || !sum.add(decimal::from_parts(-b.mantissa(), b.scale()))) return std::nullopt;
  const auto value = sum.value();
  return value ? std::optional(*value) : std::nullopt;
}

template <class Writer, std::size_t Size>
void write_price(Writer& to, const char (&name)[Size], const std::optional<decimal>& value) {
  if (!value) return;
  to.key(name);
  to.number(*value);
}

template <class Writer>
void write_change(Writer& to, const quoted& of) {
  if (!of.last || !of.day.has_previous_close) return;
  const auto change = difference(of.last->price, of.day.previous_close);
  if (!change) return;
  write_price(to, "ch", change);
  if (of.day.previous_close.is_zero()) return;
  constexpr double places = 1e4;
  to.key("chp");
  to.floating(std::round(change->to_double() / of.day.previous_close.to_double() * 100 * places) / places);
}

/// A side without orders has neither price nor size; a feed may tell prices alone.
bool has_side(decimal price, decimal size) noexcept {
  return !price.is_zero() || !size.is_zero();
}

template <class Writer>
void write_values(Writer& to, const quoted& of, const api::instrument_entry& entry) {
  to.begin_map();
  to.key("short_name");
  to.text(entry.symbol);
  to.key("exchange");
  to.text(entry.exchange);
  to.key("description");
  to.text(entry.description.empty() ? entry.symbol : entry.description);
  write_change(to, of);
  if (of.last) write_price(to, "lp", of.last->price);
  const bool ask = of.best && has_side(of.best->ask, of.best->ask_size);
  const bool bid = of.best && has_side(of.best->bid, of.best->bid_size);
  if (ask) write_price(to, "ask", of.best->ask);
  if (bid) write_price(to, "bid", of.best->bid);
  if (ask && bid) write_price(to, "spread", difference(of.best->ask, of.best->bid));
  if (of.day.trades > 0) {
    write_price(to, "open_price", of.day.open);
    write_price(to, "high_price", of.day.high);
    write_price(to, "low_price", of.day.low);
    write_price(to, "volume", of.day.volume);
  }
  if (of.day.has_previous_close) write_price(to, "prev_close_price", of.day.previous_close);
  to.end_map();
}

http_content_ptr answer(const api::api_sources& from, const std::vector<quoted>& all) {
  return api::write_json(false, 64 + all.size() * 320, [&](auto& to) {
    to.begin_map(2);
    to.key("s");
    to.plain("ok");
    to.key("d");
    to.begin_array(all.size());
    for (const auto& each : all) {
      const auto entry = each.known ? find_instrument(from.instruments, each.asked) : std::nullopt;
      to.begin_map();
      to.key("s");
      to.plain(entry ? "ok" : "error");
      to.key("n");
      to.text(each.asked);
      if (entry) {
        to.key("v");
        write_values(to, each, *entry);
      } else {
        to.key("errmsg");
        to.plain("unknown_symbol");
      }
      to.end_map();
    }
    to.end_array();
    to.end_map();
  });
}

std::vector<quoted> asked_symbols(const actors::engine& parts, std::string_view list) {
  std::vector<quoted> result;
  while (!list.empty() && result.size() <= most_symbols) {
    const auto comma = list.find(',');
    const auto asked = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    if (asked.empty()) continue;
    auto& made = result.emplace_back();
    made.asked = asked;
    made.name = own_name(parts, asked);
  }
  return result;
}

void keep(quoted& to, actors::symbol_figures* figures) {
  if (!figures) return;
  auto quote = figures->quote();
  to.known = true;
  to.last = std::move(quote.last);
  to.best = quote.best;
  to.day = quote.day;
}

void gather(const api::sources_ptr& from, http_exchange& exchange, std::string key,
            std::vector<quoted> asked) {
  const auto read = from->reads.begin(std::move(key), exchange.later());
  if (!read) return;
  const auto all = std::make_shared<gathering>();
  all->all = std::move(asked);
  all->missing = all->all.size() + 1;
  const auto one_less = [from, read, all] {
    if (--all->missing > 0) return;
    from->reads.run(read, [from, all] { return answer(*from, all->all); });
  };
  auto& window = *from->windows[exchange.shard()];
  for (std::size_t i = 0; i < all->all.size(); ++i) {
    const auto* of = from->engine.symbols.find(all->all[i].name);
    if (of)
      window.ask(*of, [all, i, one_less](actors::symbol_figures* figures) {
        keep(all->all[i], figures);
        one_less();
      });
    else
      one_less();
  }
  one_less();
}

}  // namespace

api::api_route quotes_route(api::sources_ptr from) {
  return {
      "/udf/quotes", "udf_quotes", {"symbols"}, [from](const http_query& query, http_exchange& exchange) {
        const auto list = query.parameter("symbols").value_or(std::string_view{});
        auto asked = asked_symbols(from->engine, list);
        if (asked.empty()) return exchange.answer(make_error("symbols is missing: name some, with commas"));
        if (asked.size() > most_symbols)
          return exchange.answer(make_error("symbols names more than 100: ask in several requests"));
        for (const auto& each : asked)
          if (!exchange.permits(access::action::subscribe, fmt::format("quote.{}", each.name)))
            return exchange.answer(make_error(fmt::format("quote.{} is not permitted to you", each.name)));
        gather(from, exchange, "udf quotes " + std::string(list), std::move(asked));
      }};
}

}  // namespace tickcast::net::udf
