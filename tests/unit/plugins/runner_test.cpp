#include "plugins/runner/runner.hpp"

#include <gtest/gtest.h>

#include <deque>

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
  void log(log_level, std::string_view text) override { lines.emplace_back(text); }

  std::vector<std::string> subscribed, events, lines;
  std::vector<std::uint64_t> asked;
};

/// Does what the test says.
class puppet final : public plugin {
public:
  void on_start() override { starts(); }
  void on_trade(const source&, const protocol::trade& trade) override { trades.push_back(trade.time_ns); }
  void on_timer(timer_id timer) override { timers.push_back(timer); }
  context& its() { return engine(); }
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
