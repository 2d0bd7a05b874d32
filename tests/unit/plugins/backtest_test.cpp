#include "plugins/kit/backtest.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "analytics/indicators/batch.hpp"
#include "store/store.hpp"

namespace tickcast::plugins {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t minute_ns = 60 * second_ns;
/// 2024-08-08 00:00 UTC
constexpr std::int64_t begin_ns = 1'723'075'200 * second_ns;

/// Does what the test says. One at a time.
class strategy final : public plugin {
public:
  strategy() { present = this; }
  void on_start() override { starts(*this); }
  void on_history(const source& from) override { history(*this, from); }
  void on_trade(const source&, const protocol::trade& trade) override { each_trade(*this, trade); }
  void on_quote(const source&, const protocol::quote& quote) override { each_quote(*this, quote); }
  void on_bar(const source& from, const protocol::bar& bar) override { each_bar(*this, from, bar); }
  void on_timer(timer_id) override { each_timer(*this); }
  context& its() { return engine(); }
  static void clear() {
    starts = each_timer = [](strategy&) {};
    history = [](strategy&, const source&) {};
    each_trade = [](strategy&, const protocol::trade&) {};
    each_quote = [](strategy&, const protocol::quote&) {};
    each_bar = [](strategy&, const source&, const protocol::bar&) {};
  }
  static inline strategy* present = nullptr;
  static inline std::function<void(strategy&)> starts, each_timer;
  static inline std::function<void(strategy&, const source&)> history;
  static inline std::function<void(strategy&, const protocol::trade&)> each_trade;
  static inline std::function<void(strategy&, const protocol::quote&)> each_quote;
  static inline std::function<void(strategy&, const source&, const protocol::bar&)> each_bar;
};

constexpr auto entry = detail::entry<strategy>("strategy", "1");

class a_backtest : public testing::Test {
protected:
  a_backtest() { strategy::clear(); }

  static store::settings in_memory() {
    store::settings with;
    with.threads = false;
    with.kept = {{0, 0}, {0, 0}, {0, 0}};
    return with;
  }
  static protocol::decimal number(std::int64_t of) { return protocol::decimal::from_parts(of, 1); }
  /// The closed bars of X that a plugin is told of, which begins at that time, with what history shows it
  /// first.
  struct seen_bars {
    std::vector<protocol::bar> before, told;
  };
  seen_bars bars_seen(const std::string& interval, std::int64_t from_ns) {
    seen_bars result;
    strategy::starts = [&](strategy& it) { it.its().subscribe("bar." + interval + ".X"); };
    strategy::history = [&](strategy& it, const source&) {
      result.before = it.its().bars("X", interval, 10'000);
    };
    strategy::each_bar = [&](strategy&, const source&, const protocol::bar& bar) {
      if (bar.closed) result.told.push_back(bar);
    };
    backtest_options options;
    options.from_ns = from_ns;
    play(options);
    return result;
  }
  /// A trade a second, for so many minutes.
  void keep_trades(int minutes, std::int64_t from_ns = begin_ns, const std::string& symbol = "X") {
    std::vector<protocol::trade> rows;
    for (int i = 0; i < minutes * 60; ++i)
      rows.push_back({from_ns + i * second_ns,
                      number(1000 + (i * i) % 97),
                      number(10 + i % 7),
                      protocol::side::buy,
                      {protocol::trade_id::kind::number, static_cast<std::uint64_t>(i), nullptr}});
    ASSERT_TRUE(past.merge_trades(symbol, rows));
  }
  void keep_trade_at(std::int64_t time_ns) {
    const auto id = 1'000'000 + static_cast<std::uint64_t>(time_ns / second_ns);
    const std::vector<protocol::trade> rows{{time_ns,
                                             number(777),
                                             number(3),
                                             protocol::side::sell,
                                             {protocol::trade_id::kind::number, id, nullptr}}};
    ASSERT_TRUE(past.merge_trades("X", rows));
  }
  void keep_bars(const std::string& interval, int count, std::int64_t from_ns = begin_ns,
                 std::int64_t step_ns = minute_ns) {
    std::vector<protocol::bar> rows;
    for (int i = 0; i < count; ++i) {
      protocol::bar each{from_ns + i * step_ns,       number(1000 + i), number(1010 + i), number(990 + i),
                         number(1000 + (i * i) % 97), number(50)};
      each.closed = true;
      each.trades = 1;
      rows.push_back(each);
    }
    ASSERT_TRUE(past.merge_bars(interval, "X", rows));
  }
  backtest_summary play(backtest_options options = {}) {
    virtual_engine_options engine;
    engine.name = "p";
    engine.intervals = {"1s", "1m", "7t"};
    virtual_engine_taps taps;
    taps.published = [this](std::int64_t time_ns, std::string_view topic, std::string&& text) {
      out += std::to_string(time_ns) + " " + std::string(topic) + " " + text + "\n";
    };
    backtest test(entry, std::move(engine), std::move(taps), past, options);
    return test.run();
  }

  store::tick_store past{in_memory()};
  std::string out;
};

TEST_F(a_backtest, plays_trades_and_the_bars_made_of_them_in_the_order_of_time) {
  keep_trades(3);
  std::vector<std::int64_t> trades, closed;
  std::int64_t last_ns = 0, forming = 0;
  strategy::starts = [](strategy& it) {
    it.its().subscribe("trade.X");
    it.its().subscribe("bar.1m.*");
  };
  strategy::each_trade = [&](strategy& it, const protocol::trade& trade) {
    EXPECT_EQ(it.its().now_ns(), trade.time_ns);
    EXPECT_GE(trade.time_ns, last_ns);
    last_ns = trade.time_ns;
    trades.push_back(trade.time_ns);
  };
  strategy::each_bar = [&](strategy& it, const source& from, const protocol::bar& bar) {
    EXPECT_EQ(from.interval, "1m");
    EXPECT_GE(it.its().now_ns(), last_ns);
    last_ns = it.its().now_ns();
    if (!bar.closed) {
      ++forming;
      return;
    }
    EXPECT_EQ(it.its().now_ns(), bar.time_ns + minute_ns);
    EXPECT_EQ(bar.trades, 60U);
    closed.push_back(bar.time_ns);
  };
  const auto summary = play();
  EXPECT_EQ(summary.trades, 180U);
  EXPECT_EQ(trades.size(), 180U);
  EXPECT_EQ(closed, (std::vector<std::int64_t>{begin_ns, begin_ns + minute_ns}));
  EXPECT_EQ(forming, 180);
  EXPECT_EQ(summary.to_ns, begin_ns + 179 * second_ns + 1);
}

TEST_F(a_backtest, plays_stored_bars_where_there_are_no_ticks_each_when_it_is_over) {
  keep_bars("1m", 5);
  std::vector<std::int64_t> ends;
  strategy::starts = [](strategy& it) { it.its().subscribe("bar.1m.X"); };
  strategy::each_bar = [&](strategy& it, const source&, const protocol::bar& bar) {
    EXPECT_TRUE(bar.closed);
    EXPECT_EQ(it.its().now_ns(), bar.time_ns + minute_ns);
    ends.push_back(it.its().now_ns());
  };
  backtest_options options;
  options.to_ns = begin_ns + 10 * minute_ns;
  EXPECT_EQ(play(options).bars, 5U);
  EXPECT_EQ(ends.size(), 5U);
}

TEST_F(a_backtest, ends_when_the_last_stored_bar_is_over) {
  keep_bars("1m", 5);
  strategy::starts = [](strategy& it) { it.its().subscribe("bar.1m.X"); };
  const auto summary = play();
  EXPECT_EQ(summary.bars, 5U);
  EXPECT_EQ(summary.to_ns, begin_ns + 5 * minute_ns);
}

TEST_F(a_backtest, goes_from_stored_bars_to_those_made_of_ticks_and_back) {
  keep_bars("1m", 12);
  keep_trades(4, begin_ns + 4 * minute_ns);
  std::vector<std::int64_t> closed;
  strategy::starts = [](strategy& it) { it.its().subscribe("bar.1m.X"); };
  strategy::each_bar = [&](strategy&, const source&, const protocol::bar& bar) {
    if (!bar.closed) return;
    const auto minute = (bar.time_ns - begin_ns) / minute_ns;
    EXPECT_EQ(bar.trades, minute >= 4 && minute < 8 ? 60U : 1U) << minute;
    closed.push_back(minute);
  };
  backtest_options options;
  options.to_ns = begin_ns + 12 * minute_ns;
  play(options);
  EXPECT_EQ(closed, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
}

TEST_F(a_backtest, has_the_ticks_of_the_bar_that_lasts_when_it_begins) {
  keep_trades(2);
  std::uint64_t first = 0;
  strategy::starts = [](strategy& it) { it.its().subscribe("bar.1m.X"); };
  strategy::each_bar = [&](strategy&, const source&, const protocol::bar& bar) {
    if (bar.closed && first == 0) first = bar.trades;
  };
  backtest_options options;
  options.from_ns = begin_ns + 20 * second_ns;
  EXPECT_EQ(play(options).trades, 100U);
  EXPECT_EQ(first, 60U);
}

TEST_F(a_backtest, cuts_bars_of_ticks_as_a_run_from_the_beginning_does) {
  keep_trades(5);
  const auto all = bars_seen("7t", begin_ns).told;
  ASSERT_EQ(all.size(), 42U);
  for (const bool stored : {false, true}) {
    if (stored) {
      ASSERT_TRUE(past.merge_bars("7t", "X", all));
    }
    // In the middle of a bar; and between two.
    for (const int from_s : {100, 105}) {
      const auto seen = bars_seen("7t", begin_ns + from_s * second_ns);
      EXPECT_EQ(seen.before.size(), stored ? 14U : 0U);
      auto joined = seen.before;
      joined.insert(joined.end(), seen.told.begin(), seen.told.end());
      const auto first = stored ? 0 : from_s == 100 ? 14 : 15;
      EXPECT_EQ(joined, std::vector<protocol::bar>(all.begin() + first, all.end())) << from_s << stored;
    }
  }
}

TEST_F(a_backtest, cuts_bars_of_ticks_where_several_have_one_time) {
  keep_trades(5);
  for (const int second : {3, 49, 97, 98, 99}) keep_trade_at(begin_ns + second * second_ns);
  const auto all = bars_seen("7t", begin_ns).told;
  ASSERT_TRUE(past.merge_bars("7t", "X", all));
  const auto seen = bars_seen("7t", begin_ns + 120 * second_ns);
  auto joined = seen.before;
  joined.insert(joined.end(), seen.told.begin(), seen.told.end());
  EXPECT_EQ(joined, all);
}

TEST_F(a_backtest, cuts_bars_of_ticks_that_are_wanted_late_as_well) {
  keep_trades(5);
  const auto all = bars_seen("7t", begin_ns).told;
  strategy::clear();
  std::vector<protocol::bar> told;
  strategy::starts = [](strategy& it) { it.its().subscribe("trade.X"); };
  // The trade in hand is in the bar, too.
  strategy::each_trade = [](strategy& it, const protocol::trade& trade) {
    if (trade.time_ns == begin_ns + 98 * second_ns) it.its().subscribe("bar.7t.X");
  };
  strategy::each_bar = [&](strategy&, const source&, const protocol::bar& bar) {
    if (bar.closed) told.push_back(bar);
  };
  play();
  EXPECT_EQ(told, std::vector<protocol::bar>(all.begin() + 14, all.end()));
}

TEST_F(a_backtest, tells_the_stored_bar_of_ticks_that_lasts_when_it_begins) {
  keep_bars("9t", 10);
  const auto seen = bars_seen("9t", begin_ns + 3 * minute_ns + second_ns);
  ASSERT_EQ(seen.before.size(), 3U);
  ASSERT_FALSE(seen.told.empty());
  EXPECT_EQ(seen.told.front().time_ns, begin_ns + 3 * minute_ns);
  EXPECT_EQ(seen.told.size(), 6U);
}

TEST_F(a_backtest, shows_nothing_of_the_future_to_one_that_tries) {
  keep_trades(10);
  keep_trades(10, begin_ns, "Y");
  keep_bars("5m", 10, begin_ns - 20 * minute_ns, 5 * minute_ns);
  std::int64_t looked = 0;
  strategy::starts = [](strategy& it) { it.its().subscribe("trade.X"); };
  strategy::each_trade = [&](strategy& it, const protocol::trade& trade) {
    const auto now_ns = it.its().now_ns();
    const auto all = past::between(begin_ns - 1000 * minute_ns);
    it.its().read_trades("X", all, [&, now_ns, trade](const past_rows<protocol::trade>& got) {
      ASSERT_TRUE(got.ok());
      ASSERT_FALSE(got.rows.empty());
      // All there is up to the trade in hand, and not one row behind it.
      EXPECT_EQ(got.rows.back(), trade);
      EXPECT_EQ(got.rows.size(), 1 + static_cast<std::size_t>((now_ns - begin_ns) / second_ns));
      ++looked;
    });
    for (const std::string interval : {"1m", "5m"})
      it.its().read_bars("X", interval, all, [=](const past_rows<protocol::bar>& got) {
        const auto length_ns = (interval == "5m" ? 5 : 1) * minute_ns;
        EXPECT_GE(got.rows.size(), interval == "5m" ? 4U : 0U);
        for (const auto& bar : got.rows) {
          EXPECT_LE(bar.time_ns + (bar.closed ? length_ns : 0), now_ns) << interval;
        }
      });
    // Of what is not subscribed to, what is older than now.
    it.its().read_trades("Y", all, [now_ns](const past_rows<protocol::trade>& got) {
      EXPECT_EQ(got.rows.size(), static_cast<std::size_t>((now_ns - begin_ns) / second_ns));
    });
    it.its().read_trades("X", past::between(now_ns + 1), [](const past_rows<protocol::trade>& got) {
      EXPECT_TRUE(got.ok());
      EXPECT_TRUE(got.rows.empty());
    });
  };
  play();
  EXPECT_EQ(looked, 600);
}

TEST_F(a_backtest, computes_indicators_up_to_now_and_to_the_bit) {
  keep_bars("1m", 200, begin_ns - 200 * minute_ns);
  keep_trades(30);
  indicator rsi;
  std::vector<protocol::bar> seen;
  strategy::starts = [&](strategy& it) { rsi = it.its().indicator("X", "1m", "rsi(14)"); };
  strategy::history = [&](strategy& it, const source&) {
    EXPECT_TRUE(rsi.ready());
    seen = it.its().bars("X", "1m", 500);
    EXPECT_EQ(seen.size(), 200U);
  };
  std::size_t compared = 0;
  strategy::each_bar = [&](strategy&, const source&, const protocol::bar& bar) {
    if (!bar.closed) return;
    seen.push_back(bar);
    std::vector<analytics::indicators::bar_input> inputs;
    for (const auto& each : seen)
      inputs.push_back({each.open.to_double(), each.high.to_double(), each.low.to_double(),
                        each.close.to_double(), each.volume.to_double(), false});
    const auto whole =
        analytics::indicators::compute(analytics::indicators::parse_call("rsi(14)").value(), inputs);
    EXPECT_EQ(rsi.closed(), whole[0].back());
    EXPECT_EQ(rsi.closed_time_ns(), bar.time_ns);
    ++compared;
  };
  backtest_options options;
  options.from_ns = begin_ns;
  play(options);
  EXPECT_EQ(compared, 29U);
}

TEST_F(a_backtest, gives_the_same_bytes_every_time) {
  keep_trades(20);
  strategy::starts = [](strategy& it) {
    it.its().subscribe("*.X");
    it.its().every(std::chrono::milliseconds(1700));
  };
  strategy::each_bar = [](strategy& it, const source& from, const protocol::bar& bar) {
    it.its().publish("signal.bar",
                     {{"i", from.interval}, {"c", bar.close.to_double()}, {"closed", bar.closed}});
  };
  strategy::each_timer = [](strategy& it) { it.its().publish("signal.timer", it.its().now_ns()); };
  play();
  const auto once = std::exchange(out, {});
  EXPECT_GT(once.size(), 10'000U);
  play();
  EXPECT_EQ(out, once);
}

TEST_F(a_backtest, plays_what_is_subscribed_to_on_the_way_from_then_on) {
  keep_trades(2);
  std::int64_t first_ns = 0;
  strategy::starts = [](strategy& it) { it.its().after(std::chrono::milliseconds(10'500)); };
  strategy::each_timer = [](strategy& it) { it.its().subscribe("trade.X"); };
  strategy::each_trade = [&](strategy&, const protocol::trade& trade) {
    if (first_ns == 0) first_ns = trade.time_ns;
  };
  EXPECT_EQ(play().trades, 109U);
  EXPECT_EQ(first_ns, begin_ns + 11 * second_ns);
}

TEST_F(a_backtest, hands_an_exception_of_the_plugin_on) {
  keep_trades(1);
  strategy::starts = [](strategy& it) { it.its().subscribe("trade.X"); };
  strategy::each_trade = [](strategy&, const protocol::trade& trade) {
    if (trade.time_ns >= begin_ns + 10 * second_ns) throw std::runtime_error("enough");
  };
  try {
    play();
    FAIL() << "it went on";
  } catch (const std::runtime_error& failure) {
    EXPECT_STREQ(failure.what(), "enough");
  }
}

TEST_F(a_backtest, says_so_when_nothing_is_kept) {
  EXPECT_THROW(play(), std::runtime_error);
}

}  // namespace
}  // namespace tickcast::plugins
