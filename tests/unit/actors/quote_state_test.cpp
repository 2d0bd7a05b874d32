#include "actors/topics/quote_state.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <tuple>

#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {
namespace {

using actors::quote_state;
using actors::taken;
using protocol::decimal;

constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int64_t second = 1000 * millisecond;

decimal d(const char* text) {
  return decimal::parse(text).value();
}

/// Keeps what goes out: ticket, seq and frame.
class kept_updates final : public actors::update_sink {
public:
  using item = std::tuple<std::uint64_t, std::uint64_t, std::string>;
  void deliver(actors::post_index, std::uint64_t ticket,
               std::shared_ptr<const actors::update> what) override {
    items.emplace_back(ticket, what->seq,
                       std::string(what->frames[protocol::index(protocol::encoding::json)]->payload()));
  }
  std::vector<item> items;
};

actors::bar_forms forms_of(const std::vector<std::string>& intervals, std::int32_t lateness_ms) {
  actors::bar_forms result{{}, lateness_ms, 100};
  for (const auto& each : intervals)
    result.intervals.push_back({each, protocol::parse_interval(each).value()});
  return result;
}

/// One symbol's state, with a listener to each of its topics.
class listened {
public:
  explicit listened(const actors::bar_forms& forms, std::shared_ptr<const analytics::calendar> hours =
                                                        std::make_shared<const analytics::calendar>())
      : forms_(forms), hours_(std::move(hours)) {
    feed_.name = "pull";
    feed_.key = 77;
    feed_.state = protocol::feed_state::live;
    make();
  }

  template <class Tick>
  taken take(const Tick& tick) {
    steady_ns_ += 20 * millisecond;
    return state_->take(tick, feed_, now());
  }
  void pass(std::int64_t ns) { steady_ns_ += ns; }
  void push() { state_->push_forming(now()); }
  void close_bars(std::int64_t clock_ns) { state_->close_bars(clock_ns, now()); }
  /// Goes on in a state that knows what this one saved, and no more.
  void cut() {
    std::string bytes;
    state_->save(bytes);
    make();
    std::string_view from = bytes;
    ASSERT_TRUE(
        state_->load(from, [this](std::string_view name) { return name == "pull" ? &feed_ : nullptr; }));
    EXPECT_TRUE(from.empty());
  }
  quote_state& state() { return *state_; }
  const actors::stream& stream_of(const std::string& topic) { return *state_->find(topic); }
  std::vector<protocol::bar> bars(const std::string& interval) {
    const auto view = state_->view(stream_of("bar." + interval + ".X"));
    const auto& bars = std::get<actors::bar_view>(*view).bars;
    return {bars.begin(), bars.end()};
  }
  actors::trade_view trades() { return std::get<actors::trade_view>(*state_->view(stream_of("trade.X"))); }
  const std::vector<kept_updates::item>& updates() const { return sink_.items; }
  const actors::bar_counters& counters() const { return counters_; }

private:
  actors::turn now() { return {steady_ns_, 250 * millisecond, sink_, plans_, counters_}; }
  void make() {
    state_ = std::make_unique<quote_state>(symbol_, feed_, forms_, hours_);
    std::uint64_t ticket = 0;
    state_->each_stream([&](actors::stream& each) {
      each.set_listener({0, ++ticket, actors::class_bit(protocol::encoding::json)});
    });
  }

  const actors::bar_forms& forms_;
  std::shared_ptr<const analytics::calendar> hours_;
  actors::symbol symbol_{"X", 0, 0};
  actors::feed_entry feed_;
  std::int64_t steady_ns_ = 5 * second;
  kept_updates sink_;
  std::vector<actors::bar_plan> plans_;
  actors::bar_counters counters_;
  std::unique_ptr<quote_state> state_;
};

protocol::trade trade_at(std::int64_t time_ns, const char* price, const char* size, std::uint64_t id) {
  return {time_ns, d(price), d(size), protocol::side::buy, {protocol::trade_id::kind::number, id, nullptr}};
}
protocol::trade_amendment cancel(std::uint64_t id) {
  return {{protocol::trade_id::kind::number, id, nullptr}, 0, true, {}, {}};
}
protocol::trade_amendment correct(std::uint64_t id, const char* price, const char* size) {
  return {{protocol::trade_id::kind::number, id, nullptr}, 0, false, d(price), d(size)};
}

/// Something that happens to a market's state.
using happening = std::function<void(listened&)>;

protocol::trade_id random_id(std::mt19937_64& random, std::uint64_t& last, std::size_t i) {
  using kind = protocol::trade_id::kind;
  if (random() % 10 == 0)
    return {kind::text, 0, std::make_shared<const std::string>("t" + std::to_string(i))};
  if (random() % 12 == 0) return {kind::number, random() % (last + 1), nullptr};
  return {kind::number, ++last, nullptr};
}

/// A market's ticks, with late and repeated ones, amendments, fed bars, and looks of the clock between.
std::vector<happening> market_of(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  std::vector<happening> result;
  std::int64_t time_ms = 1'700'000'000'000 + static_cast<std::int64_t>(seed) * 86'400'000 / 7;
  std::uint64_t id = 0;
  const auto price = [&] {
    return decimal::from_parts(static_cast<std::int64_t>(6'000'000 + random() % 500), 2);
  };
  const auto add = [&](auto tick) { result.push_back([tick](listened& to) { to.take(tick); }); };
  for (std::size_t i = 0; i < count; ++i) {
    time_ms += static_cast<std::int64_t>(random() % 400);
    const auto back_ms = static_cast<std::int64_t>(random() % 5 == 0 ? random() % 3000 : 0);
    const auto time_ns = (time_ms - back_ms) * millisecond;
    const auto size = decimal::from_parts(static_cast<std::int64_t>(random() % 9000), 3);
    const auto kind = random() % 20;
    if (kind < 10) {
      add(protocol::trade{time_ns, price(), size, protocol::side::sell, random_id(random, id, i)});
    } else if (kind < 14) {
      add(protocol::quote{time_ns, price(), size, price(), size});
    } else if (kind < 16) {
      const bool cancels = random() % 2;
      add(protocol::trade_amendment{{protocol::trade_id::kind::number, random() % (id + 1), nullptr},
                                    time_ns,
                                    cancels,
                                    cancels ? decimal() : price(),
                                    cancels ? decimal() : size});
    } else if (kind < 17) {
      actors::fed_bar bar{"15m", {}};
      bar.value.time_ns = time_ms / 900'000 * 900'000 * millisecond;
      bar.value.open = bar.value.high = bar.value.low = bar.value.close = price();
      add(bar);
    } else if (kind < 18) {
      result.push_back([](listened& to) { to.push(); });
    } else {
      const auto clock_ns = (time_ms + static_cast<std::int64_t>(random() % 2000)) * millisecond;
      result.push_back([clock_ns](listened& to) { to.close_bars(clock_ns); });
    }
  }
  return result;
}

std::string whole(listened& of) {
  std::string bytes;
  of.state().save(bytes);
  return bytes;
}

const std::vector<std::string> many_intervals{"1s",  "5s", "1m",  "5m",      "1h",     "1d",     "1w",
                                              "1mo", "7t", "20v", "200000q", "1s@bid", "5s@ask", "3t@mid"};

TEST(quote_state, goes_on_bit_by_bit_as_if_it_had_never_been_saved) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto forms = forms_of(many_intervals, seed % 2 ? 2000 : 0);
    const auto market = market_of(seed, 600);
    std::mt19937_64 random(seed);
    listened never(forms), cut(forms);
    for (const auto& each : market) {
      if (random() % 40 == 0) {
        const auto epoch = cut.state().epoch();
        cut.cut();
        ASSERT_EQ(cut.state().epoch(), epoch);
      }
      each(never);
      each(cut);
    }
    ASSERT_EQ(never.updates(), cut.updates()) << "seed " << seed;
    auto left = whole(never), right = whole(cut);
    // Epochs differ by design; both have one length.
    ASSERT_EQ(left.size(), right.size());
    const auto at = left.find(never.state().epoch());
    left.replace(at, never.state().epoch().size(), cut.state().epoch());
    EXPECT_EQ(left, right);
    EXPECT_GT(never.counters().revised, 0U);
    EXPECT_GT(never.counters().amendments, 0U);
  }
}

TEST(quote_state, takes_nothing_that_is_not_whole) {
  const auto forms = forms_of({"1s", "1m"}, 1000);
  listened market(forms);
  for (const auto& each : market_of(3, 200)) each(market);
  const auto bytes = whole(market);
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    listened other(forms);
    std::string_view part = std::string_view(bytes).substr(0, size);
    EXPECT_FALSE(other.state().load(part, [](auto) { return nullptr; })) << size;
  }
}

TEST(quote_state, is_read_where_other_intervals_are_formed) {
  const auto before = forms_of({"1s", "1m"}, 0);
  const auto after = forms_of({"1m", "5m"}, 0);
  listened market(before);
  market.take(trade_at(10 * second, "10", "1", 1));
  market.take(trade_at(11 * second, "20", "2", 2));
  const auto bytes = whole(market);
  listened other(after);
  std::string_view from = bytes;
  ASSERT_TRUE(other.state().load(from, [](auto) { return nullptr; }));
  EXPECT_EQ(other.take(trade_at(12 * second, "5", "1", 3)), taken::published);
  EXPECT_EQ(other.take(trade_at(12 * second, "5", "1", 2)), taken::repeated);
  EXPECT_EQ(other.take(cancel(1)), taken::published);
  ASSERT_EQ(other.bars("1m").size(), 1U);
  EXPECT_EQ(other.bars("1m")[0].open, d("20"));
  ASSERT_EQ(other.bars("5m").size(), 1U);
  EXPECT_EQ(other.bars("5m")[0].trades, 1U) << "what came before is not in it and cannot be taken from it";
}

TEST(quote_state, amends_the_last_trades_the_day_and_every_bar) {
  const auto forms = forms_of({"1s", "1m"}, 0);
  listened market(forms);
  market.take(trade_at(10 * second, "10", "1", 1));
  market.take(trade_at(10 * second + 1, "99", "5", 2));
  market.take(trade_at(12 * second, "11", "2", 3));
  EXPECT_EQ(market.take(cancel(2)), taken::published);
  EXPECT_EQ(market.trades().last.to_vector().size(), 2U);
  EXPECT_EQ(market.trades().day.high, d("11"));
  EXPECT_EQ(market.trades().day.volume, d("3"));
  EXPECT_EQ(market.bars("1s")[0].rev, 1U);
  EXPECT_TRUE(market.bars("1s")[0].closed);
  EXPECT_EQ(market.bars("1s")[0].high, d("10"));
  EXPECT_EQ(market.bars("1m")[0].high, d("11"));
  EXPECT_EQ(market.take(correct(3, "12", "4")), taken::published);
  EXPECT_EQ(market.trades().last.to_vector().back().price, d("12"));
  EXPECT_EQ(market.bars("1m")[0].value, d("58"));
  EXPECT_EQ(market.take(cancel(2)), taken::repeated);
  EXPECT_EQ(market.take(correct(3, "12", "4")), taken::repeated);
  EXPECT_EQ(market.take(trade_at(13 * second, "99", "5", 2)), taken::repeated) << "it stays cancelled";
  EXPECT_EQ(market.take(cancel(1000)), taken::published) << "clients and stores may know it";
  EXPECT_EQ(market.counters().amendments, 2U);
  EXPECT_EQ(market.counters().unknown_amendments, 1U);
}

TEST(quote_state, counts_bars_that_it_cannot_amend) {
  const auto forms = forms_of({"1m"}, 0);
  listened market(forms);
  for (std::uint64_t id = 1; id <= 150; ++id)
    market.take(trade_at(static_cast<std::int64_t>(id) * millisecond, id == 120 ? "99" : "10", "1", id));
  const auto before = market.bars("1m");
  market.take(cancel(120));
  EXPECT_EQ(market.bars("1m"), before) << "its high: what is next to it is no longer kept";
  EXPECT_EQ(market.counters().unrevised, 2U) << "the minute and the day";
}

TEST(quote_state, tells_the_day_by_the_exchanges_calendar) {
  auto hours = protocol::parse_trading_hours("1700-1600").value();
  const auto globex = std::make_shared<const analytics::calendar>(
      analytics::calendar::make(hours, "America/Chicago").value());
  const auto forms = forms_of({"1d"}, 0);
  listened market(forms, globex);
  constexpr std::int64_t monday_noon = 1732557600 * second;  // 2024-11-25 12:00 in Chicago
  constexpr std::int64_t hour = 3600 * second;
  market.take(trade_at(monday_noon - 18 * hour, "10", "1", 1));
  market.take(trade_at(monday_noon, "12", "1", 2));
  EXPECT_EQ(market.trades().day.trades, 2U) << "Sunday evening is Monday";
  EXPECT_FALSE(market.trades().day.has_previous_close);
  market.take(trade_at(monday_noon + 5 * hour, "13", "1", 3));
  EXPECT_EQ(market.trades().day.trades, 1U) << "17:00: Tuesday";
  EXPECT_EQ(market.trades().day.previous_close, d("12"));
  ASSERT_EQ(market.bars("1d").size(), 2U);
  EXPECT_EQ(market.bars("1d")[0].time_ns, monday_noon - 19 * hour);
  EXPECT_TRUE(market.bars("1d")[0].closed);
}

TEST(quote_state, forms_bars_of_quotes_by_side) {
  const auto forms = forms_of({"1m@bid", "1m@ask", "1m@mid"}, 0);
  listened market(forms);
  market.take(protocol::quote{1 * second, d("10"), d("1"), d("11"), d("1")});
  market.take(protocol::quote{2 * second, d("10.1"), d("1"), {}, {}});
  EXPECT_EQ(market.bars("1m@bid")[0].high, d("10.1"));
  EXPECT_EQ(market.bars("1m@bid")[0].trades, 2U);
  EXPECT_TRUE(market.bars("1m@bid")[0].volume.is_zero());
  EXPECT_EQ(market.bars("1m@ask")[0].trades, 1U) << "no order on that side, no price";
  EXPECT_EQ(market.bars("1m@mid")[0].close, d("10.5"));
  market.take(trade_at(3 * second, "50", "1", 1));
  EXPECT_EQ(market.bars("1m@mid")[0].high, d("10.5"));
}

TEST(quote_state, takes_a_feeds_own_revisions) {
  const auto forms = forms_of({"1m"}, 0);
  listened market(forms);
  protocol::bar bar;
  for (const std::int64_t minute : {1, 2, 3}) {
    bar.time_ns = minute * 60 * second;
    bar.closed = true;
    EXPECT_EQ(market.take(actors::fed_bar{"5m", bar}), taken::published);
  }
  bar.time_ns = 60 * second;
  bar.rev = 1;
  EXPECT_EQ(market.take(actors::fed_bar{"5m", bar}), taken::published);
  EXPECT_EQ(market.bars("5m")[0].rev, 1U);
  bar.time_ns = 0;
  EXPECT_EQ(market.take(actors::fed_bar{"5m", bar}), taken::refused) << "older than what is kept";
}

class bar_clock : public world {
protected:
  explicit bar_clock(bool closes = true, std::int64_t lateness_ms = 0)
      : world(1, [=](config::config& c) {
          c.bars.clock_close = closes;
          c.bars.lateness_ms = lateness_ms;
        }) {}
  static json last_update(const recording_client& of) {
    const auto updates = of.got("update");
    return updates.empty() ? json() : updates.back()["data"];
  }
};

TEST_F(bar_clock, closes_a_bar_when_its_time_is_over_and_no_trade_comes) {
  auto& port = feed("sub");
  auto& client = join(0, {"bar.1s.BTC"});
  trade(port, "BTC", 1'723'075'200, "10");
  advance(std::chrono::milliseconds(900));
  EXPECT_NE(last_update(client)["closed"], true) << "a recording's clock is its own";
  advance(std::chrono::milliseconds(200));
  advance(std::chrono::milliseconds(100));
  EXPECT_EQ(last_update(client)["closed"], true);
  EXPECT_EQ(last_update(client)["trades"], 1);
  const auto count = client.got("update").size();
  trade(port, "BTC", 1'723'075'202, "11");
  EXPECT_EQ(client.got("update").size(), count + 1) << "the next bar alone";
}

TEST_F(bar_clock, goes_by_the_latest_tick_of_the_feed_whatever_its_symbol) {
  auto& port = feed("sub");
  auto& client = join(0, {"bar.1m.BTC"});
  trade(port, "BTC", 1'723'075'200, "10");
  trade(port, "ETH", 1'723'075'261, "10");
  advance(std::chrono::milliseconds(150));
  EXPECT_EQ(last_update(client)["closed"], true);
}

class late_bar_clock : public bar_clock {
protected:
  late_bar_clock() : bar_clock(true, 2000) {}
};

TEST_F(late_bar_clock, waits_for_late_trades) {
  auto& port = feed("sub");
  auto& client = join(0, {"bar.1s.BTC"});
  trade(port, "BTC", 1'723'075'200, "10");
  advance(std::chrono::milliseconds(2500));
  EXPECT_NE(last_update(client)["closed"], true);
  advance(std::chrono::milliseconds(600));
  advance(std::chrono::milliseconds(100));
  EXPECT_EQ(last_update(client)["closed"], true);
}

TEST_F(late_bar_clock, lets_a_late_trade_revise_what_a_newer_one_has_closed) {
  auto& port = feed("sub");
  auto& client = join(0, {"bar.1s.BTC"});
  trade(port, "BTC", 1'723'075'200, "10");
  trade(port, "BTC", 1'723'075'201, "11");
  trade(port, "BTC", 1'723'075'200, "7");
  EXPECT_EQ(last_update(client)["closed"], true);
  EXPECT_EQ(last_update(client)["rev"], 1);
  EXPECT_EQ(last_update(client)["low"], 7);
  auto& second_client = join(0, {"bar.1s.BTC"});
  const auto bars = second_client.got("snapshot")[0]["data"]["bars"];
  ASSERT_EQ(bars.size(), 2U);
  EXPECT_EQ(bars[0]["rev"], 1);
}

class no_bar_clock : public bar_clock {
protected:
  no_bar_clock() : bar_clock(false) {}
};

TEST_F(no_bar_clock, leaves_bars_to_the_next_trade) {
  auto& port = feed("sub");
  auto& client = join(0, {"bar.1s.BTC"});
  trade(port, "BTC", 1'723'075'200, "10");
  advance(std::chrono::seconds(60));
  EXPECT_NE(last_update(client)["closed"], true);
}

TEST_F(bar_clock, lets_clients_see_a_cancel_as_an_update_and_the_bars_it_revises) {
  auto& port = feed("sub");
  auto& client = join(0, {"trade.BTC", "bar.1m.BTC"});
  trade(port, "BTC", 1'723'075'200, "10", "1", 5);
  trade(port, "BTC", 1'723'075'201, "99", "1", 6);
  port.on_amendment("BTC", cancel(6), {});
  port.flush();
  settle();
  json told, bar;
  for (const auto& each : client.got("update")) (each["topic"] == "trade.BTC" ? told : bar) = each["data"];
  EXPECT_EQ(told["id"], 6);
  EXPECT_EQ(told["cancelled"], true);
  EXPECT_EQ(told["day"]["high"], 10);
  EXPECT_EQ(bar["high"], 10);
  EXPECT_EQ(bar["trades"], 1);
  auto& later = join(0, {"trade.BTC"});
  EXPECT_EQ(later.got("snapshot")[0]["data"]["trades"].size(), 1U);
}

protocol::quote quote_of(std::int64_t bid) {
  protocol::quote made;
  made.time_ns = bid;
  made.bid = decimal::from_integer(bid);
  return made;
}

TEST(quote_state_test, of_quotes_that_come_too_fast_the_last_one_wins) {
  const auto forms = forms_of({}, 0);
  listened of(forms);
  of.state().set_quote_interval(100 * millisecond);
  // One each 20 ms.
  for (std::int64_t i = 1; i <= 4; ++i) EXPECT_EQ(of.take(quote_of(i)), taken::published);
  ASSERT_EQ(of.updates().size(), 1U);
  EXPECT_TRUE(of.state().has_waiting_bars());
  of.push();
  EXPECT_EQ(of.updates().size(), 1U) << "too early";
  of.pass(100 * millisecond);
  of.push();
  ASSERT_EQ(of.updates().size(), 2U);
  EXPECT_EQ(std::get<1>(of.updates().back()), 2U);
  EXPECT_NE(std::get<2>(of.updates().back()).find("\"bid\":4"), std::string::npos);
  EXPECT_FALSE(of.state().has_waiting_bars());
  EXPECT_EQ(of.counters().quotes_conflated.load(), 2U);
  EXPECT_EQ(of.state().heard(), 5U) << "each was heard of";
}

}  // namespace
}  // namespace tickcast::tests
