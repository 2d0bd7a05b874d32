#pragma once
#include <cstdint>
#include <queue>
#include <string>
#include <variant>
#include <vector>

#include "feeds/random_stream.hpp"
#include "protocol/market.hpp"

namespace tickcast::feeds {

/// How one simulated symbol trades.
struct simulated_instrument {
  std::string symbol;
  std::int64_t tick = 1;  ///< smallest price step: tick / 10^price_scale
  int price_scale = 2;
  std::int64_t start = 0;  ///< first price and anchor, in ticks
  std::int64_t lot = 1;    ///< smallest size: lot / 10^size_scale
  int size_scale = 0;
  double lots = 8;          ///< typical size, in lots
  double per_second = 6;    ///< events a second, on average
  double volatility = 0.6;  ///< long-run standard deviation of the price's step at an event, in ticks
};

/// The first `count` instruments: twelve of different price, step and pace (`SIM.ALPHA` …), then `SIM.S013`
/// ….
std::vector<simulated_instrument> default_instruments(std::size_t count);

struct simulated_event {
  std::int64_t at_ns = 0;  ///< since the market opened
  const std::string* symbol = nullptr;
  std::variant<protocol::trade, protocol::quote> value;  ///< its time_ns is 0: the source tells the time
};

/// A market that never was: same instruments and seed, same events.
///
/// Each symbol has events at the times of a Poisson process. At each its fair price takes a step whose
/// variance clusters (GARCH(1,1): T. Bollerslev, 1986) and which pulls back to the anchor; the best bid and
/// ask follow it, one to three ticks apart. About every third event is a trade, at the bid or the ask shown
/// last, of a size with a long tail, never larger than what is shown; the quote that it leaves follows at
/// once. Trades carry ids that rise by one a symbol, from 1. Thread: one at a time.
class simulated_market {
public:
  simulated_market(std::vector<simulated_instrument> instruments, std::uint64_t seed);

  /// The next event, in order of time.
  simulated_event next();
  std::size_t symbols() const noexcept { return books_.size(); }

private:
  struct book {
    simulated_instrument traits;
    random_stream random;
    double fair;      ///< in ticks
    double variance;  ///< of the next step, in ticks squared
    double last_step = 0;
    std::int64_t bid = 0, ask = 0;            ///< in ticks
    std::int64_t bid_lots = 0, ask_lots = 0;  ///< shown
    bool buying = true;                       ///< side of the last trade
    bool quoted = false;
    bool quote_follows = false;
    std::uint64_t trades = 0;
  };
  struct due {
    std::int64_t at_ns;
    std::size_t book;
    bool operator>(const due& other) const noexcept {
      return at_ns != other.at_ns ? at_ns > other.at_ns : book > other.book;
    }
  };

  static std::int64_t draw_lots(book& of);
  static void step(book& of);
  static void set_quote(book& of);
  static void take_level_away(book& of);
  static protocol::quote shown(const book& of);
  static protocol::trade make_trade(book& of);
  static std::int64_t draw_wait_ns(book& of);

  std::vector<book> books_;
  std::priority_queue<due, std::vector<due>, std::greater<>> schedule_;
};

}  // namespace tickcast::feeds
