#include "feeds/simulated_market.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "feeds/simulator_source.hpp"
#include "tests/unit/feeds/recorder.hpp"
#include "tests/unit/feeds/virtual_clock.hpp"

namespace tickcast::feeds {
namespace {

constexpr std::int64_t second = 1'000'000'000;

std::string text(const simulated_event& e) {
  std::string result = std::to_string(e.at_ns) + " " + *e.symbol;
  if (const auto* t = std::get_if<protocol::trade>(&e.value)) {
    return result + " t " + t->price.to_string() + " " + t->size.to_string() + " " +
           std::to_string(t->id.number) + " " + std::to_string(static_cast<int>(t->aggressor));
  }
  const auto& q = std::get<protocol::quote>(e.value);
  return result + " q " + q.bid.to_string() + " " + q.bid_size.to_string() + " " + q.ask.to_string() + " " +
         q.ask_size.to_string();
}

TEST(simulated_market, is_the_same_for_the_same_seed_and_another_for_another) {
  simulated_market a(default_instruments(12), 7);
  simulated_market b(default_instruments(12), 7);
  simulated_market c(default_instruments(12), 8);
  bool differs = false;
  for (int i = 0; i < 20'000; ++i) {
    const auto mine = text(a.next());
    ASSERT_EQ(mine, text(b.next())) << i;
    differs = differs || mine != text(c.next());
  }
  EXPECT_TRUE(differs);
}

TEST(simulated_market, gives_the_numbers_it_gave_before) {
  // Somebody's screenshots and tests hang on seed 1: a change here is one that users see.
  simulated_market market(default_instruments(12), 1);
  std::uint64_t hash = 14695981039346656037u;
  for (int i = 0; i < 10'000; ++i) {
    for (const char c : text(market.next())) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  EXPECT_EQ(hash, 10156784046761458749u);
}

TEST(simulated_market, leaves_a_symbols_events_alone_when_more_symbols_trade) {
  const auto of_alpha = [](std::size_t symbols) {
    simulated_market market(default_instruments(symbols), 3);
    std::vector<std::string> result;
    while (result.size() < 500) {
      const auto event = market.next();
      if (*event.symbol == "SIM.ALPHA") result.push_back(text(event));
    }
    return result;
  };
  EXPECT_EQ(of_alpha(1), of_alpha(12));
}

TEST(simulated_market, looks_like_a_market) {
  struct seen {
    std::int64_t events = 0, trades = 0, at_quote = 0, buys = 0;
    std::uint64_t last_id = 0;
    protocol::quote shown;
    bool quoted = false;
    double lowest = 1e300, highest = 0;
  };
  const auto instruments = default_instruments(12);
  std::map<std::string, simulated_instrument> terms;
  for (const auto& each : instruments) terms[each.symbol] = each;
  simulated_market market(instruments, 1);
  std::map<std::string, seen> by_symbol;
  const std::int64_t hours = 2;
  std::int64_t last = 0;
  for (auto event = market.next(); event.at_ns < hours * 3600 * second; event = market.next()) {
    ASSERT_GE(event.at_ns, last);
    last = event.at_ns;
    auto& s = by_symbol[*event.symbol];
    const auto& of = terms[*event.symbol];
    const double tick = static_cast<double>(of.tick) / std::pow(10, of.price_scale);
    ++s.events;
    if (const auto* t = std::get_if<protocol::trade>(&event.value)) {
      ASSERT_TRUE(s.quoted) << "nothing trades before there is a price";
      ASSERT_EQ(t->price, t->aggressor == protocol::side::buy ? s.shown.ask : s.shown.bid);
      ASSERT_LE(t->size, t->aggressor == protocol::side::buy ? s.shown.ask_size : s.shown.bid_size);
      ASSERT_GT(t->size, protocol::decimal());
      ASSERT_EQ(t->id.number, s.last_id + 1);
      s.last_id = t->id.number;
      ++s.trades;
      s.buys += t->aggressor == protocol::side::buy;
      s.lowest = std::min(s.lowest, t->price.to_double());
      s.highest = std::max(s.highest, t->price.to_double());
    } else {
      s.shown = std::get<protocol::quote>(event.value);
      s.quoted = true;
      const double spread = (s.shown.ask.to_double() - s.shown.bid.to_double()) / tick;
      ASSERT_GT(spread, 0.99);
      ASSERT_LT(spread, 3.01);
      ASSERT_GT(s.shown.bid_size, protocol::decimal());
      ASSERT_GT(s.shown.ask_size, protocol::decimal());
    }
  }
  ASSERT_EQ(by_symbol.size(), 12u);
  for (const auto& [name, s] : by_symbol) {
    const auto& of = terms[name];
    const double rate = static_cast<double>(s.events) / static_cast<double>(hours * 3600);
    EXPECT_GT(rate, of.per_second) << name;
    EXPECT_LT(rate, 2 * of.per_second) << name;
    EXPECT_GT(s.trades * 5, s.events) << name;
    EXPECT_LT(std::abs(static_cast<double>(s.buys) / static_cast<double>(s.trades) - 0.5), 0.05) << name;
    const double start = static_cast<double>(of.start * of.tick) / std::pow(10, of.price_scale);
    EXPECT_GT(s.lowest, start * 0.8) << name;
    EXPECT_LT(s.highest, start * 1.25) << name;
    EXPECT_GT((s.highest - s.lowest) / start, 0.0005) << name << " hardly moves";
  }
}

TEST(simulated_market, has_quiet_times_and_wild_ones) {
  simulated_instrument one = default_instruments(1)[0];
  one.volatility = 5;
  simulated_market market({one}, 5);
  std::vector<double> steps;
  std::optional<double> before;
  while (steps.size() < 50'000) {
    const auto event = market.next();
    const auto* q = std::get_if<protocol::quote>(&event.value);
    if (q == nullptr) continue;
    const double mid = (q->bid.to_double() + q->ask.to_double()) * 50;
    if (before && mid != *before) steps.push_back((mid - *before) * (mid - *before));
    before = mid;
  }
  double mean = 0;
  for (const double s : steps) mean += s / static_cast<double>(steps.size());
  double near = 0, variance = 0;
  for (std::size_t i = 1; i < steps.size(); ++i) {
    near += (steps[i] - mean) * (steps[i - 1] - mean);
    variance += (steps[i] - mean) * (steps[i] - mean);
  }
  EXPECT_GT(near / variance, 0.05) << "squared steps of neighbours go together";
}

TEST(random_stream, has_the_moments_it_promises) {
  random_stream random(11);
  const int n = 200'000;
  double exponential = 0, exponential_2 = 0, normal = 0, normal_2 = 0;
  for (int i = 0; i < n; ++i) {
    const double e = random.exponential();
    const double z = random.normal();
    exponential += e / n;
    exponential_2 += e * e / n;
    normal += z / n;
    normal_2 += z * z / n;
  }
  EXPECT_NEAR(exponential, 1, 0.02);
  EXPECT_NEAR(exponential_2, 2, 0.08);
  EXPECT_NEAR(normal, 0, 0.02);
  EXPECT_NEAR(normal_2, 1, 0.02);
}

TEST(default_instruments, have_names_of_their_own_beyond_the_twelve) {
  std::set<std::string> names;
  for (const auto& each : default_instruments(500)) {
    EXPECT_EQ(each.symbol.substr(0, 4), "SIM.");
    EXPECT_TRUE(names.insert(each.symbol).second) << each.symbol;
  }
}

TEST(simulator_source, plays_in_real_time_with_the_wall_clocks_times) {
  test::virtual_clock clock;
  test::recorder out;
  simulator_source s(default_instruments(12), 1, clock);
  stop_signal stop;
  const auto begin_wall = clock.wall_ns();
  clock.on_sleep([&](test::virtual_clock& c) {
    if (c.wall_ns() > begin_wall + 60 * second) stop.request();
  });
  s.run(stop, out);
  const auto items = out.items();
  EXPECT_GT(items.size(), 12u * 60 * 3);
  std::int64_t last = begin_wall;
  for (std::size_t i = 0; i < items.size(); ++i) {
    ASSERT_EQ(items[i].feed_seq, i + 1);
    const auto* t = std::get_if<protocol::trade>(&items[i].value);
    const auto time = t != nullptr ? t->time_ns : items[i].quote().time_ns;
    ASSERT_GE(time, last);
    last = time;
  }
  EXPECT_LE(last, begin_wall + 61 * second);
}

TEST(simulator_source, never_lets_times_run_back_when_the_wall_clock_does) {
  test::virtual_clock clock;
  test::recorder out;
  simulator_source s(default_instruments(2), 1, clock);
  stop_signal stop;
  int sleeps = 0;
  clock.on_sleep([&](test::virtual_clock& c) {
    if (++sleeps == 100) c.set_wall(c.wall_ns() - 3600 * second);
    if (sleeps == 200) stop.request();
  });
  s.run(stop, out);
  std::int64_t last = 0;
  for (const auto& item : out.items()) {
    const auto* t = std::get_if<protocol::trade>(&item.value);
    const auto time = t != nullptr ? t->time_ns : item.quote().time_ns;
    ASSERT_GE(time, last);
    last = time;
  }
}

TEST(simulator_source, sends_no_heap_after_a_pause) {
  test::virtual_clock clock;
  test::recorder out;
  simulator_source s(default_instruments(12), 1, clock);
  stop_signal stop;
  std::size_t before = 0;
  int sleeps = 0;
  clock.on_sleep([&](test::virtual_clock& c) {
    if (++sleeps == 100) {
      before = out.count();
      c.advance(3600 * second);
    }
    if (sleeps == 102) stop.request();
  });
  s.run(stop, out);
  EXPECT_LT(out.count(), before + 400u);
}

TEST(simulator_source, goes_on_in_the_same_market_when_it_is_run_again) {
  test::virtual_clock clock;
  test::recorder out;
  simulator_source s(default_instruments(1), 1, clock);
  for (int run = 0; run < 2; ++run) {
    stop_signal stop;
    int sleeps = 0;
    clock.on_sleep([&](test::virtual_clock&) {
      if (++sleeps == 50) stop.request();
    });
    s.run(stop, out);
  }
  const auto items = out.items();
  std::vector<std::uint64_t> ids;
  for (std::size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(items[i].feed_seq, i + 1);
    if (const auto* t = std::get_if<protocol::trade>(&items[i].value)) ids.push_back(t->id.number);
  }
  ASSERT_GT(ids.size(), 10u);
  for (std::size_t i = 1; i < ids.size(); ++i) EXPECT_EQ(ids[i], ids[i - 1] + 1);
}

TEST(simulator_source, gives_a_later_life_higher_trade_ids) {
  test::virtual_clock clock;
  const auto ids_of_one_life = [&] {
    test::recorder out;
    simulator_source s(default_instruments(1), 1, clock);
    stop_signal stop;
    int sleeps = 0;
    clock.on_sleep([&](test::virtual_clock&) {
      if (++sleeps == 50) stop.request();
    });
    s.run(stop, out);
    std::vector<std::uint64_t> ids;
    for (const auto& item : out.items())
      if (const auto* t = std::get_if<protocol::trade>(&item.value)) ids.push_back(t->id.number);
    return ids;
  };
  const auto earlier = ids_of_one_life();
  const auto later = ids_of_one_life();
  ASSERT_FALSE(earlier.empty());
  ASSERT_FALSE(later.empty());
  EXPECT_GT(later.front(), earlier.back());
}

}  // namespace
}  // namespace tickcast::feeds
