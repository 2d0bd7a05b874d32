#include "analytics/quote_price.hpp"

namespace tickcast::analytics {

std::optional<protocol::decimal> price_of(protocol::interval::source which, const protocol::quote& quote) {
  using source = protocol::interval::source;
  const bool has_bid = !quote.bid_size.is_zero() || !quote.bid.is_zero();
  const bool has_ask = !quote.ask_size.is_zero() || !quote.ask.is_zero();
  if (which == source::trades) return std::nullopt;
  if (which == source::bid) return has_bid ? std::optional(quote.bid) : std::nullopt;
  if (which == source::ask) return has_ask ? std::optional(quote.ask) : std::nullopt;
  if (!has_bid || !has_ask) return std::nullopt;
  const auto half = protocol::decimal::from_parts(5, 1);
  protocol::decimal_sum middle;
  if (!middle.add_product(quote.bid, half) || !middle.add_product(quote.ask, half)) return std::nullopt;
  return middle.rounded();
}

}  // namespace tickcast::analytics
