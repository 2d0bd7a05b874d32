#include "analytics/indicators/bar_prices.hpp"
#include "analytics/indicators/described.hpp"
#include "analytics/indicators/families.hpp"

namespace tickcast::analytics::indicators {
namespace {

double average_price(const bar_input& bar) {
  return (bar.open + bar.high + bar.low + bar.close) / 4;
}
double weighted_close(const bar_input& bar) {
  return (bar.high + bar.low + bar.close * 2) / 4;
}

}  // namespace

std::vector<description> price_transforms() {
  return {
      described<of_bar<average_price>>({.name = "avgprice",
                                        .text = "The mean of open, high, low and close.",
                                        .reads = prices,
                                        .drawn_in = pane::price}),
      described<of_bar<median_price>>({.name = "medprice",
                                       .text = "The middle between high and low.",
                                       .reads = high_low,
                                       .drawn_in = pane::price}),
      described<of_bar<typical_price>>({.name = "typprice",
                                        .text = "The mean of high, low and close.",
                                        .reads = high_low_close,
                                        .drawn_in = pane::price}),
      described<of_bar<weighted_close>>({.name = "wclprice",
                                         .text = "The mean of high, low and twice the close.",
                                         .reads = high_low_close,
                                         .drawn_in = pane::price}),
  };
}

}  // namespace tickcast::analytics::indicators
