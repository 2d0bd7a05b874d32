#include "plugins/runner/runner.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <stdexcept>

#include "plugins/runner/pattern.hpp"
#include "protocol/topic.hpp"

namespace tickcast::plugins {
namespace {

constexpr std::int64_t ms = 1'000'000;

/// Keeps what leaves.
class recorder final : public outlet {
public:
  void subscribe(const std::string& pattern) override { subscribed.push_back(pattern); }
  void unsubscribe(const std::string&) override {}
  void refresh(const std::vector<std::string>&) override {}
  published event(std::string_view topic, std::string&& text) override {
    events.push_back(std::string(topic) + " " + text);
    return published::sent;
  }
  published trade(std::string_view, const protocol::trade&) override { return published::sent; }
  published quote(std::string_view, const protocol::quote&) override { return published::sent; }
  published bar(std::string_view, std::string_view, const protocol::bar&) override { return published::sent; }
  void flush() override {}
  void ask(std::string_view, std::uint64_t id, std::string&&) override { asked.push_back(id); }
  void reply(std::uint64_t, bool, std::string&&) override {}
  void read(const past_request& what) override { reads.push_back(what); }
  void log(log_level, std::string_view text) override { lines.emplace_back(text); }

  std::vector<std::string> subscribed, events, lines;
  std::vector<std::uint64_t> asked;
  std::vector<past_request> reads;
};

/// Does what the test says.
class puppet final : public plugin {
public:
  void on_start() override { starts(); }
  void on_trade(const source&, const protocol::trade& trade) override { trades.push_back(trade.time_ns); }
  void on_timer(timer_id timer) override { timers.push_back(timer); }
  void on_bar(const source&, const protocol::bar& bar) override { bars(bar); }
  context& its() { return engine(); }
  std::function<void(const protocol::bar&)> bars = [](const protocol::bar&) {};
  std::function<void()> starts = [] {};
  std::vector<std::int64_t> trades;
  std::vector<timer_id> timers;
};

class a_runner : public testing::Test {
protected:
  void start() { it.start(); }
  message trade(std::uint64_t seq) {
    return {topic, seq, protocol::trade{static_cast<std::int64_t>(seq), {}, {}, {}, {}}};
  }
  std::int64_t now = 1'000'000'000'000;
  puppet its;
  recorder out;
  vitals seen;
  pulse beat;
  std::shared_ptr<const topic_ref> topic =
      std::make_shared<const topic_ref>(protocol::parse_topic("trade.X").value());
  runner it{its, {"p", {}, 100, false}, out, seen, beat, {[this] { return now; }, [this] { return now; }}};
};

TEST_F(a_runner, lets_no_update_through_that_its_history_has) {
  auto whole = std::make_shared<topic_history>();
  whole->trades.resize(3);
  it.handle(trade(1));
  it.handle({topic, 5, std::shared_ptr<const topic_history>(whole)});
  it.handle(trade(5));
  it.handle(trade(6));
  EXPECT_EQ(its.trades, (std::vector<std::int64_t>{1, 6}));
  EXPECT_EQ(it.trades("X", 50).size(), 4U);
}

TEST_F(a_runner, keeps_fifty_trades) {
  for (std::uint64_t seq = 1; seq <= 60; ++seq) it.handle(trade(seq));
  const auto kept = it.trades("X", 1000);
  ASSERT_EQ(kept.size(), 50U);
  EXPECT_EQ(kept.front().time_ns, 11);
  EXPECT_EQ(it.trades("X", 2).front().time_ns, 59);
}

TEST_F(a_runner, refuses_topics_of_the_engine_bad_topics_and_what_is_no_json) {
  EXPECT_EQ(it.publish_text("trade.X", "1"), published::not_allowed);
  EXPECT_EQ(it.publish_text("feed.x", "1"), published::not_allowed);
  EXPECT_EQ(it.publish_text("user.1", "1"), published::not_allowed);
  EXPECT_EQ(it.publish_text("signal", "1"), published::bad_topic);
  EXPECT_EQ(it.publish_text("signal.a b", "1"), published::bad_topic);
  EXPECT_EQ(it.publish_text("signal.a", "{nope"), published::bad_value);
  EXPECT_EQ(it.publish_trade("X", {}), published::not_allowed);
  EXPECT_EQ(seen.refused, 7U);
  EXPECT_EQ(it.publish_text("signal.a", "{ \"a\" : 0.10 }"), published::sent);
  EXPECT_EQ(out.events, std::vector<std::string>{"signal.a {\"a\":0.10}"});
}

TEST_F(a_runner, publishes_no_faster_than_its_budget) {
  for (int i = 0; i < 150; ++i) it.publish_text("signal.a", "1");
  EXPECT_EQ(out.events.size(), 100U);
  EXPECT_EQ(seen.over_budget, 50U);
  now += 500 * ms;
  for (int i = 0; i < 150; ++i) it.publish_text("signal.a", "1");
  EXPECT_EQ(out.events.size(), 150U);
}

TEST_F(a_runner, ends_what_goes_on_flooding_for_three_seconds) {
  its.starts = [this] { its.its().every(std::chrono::milliseconds(10)); };
  start();
  bool ended = false;
  int beats = 0;
  for (; beats < 1000 && !ended; ++beats) {
    now += 10 * ms;
    for (int i = 0; i < 100; ++i) it.publish_text("signal.a", "1");
    try {
      it.run_timers();
    } catch (const budget_spent&) {
      ended = true;
    }
  }
  EXPECT_TRUE(ended);
  EXPECT_NEAR(beats, 300, 15);
}

TEST_F(a_runner, forgives_a_burst_that_ends) {
  its.starts = [this] { its.its().every(std::chrono::milliseconds(10)); };
  start();
  for (int second = 0; second < 20; second += 2) {
    for (int i = 0; i < 300; ++i) it.publish_text("signal.a", "1");
    now += 2000 * ms;
    EXPECT_NO_THROW(it.run_timers());
  }
}

TEST_F(a_runner, calls_a_late_timer_once_and_keeps_its_beat) {
  timer_id id = 0;
  its.starts = [&] { id = its.its().every(std::chrono::milliseconds(100)); };
  start();
  now += 350 * ms;
  it.run_timers();
  EXPECT_EQ(its.timers, std::vector<timer_id>{id});
  EXPECT_EQ(*it.next_timer_ns() - now, 50 * ms);
  its.its().cancel(id);
  EXPECT_FALSE(it.next_timer_ns());
}

TEST_F(a_runner, answers_a_question_once_with_the_answer_or_with_the_time_out) {
  std::vector<std::string> got;
  const auto then = [&](const answer& given) { got.push_back(given.ok ? given.value.dump() : given.error); };
  start();
  it.ask("other", 1, then, std::chrono::milliseconds(100));
  it.ask("other", 2, then, std::chrono::milliseconds(100));
  ASSERT_EQ(out.asked.size(), 2U);
  it.handle({nullptr, 0, answer_text{out.asked[1], true, "{\"a\":1}"}});
  now += 200 * ms;
  it.run_timers();
  it.handle({nullptr, 0, answer_text{out.asked[0], true, "5"}});
  EXPECT_EQ(got, (std::vector<std::string>{"{\"a\":1}", "no answer in time"}));
}

TEST_F(a_runner, leaves_lines_out_of_the_log_that_are_too_many) {
  for (int i = 0; i < 250; ++i) it.log(log_level::info, "x");
  EXPECT_EQ(out.lines.size(), 100U);
  EXPECT_EQ(seen.log_dropped, 150U);
}

TEST_F(a_runner, bounds_metrics_and_refuses_their_names) {
  for (int i = 0; i < 150; ++i) it.count("metric_" + std::to_string(i), 1);
  EXPECT_EQ(seen.counters().size(), vitals::most_metrics);
  it.gauge("a b", 1);
  EXPECT_TRUE(seen.gauges().empty());
  EXPECT_EQ(seen.metrics_refused, 51U);
}

TEST_F(a_runner, subscribes_once_and_only_to_patterns) {
  start();
  EXPECT_TRUE(it.subscribe("trade.*"));
  EXPECT_TRUE(it.subscribe("trade.*"));
  EXPECT_FALSE(it.subscribe("trade"));
  EXPECT_FALSE(it.subscribe("a b*"));
  EXPECT_EQ(out.subscribed, std::vector<std::string>{"trade.*"});
}

// ---- the past, and indicators

protocol::bar closed_bar(std::int64_t minute, std::int64_t close) {
  const auto price = protocol::decimal::from_parts(close, 0);
  protocol::bar result{minute * 60'000'000'000, price, price, price, price, price};
  result.closed = true;
  return result;
}

class a_runner_with_bars : public a_runner {
protected:
  message bar(std::uint64_t seq, const protocol::bar& value) { return {bars, seq, value}; }
  message told(std::uint64_t seq, std::vector<protocol::bar> of) {
    auto whole = std::make_shared<topic_history>();
    whole->epoch = "k";
    whole->bars = std::move(of);
    return {bars, seq, std::shared_ptr<const topic_history>(std::move(whole))};
  }
  /// Answers the last question.
  void answer(std::vector<protocol::bar> rows, bool more = false, past_error code = past_error::none) {
    past_answer given{out.reads.back().id, code, "why", "k", 3, more, {}, std::move(rows)};
    it.handle({bars, 3, std::make_shared<const past_answer>(std::move(given))});
  }
  std::shared_ptr<const topic_ref> bars =
      std::make_shared<const topic_ref>(protocol::parse_topic("bar.1m.X").value());
};

TEST_F(a_runner_with_bars, holds_bars_back_until_their_indicators_have_the_stored_ones) {
  const auto sma = it.indicator("X", "1m", "sma(2)");
  EXPECT_EQ(out.subscribed, std::vector<std::string>{"bar.1m.X"});
  EXPECT_TRUE(std::isnan(sma.value()));
  std::vector<double> heard;
  its.bars = [&](const protocol::bar&) { heard.push_back(sma.closed()); };
  it.handle(told(2, {closed_bar(2, 30)}));
  it.handle(bar(3, closed_bar(3, 50)));
  EXPECT_TRUE(heard.empty());
  EXPECT_FALSE(sma.ready());
  answer({closed_bar(1, 10)}, true);
  ASSERT_EQ(out.reads.size(), 2U);
  EXPECT_EQ(out.reads.back().which.from_ns, closed_bar(1, 0).time_ns + 1);
  answer({closed_bar(2, 30)});
  EXPECT_TRUE(sma.ready());
  EXPECT_EQ(heard, std::vector<double>{40});
}

TEST_F(a_runner_with_bars, an_older_bar_that_is_revised_takes_its_place_and_changes_indicators) {
  const auto sma = it.indicator("X", "1m", "sma(2)");
  it.handle(told(2, {closed_bar(1, 10), closed_bar(2, 20)}));
  answer({});
  it.handle(bar(3, closed_bar(3, 30)));
  EXPECT_EQ(sma.closed(), 25);
  auto revised = closed_bar(2, 40);
  revised.rev = 1;
  it.handle(bar(4, revised));
  EXPECT_EQ(sma.closed(), 35);
  EXPECT_EQ(sma.closed_time_ns(), closed_bar(3, 0).time_ns);
  const auto kept = it.bars("X", "1m", 500);
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(kept[1], revised);
}

TEST_F(a_runner_with_bars, begins_an_indicator_anew_when_bars_are_missing) {
  const auto sma = it.indicator("X", "1m", "sma(2)");
  it.handle(told(2, {closed_bar(1, 10), closed_bar(2, 20)}));
  answer({});
  const auto reads = out.reads.size();
  it.handle(told(900, {closed_bar(700, 1), closed_bar(701, 3)}));
  ASSERT_EQ(out.reads.size(), reads + 1);
  answer({closed_bar(1, 10), closed_bar(2, 20), closed_bar(699, 7), closed_bar(700, 1)});
  EXPECT_EQ(sma.closed(), 2);
}

TEST_F(a_runner_with_bars, asks_history_again_that_was_busy) {
  const auto sma = it.indicator("X", "1m", "sma(1)");
  it.handle(told(1, {}));
  answer({}, false, past_error::busy);
  EXPECT_FALSE(sma.ready());
  now += 100 * ms;
  it.run_timers();
  ASSERT_EQ(out.reads.size(), 2U);
  answer({closed_bar(1, 10)});
  EXPECT_EQ(sma.closed(), 10);
}

TEST_F(a_runner_with_bars, begins_without_history_that_cannot_be_read_and_says_so) {
  const auto sma = it.indicator("X", "1m", "sma(1)");
  it.handle(told(1, {closed_bar(4, 44)}));
  answer({}, false, past_error::failed);
  EXPECT_EQ(sma.closed(), 44);
  ASSERT_EQ(out.lines.size(), 1U);
  EXPECT_NE(out.lines[0].find("without its history: why"), std::string::npos);
}

TEST_F(a_runner_with_bars, refuses_what_is_no_indicator_with_a_sentence) {
  EXPECT_THROW(it.indicator("X", "1m", "smaa(2)"), std::invalid_argument);
  EXPECT_THROW(it.indicator("X", "1x", "sma(2)"), std::invalid_argument);
  EXPECT_THROW(it.indicator("X Y", "1m", "sma(2)"), std::invalid_argument);
  EXPECT_TRUE(out.subscribed.empty());
  for (std::size_t i = 1; i <= indicator_desk::most_indicators; ++i)
    it.indicator("X", "1m", "sma(" + std::to_string(i) + ")");
  EXPECT_NO_THROW(it.indicator("X", "1m", "sma(7)"));
  EXPECT_THROW(it.indicator("X", "1m", "ema(7)"), std::invalid_argument);
}

TEST_F(a_runner_with_bars, answers_each_read_once_and_bounds_them) {
  std::vector<past_error> got;
  const auto then = [&](const past_rows<protocol::bar>& rows) { got.push_back(rows.code); };
  for (std::size_t i = 0; i < runner::most_reads + 1; ++i) it.read_bars("X", "1m", past::last(5), then);
  it.read_bars("X", "never", past::last(5), then);
  it.read_bars("X", "1m", past::last(past::most_rows + 1), then);
  EXPECT_EQ(out.reads.size(), runner::most_reads);
  EXPECT_TRUE(got.empty());
  it.run_timers();
  EXPECT_EQ(got,
            (std::vector<past_error>{past_error::busy, past_error::bad_request, past_error::bad_request}));
  got.clear();
  answer({closed_bar(1, 1)});
  answer({closed_bar(1, 1)});
  EXPECT_EQ(got, std::vector<past_error>{past_error::none});
  it.read_bars("X", "1m", past::last(5), then);
  EXPECT_EQ(out.reads.size(), runner::most_reads + 1);
}

TEST(pattern, star_is_any_text_and_question_mark_one_character) {
  EXPECT_TRUE(matches("trade.*", "trade.BTC.X"));
  EXPECT_TRUE(matches("*.BTC?SDT", "trade.BTCUSDT"));
  EXPECT_TRUE(matches("bar.*.X", "bar.1m.X"));
  EXPECT_FALSE(matches("bar.*.X", "bar.1m.XY"));
  EXPECT_FALSE(matches("trade.?", "trade."));
  EXPECT_TRUE(matches("*", ""));
}

}  // namespace
}  // namespace tickcast::plugins
