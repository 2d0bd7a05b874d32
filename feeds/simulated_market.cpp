#include "feeds/simulated_market.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

namespace tickcast::feeds {
namespace {

// GARCH(1,1): shares of the long-run variance, of the last step's square and of the last variance; they sum
// to one.
constexpr double long_run_share = 0.04;
constexpr double shock_share = 0.16;
constexpr double memory_share = 0.80;
constexpr double pull = 0.00002;  // of the distance to the anchor, at each step
constexpr double trade_chance = 0.35;
constexpr double same_side_chance = 0.65;
constexpr double most_lots_power = 12;     // sizes end at 2^12 times the typical one
constexpr double largest_variance = 64;    // times the long-run one
constexpr std::int64_t widest_spread = 3;  // ticks

constexpr std::uint64_t seed_spread =
    0x9E3779B97F4A7C15;  // 2^64 / golden ratio: neighbours' seeds lie far apart

}  // namespace

std::vector<simulated_instrument> default_instruments(std::size_t count) {
  // Symbol, tick, price scale, start in ticks, lot, size scale, lots, events a second, volatility in ticks.
  static const std::array<simulated_instrument, 12> first{{
      {"SIM.ALPHA", 1, 2, 18'452, 100, 0, 4, 8, 0.7},
      {"SIM.BRAVO", 1, 2, 4'218, 100, 0, 9, 6, 0.5},
      {"SIM.COBALT", 5, 1, 12'386, 1, 3, 220, 9, 1.1},
      {"SIM.DELTA", 1, 5, 108'474, 1000, 0, 30, 10, 0.9},
      {"SIM.ECHO", 1, 2, 96'310, 10, 0, 6, 5, 4},
      {"SIM.FALCON", 1, 3, 7'345, 100, 0, 12, 4, 0.6},
      {"SIM.GRANITE", 25, 2, 20'973, 1, 0, 7, 7, 0.8},
      {"SIM.HARBOR", 1, 2, 1'187, 100, 0, 20, 4, 0.4},
      {"SIM.INDIGO", 1, 1, 617'845, 1, 4, 310, 12, 20},
      {"SIM.JASPER", 1, 4, 23'456, 10, 0, 40, 5, 0.8},
      {"SIM.KESTREL", 1, 2, 31'570, 100, 0, 3, 6, 1.0},
      {"SIM.LUMEN", 1, 3, 2'684, 1, 1, 75, 8, 0.6},
  }};
  std::vector<simulated_instrument> result(
      first.begin(), first.begin() + static_cast<std::ptrdiff_t>(std::min(count, first.size())));
  for (std::size_t i = first.size(); i < count; ++i) {
    auto more = first[i % first.size()];
    more.symbol = fmt::format("SIM.S{:03}", i + 1);
    more.start += static_cast<std::int64_t>(i) * 37;
    result.push_back(std::move(more));
  }
  return result;
}

simulated_market::simulated_market(std::vector<simulated_instrument> instruments, std::uint64_t seed) {
  books_.reserve(instruments.size());
  for (auto& each : instruments) {
    const double variance = each.volatility * each.volatility;
    const auto start = static_cast<double>(each.start);
    // A stream a symbol: more symbols leave the first ones' events as they were.
    books_.push_back(
        {std::move(each), random_stream(seed + seed_spread * (books_.size() + 1)), start, variance});
    schedule_.push({draw_wait_ns(books_.back()), books_.size() - 1});
  }
}

std::int64_t simulated_market::draw_wait_ns(book& of) {
  return static_cast<std::int64_t>(of.random.exponential() / of.traits.per_second * 1e9) + 1;
}

std::int64_t simulated_market::draw_lots(book& of) {
  const double power = std::min(1.3 * of.random.normal(), most_lots_power);
  return std::max<std::int64_t>(1, std::llround(of.traits.lots * power_of_two(power)));
}

void simulated_market::step(book& of) {
  const double usual = of.traits.volatility * of.traits.volatility;
  of.variance = std::min(
      long_run_share * usual + shock_share * of.last_step * of.last_step + memory_share * of.variance,
      largest_variance * usual);
  of.last_step = std::sqrt(of.variance) * of.random.normal();
  const auto anchor = static_cast<double>(of.traits.start);
  // Below a tenth of the anchor a price would soon be none.
  of.fair = std::max(of.fair + of.last_step + pull * (anchor - of.fair), anchor / 10);
}

void simulated_market::set_quote(book& of) {
  const double draw = of.random.uniform();
  const std::int64_t spread = draw < 0.6 ? 1 : draw < 0.9 ? 2 : widest_spread;
  const auto bid = std::max<std::int64_t>(1, std::llround(of.fair - static_cast<double>(spread) / 2));
  if (bid != of.bid || !of.quoted || of.random.chance(0.5)) of.bid_lots = draw_lots(of) + draw_lots(of);
  if (bid + spread != of.ask || !of.quoted || of.random.chance(0.5))
    of.ask_lots = draw_lots(of) + draw_lots(of);
  of.bid = bid;
  of.ask = bid + spread;
  of.quoted = true;
}

protocol::quote simulated_market::shown(const book& of) {
  const auto price = [&](std::int64_t ticks) {
    return protocol::decimal::from_parts(ticks * of.traits.tick, of.traits.price_scale);
  };
  const auto size = [&](std::int64_t lots) {
    return protocol::decimal::from_parts(lots * of.traits.lot, of.traits.size_scale);
  };
  return {0, price(of.bid), size(of.bid_lots), price(of.ask), size(of.ask_lots)};
}

void simulated_market::take_level_away(book& of) {
  const std::int64_t way = of.buying ? 1 : -1;
  std::int64_t& emptied = of.buying ? of.ask : of.bid;
  std::int64_t& other = of.buying ? of.bid : of.ask;
  emptied = std::max<std::int64_t>(1, emptied + way);
  (of.buying ? of.ask_lots : of.bid_lots) = draw_lots(of) + draw_lots(of);
  of.fair += 0.5 * static_cast<double>(way);
  if (of.ask - of.bid <= widest_spread) return;
  other += way;
  (of.buying ? of.bid_lots : of.ask_lots) = draw_lots(of) + draw_lots(of);
}

protocol::trade simulated_market::make_trade(book& of) {
  if (!of.random.chance(same_side_chance)) of.buying = !of.buying;
  std::int64_t& shown_lots = of.buying ? of.ask_lots : of.bid_lots;
  const auto lots = std::min(draw_lots(of), shown_lots);
  protocol::trade trade;
  trade.price =
      protocol::decimal::from_parts((of.buying ? of.ask : of.bid) * of.traits.tick, of.traits.price_scale);
  trade.size = protocol::decimal::from_parts(lots * of.traits.lot, of.traits.size_scale);
  trade.aggressor = of.buying ? protocol::side::buy : protocol::side::sell;
  trade.id.is = protocol::trade_id::kind::number;
  trade.id.number = ++of.trades;
  shown_lots -= lots;
  if (shown_lots == 0) take_level_away(of);
  return trade;
}

simulated_event simulated_market::next() {
  const auto now = schedule_.top();
  schedule_.pop();
  auto& of = books_[now.book];
  simulated_event event{now.at_ns, &of.traits.symbol, {}};
  if (of.quote_follows) {
    of.quote_follows = false;
    event.value = shown(of);
  } else if (of.quoted && of.random.chance(trade_chance)) {
    event.value = make_trade(of);
    of.quote_follows = true;
    schedule_.push({now.at_ns, now.book});
    return event;
  } else {
    step(of);
    set_quote(of);
    event.value = shown(of);
  }
  schedule_.push({now.at_ns + draw_wait_ns(of), now.book});
  return event;
}

}  // namespace tickcast::feeds
