#include <algorithm>
#include <chrono>
#include <map>

#include "actors/topics/dispatcher.hpp"
#include "analytics/anchored_bars.hpp"
#include "analytics/indicators/batch.hpp"
#include "tests/support/kept_history.hpp"
#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {
namespace {

using namespace std::chrono_literals;

/// A world of 1s bars with a store to seed from; jobs of reader threads run when the test says so.
class indicator_topic : public world {
protected:
  explicit indicator_topic(std::function<void(config::config&)> change = {})
      : world(2, [&change](config::config& c) {
          c.bars.intervals = {"1s", "1m"};
          c.bars.lateness_ms = 20'000;
          c.bars.clock_close = false;
          if (change) change(c);
        }) {
    engine_->keep.past = &past;
    engine_->keep.read_aside = [this](std::function<void()> job) {
      if (refuses_jobs) return false;
      jobs.push_back(std::move(job));
      if (runs_jobs) run_jobs();
      return true;
    };
  }
  ~indicator_topic() override { jobs.clear(); }

  void run_jobs() {
    for (auto job : std::exchange(jobs, {})) job();
  }
  recording_client& subscribe(const std::string& call, std::uint32_t shard = 0,
                              protocol::encoding as = protocol::encoding::json) {
    return join(shard, {"indicator.1s." + call + ".BTC"}, as);
  }
  /// The error that a subscription gets; null: it gets none.
  json refusal_of(const std::string& topic) {
    const auto errors = join(0, {topic}).got("error");
    return errors.empty() ? json() : errors[0]["data"];
  }
  std::uint64_t metric(std::atomic<std::uint64_t> actors::indicator_counters::*which) const {
    std::uint64_t result = 0;
    for (const auto& room : rooms_) result += (room->dispatches().indicators.*which).load();
    return result;
  }
  /// What a client holds after all it was sent, by bar: points as JSON.
  static std::map<std::int64_t, json> held(const recording_client& by, const std::string& topic) {
    std::map<std::int64_t, json> result;
    for (const auto& frame : by.frames) {
      if (!frame.contains("topic") || frame["topic"] != topic) continue;
      if (frame["type"] == "update") result[frame["data"]["time"]] = frame["data"];
      if (frame["type"] == "snapshot" && frame["data"].contains("points"))
        for (const auto& point : frame["data"]["points"]) result[point["time"]] = point;
    }
    return result;
  }
  /// The values of one call over the bars that the shard shows, by bar.
  std::map<std::int64_t, json> computed(const std::string& text) {
    const auto call = analytics::indicators::parse_call(text).value();
    auto& watcher = join(0, {"bar.1s.BTC"});
    const auto bars = watcher.got("snapshot")[0]["data"]["bars"];
    analytics::anchored_bars anchored(round_the_clock);
    std::vector<analytics::indicators::bar_input> inputs;
    for (const auto& each : bars) {
      protocol::bar bar;
      bar.time_ns = each["time"].get<std::int64_t>() * 1000;
      bar.open = protocol::decimal::parse(each["open"].dump()).value();
      bar.high = protocol::decimal::parse(each["high"].dump()).value();
      bar.low = protocol::decimal::parse(each["low"].dump()).value();
      bar.close = protocol::decimal::parse(each["close"].dump()).value();
      bar.volume = protocol::decimal::parse(each["volume"].dump()).value();
      inputs.push_back(anchored.next(bar));
    }
    const auto columns = analytics::indicators::compute(call, inputs);
    const auto names = call.outputs();
    std::map<std::int64_t, json> result;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      json values;
      for (std::size_t k = 0; k < names.size(); ++k)
        values[names[k]] = std::isnan(columns[k][i]) ? json() : json(columns[k][i]);
      const auto time = bars[i]["time"].get<std::int64_t>();
      result[time] = {{"time", time}, {"closed", bars[i]["closed"]}, {"values", values}};
    }
    return result;
  }

  analytics::calendar round_the_clock;
  kept_history past;
  std::vector<std::function<void()>> jobs;
  bool runs_jobs = true;
  bool refuses_jobs = false;
};

TEST_F(indicator_topic, gives_a_snapshot_and_then_the_values_of_the_same_bars) {
  auto& port = feed("sub");
  for (int i = 0; i < 5; ++i) trade(port, "BTC", 100 + i, std::to_string(10 + i * i));
  auto& client = subscribe("macd(2,3,2)");
  const auto snapshots = client.got("snapshot");
  ASSERT_EQ(snapshots.size(), 1U);
  const auto& points = snapshots[0]["data"]["points"];
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[0]["time"], 103'000'000);
  EXPECT_EQ(points[0]["closed"], true);
  EXPECT_EQ(points[1]["time"], 104'000'000);
  EXPECT_EQ(points[1]["closed"], false);
  EXPECT_EQ(snapshots[0]["data"]["feed"]["state"], "live");
  EXPECT_EQ(client.got("reply")[0]["data"]["topics"][0]["epoch"], snapshots[0]["epoch"]);

  for (int i = 5; i < 40; ++i) trade(port, "BTC", 100 + i, std::to_string(10 + (i * 29) % 17) + ".25", "0.3");
  advance(300ms);
  const auto right = computed("macd(2,3,2)");
  const auto mine = held(client, "indicator.1s.macd(2,3,2).BTC");
  ASSERT_EQ(mine.size(), 37U);
  for (const auto& [time, point] : mine) EXPECT_EQ(point, right.at(time)) << time;
  const auto updates = client.got("update");
  for (std::size_t i = 0; i < updates.size(); ++i) EXPECT_EQ(updates[i]["seq"], i + 1);
}

TEST_F(indicator_topic, counts_the_look_back_from_the_first_stored_bar) {
  for (int k = 0; k < 700; ++k) {
    protocol::bar bar;
    bar.time_ns = k * 1'000'000'000LL;
    bar.open = bar.high = bar.low = bar.close = protocol::decimal::from_integer(50 + (k * 7) % 13);
    bar.volume = protocol::decimal::from_integer(1);
    bar.closed = true;
    past.all_bars[{"1s", "BTC"}].push_back(bar);
  }
  auto& port = feed("sub");
  trade(port, "BTC", 5000, "60");
  auto& client = subscribe("sum(700)");
  const auto points = client.got("snapshot")[0]["data"]["points"];
  ASSERT_EQ(points.size(), 2U);
  double sum = 0;
  for (int k = 0; k < 700; ++k) sum += 50 + (k * 7) % 13;
  EXPECT_EQ(points[0]["values"]["sum(700)"], sum);
  EXPECT_EQ(points[1]["values"]["sum(700)"], sum - 50 + 60);
}

TEST_F(indicator_topic, says_null_within_the_look_back) {
  auto& port = feed("sub");
  trade(port, "BTC", 100, "10");
  trade(port, "BTC", 101, "11");
  const auto points = subscribe("sma(3)").got("snapshot")[0]["data"]["points"];
  EXPECT_TRUE(points[0]["values"]["sma(3)"].is_null());
  EXPECT_TRUE(points[1]["values"]["sma(3)"].is_null());
}

TEST_F(indicator_topic, is_the_same_in_either_encoding_and_on_every_shard) {
  auto& port = feed("sub");
  trade(port, "BTC", 100, "10");
  auto& text = subscribe("ema(2)", 0);
  auto& binary = subscribe("ema(2)", 1, protocol::encoding::msgpack);
  for (int i = 1; i < 20; ++i) trade(port, "BTC", 100 + i, "10." + std::to_string(i * 13 % 7));
  EXPECT_GT(text.got("update").size(), 30U);
  EXPECT_EQ(text.got("update"), binary.got("update"));
  EXPECT_EQ(text.got("snapshot"), binary.got("snapshot"));
}

TEST_F(indicator_topic, computes_two_spellings_once_and_answers_in_each) {
  auto& port = feed("sub");
  trade(port, "BTC", 100, "10");
  auto& bare = subscribe("rsi");
  auto& whole = subscribe("rsi(14)");
  EXPECT_EQ(metric(&actors::indicator_counters::seeds), 1U);
  trade(port, "BTC", 101, "11");
  EXPECT_TRUE(bare.got("update")[0]["data"]["values"].contains("rsi"));
  EXPECT_TRUE(whole.got("update")[0]["data"]["values"].contains("rsi(14)"));
  EXPECT_NE(bare.got("snapshot")[0]["epoch"], whole.got("snapshot")[0]["epoch"]);
  advance(1s);
  EXPECT_EQ(metric(&actors::indicator_counters::topics), 2U);
  EXPECT_EQ(metric(&actors::indicator_counters::computed), 1U);
}

TEST_F(indicator_topic, pushes_the_forming_bar_as_often_as_its_bar_topic) {
  auto& port = feed("sub");
  trade(port, "BTC", 100, "10");
  auto& client = subscribe("sma(1)");
  auto& bars = join(0, {"bar.1s.BTC"});
  for (int i = 0; i < 50; ++i) {
    port.on_trade("BTC", make_trade(100, std::to_string(10 + i), "1", 5000 + static_cast<std::uint64_t>(i)),
                  {});
    port.flush();
    settle();
    advance(25ms);
  }
  advance(300ms);
  const auto updates = client.got("update");
  EXPECT_EQ(updates.size(), bars.got("update").size());
  EXPECT_EQ(updates.back()["data"]["values"]["sma(1)"], 59);
}

TEST_F(indicator_topic, tells_anew_what_a_late_trade_a_cancel_and_a_correction_change) {
  auto& port = feed("sub");
  for (int i = 0; i < 8; ++i)
    trade(port, "BTC", 100 + i, std::to_string(10 + i), "1", 900 + static_cast<std::uint64_t>(i));
  auto& client = subscribe("sma(2)");
  const auto topic = "indicator.1s.sma(2).BTC";
  const auto check = [&](const char* after) {
    advance(300ms);
    const auto right = computed("sma(2)");
    for (const auto& [time, point] : held(client, topic)) EXPECT_EQ(point, right.at(time)) << after << time;
  };
  trade(port, "BTC", 103, "99");
  EXPECT_EQ(client.got("update")[0]["data"]["time"], 103'000'000);
  EXPECT_EQ(client.got("update")[0]["data"]["closed"], true);
  check("a late trade ");
  port.on_amendment("BTC", {{protocol::trade_id::kind::number, 905, nullptr}, 0, false, "70"_d, "2"_d}, {});
  port.flush();
  settle();
  check("a correction ");
  EXPECT_EQ(held(client, topic).at(105'000'000)["values"]["sma(2)"], 42);
}

TEST_F(indicator_topic, waits_for_its_seed_and_misses_nothing_meanwhile) {
  runs_jobs = false;
  auto& port = feed("sub");
  for (int i = 0; i < 5; ++i) trade(port, "BTC", 100 + i, std::to_string(10 + i * 3));
  auto& client = subscribe("ema(3)");
  EXPECT_TRUE(client.frames.empty()) << "no wrong numbers, and no answer yet";
  for (int i = 5; i < 12; ++i) trade(port, "BTC", 100 + i, std::to_string(10 + i * 3));
  run_jobs();
  settle();
  for (int i = 12; i < 15; ++i) trade(port, "BTC", 100 + i, std::to_string(10 + i * 3));
  advance(300ms);
  const auto right = computed("ema(3)");
  const auto mine = held(client, "indicator.1s.ema(3).BTC");
  EXPECT_EQ(mine.begin()->first, 110'000'000);
  ASSERT_EQ(mine.size(), 5U);
  for (const auto& [time, point] : mine) EXPECT_EQ(point, right.at(time)) << time;
}

TEST_F(indicator_topic, refuses_what_cannot_be_with_a_sentence_that_helps) {
  auto& port = feed("sub");
  trade(port, "BTC", 100, "10");
  const auto unknown = refusal_of("indicator.1s.smma(3).BTC");
  EXPECT_EQ(unknown["code"], 102);
  EXPECT_EQ(unknown["message"], "there is no indicator smma; close to it: sma");
  EXPECT_EQ(refusal_of("indicator.1s.rsi(1).BTC")["message"],
            "rsi(1): period of rsi(period) must be a whole number from 2 to 100000, not '1'");
  EXPECT_EQ(refusal_of("indicator.7t.rsi.BTC")["message"], "there are no bars of 7t here; there are 1s, 1m");
  EXPECT_EQ(refusal_of("indicator.7t.rsi.NOBODY")["code"], 102);
  EXPECT_EQ(metric(&actors::indicator_counters::refused), 4U);
}

TEST_F(indicator_topic, refuses_a_whole_command_for_one_bad_call_and_changes_nothing) {
  auto& port = feed("sub");
  trade(port, "BTC", 100, "10");
  auto& client = join(0, {"trade.BTC", "indicator.1s.nope.BTC", "bar.1s.BTC", "trade.LATER"});
  trade(port, "BTC", 101, "11");
  ASSERT_EQ(client.frames.size(), 1U);
  EXPECT_EQ(client.frames[0]["type"], "error");
  client.say({{"type", "subscribe"}, {"id", 2}, {"data", {{"topics", {"trade.BTC"}}}}});
  settle();
  EXPECT_EQ(client.got("reply")[0]["id"], 2);
}

TEST_F(indicator_topic, waits_for_a_symbol_that_nobody_has_brought) {
  auto& client = subscribe("sma(1)");
  EXPECT_EQ(client.got("reply")[0]["data"]["topics"][0]["seq"], 0);
  EXPECT_EQ(client.got("snapshot")[0]["epoch"], "");
  auto& port = feed("sub");
  trade(port, "BTC", 100, "10");
  ASSERT_EQ(client.got("snapshot").size(), 2U);
  EXPECT_EQ(client.got("snapshot")[1]["data"]["points"][0]["values"]["sma(1)"], 10);
}

TEST_F(indicator_topic, follows_the_bars_that_a_feed_brings) {
  auto& port = feed("sub");
  trade(port, "BTC", 100, "10");
  EXPECT_EQ(refusal_of("indicator.5m.sma(2).BTC")["code"], 102);
  protocol::bar bar;
  bar.open = bar.high = bar.low = bar.close = "20"_d;
  bar.closed = true;
  const auto bring = [&](int place, const char* close, bool closed) {
    bar.time_ns = place * 300'000'000'000LL;
    bar.close = protocol::decimal::parse(close).value();
    bar.closed = closed;
    port.on_bar("BTC", "5m", protocol::bar(bar), {});
    port.flush();
    settle();
  };
  bring(0, "20", true);
  auto& client = join(0, {"indicator.5m.sma(2).BTC"});
  bring(1, "30", false);
  bring(1, "40", false);
  bring(2, "50", true);
  std::vector<json> values;
  for (const auto& each : client.got("update")) values.push_back(each["data"]["values"]["sma(2)"]);
  EXPECT_EQ(values, (std::vector<json>{25, 30, 30, 45})) << "the second bar stands as it was left";
}

TEST_F(indicator_topic, is_seeded_later_when_the_store_fails_and_tells_that_it_is_unwritten) {
  past.broken = true;
  auto& port = feed("sub");
  trade(port, "BTC", 100, "10");
  auto& client = subscribe("sma(1)");
  EXPECT_EQ(client.got("reply")[0]["data"]["topics"][0]["epoch"], "");
  EXPECT_GE(metric(&actors::indicator_counters::seed_failures), 1U);
  advance(2s);
  EXPECT_EQ(subscribe("sma(1)").got("reply").size(), 1U) << "who comes later is told, too";
  past.broken = false;
  advance(1s);
  EXPECT_EQ(client.got("snapshot").back()["data"]["points"][0]["values"]["sma(1)"], 10);
}

TEST_F(indicator_topic, waits_its_turn_when_the_readers_are_busy) {
  refuses_jobs = true;
  auto& port = feed("sub");
  trade(port, "BTC", 100, "10");
  auto& client = subscribe("sma(1)");
  EXPECT_TRUE(client.frames.empty());
  refuses_jobs = false;
  advance(1s);
  EXPECT_EQ(client.got("snapshot").size(), 1U);
}

TEST_F(indicator_topic, is_seeded_anew_by_the_next_dispatcher) {
  auto& port = feed("sub");
  for (int i = 0; i < 6; ++i) trade(port, "BTC", 100 + i, std::to_string(10 + i));
  auto& client = subscribe("ema(2)");
  const auto shard = engine_->symbols.shard_of("BTC");
  restart_dispatcher(shard);
  advance(100ms);
  for (int i = 6; i < 9; ++i) trade(port, "BTC", 100 + i, std::to_string(10 + i));
  advance(300ms);
  const auto snapshots = client.got("snapshot");
  ASSERT_EQ(snapshots.size(), 2U);
  EXPECT_NE(snapshots[0]["epoch"], snapshots[1]["epoch"]);
  const auto right = computed("ema(2)");
  for (const auto& [time, point] : held(client, "indicator.1s.ema(2).BTC"))
    if (time >= 105'000'000) {
      EXPECT_EQ(point, right.at(time)) << time;
    }
  EXPECT_EQ(engine_->indicator_topics.load(), 1U);
}

TEST_F(indicator_topic, is_seeded_anew_when_its_symbol_has_failed) {
  bool fails = false;
  engine_->fault = [&](const actors::symbol&, const protocol::trade&) {
    if (std::exchange(fails, false)) throw std::runtime_error("broken");
  };
  auto& port = feed("sub");
  for (int i = 0; i < 6; ++i) trade(port, "BTC", 100 + i, std::to_string(10 + i));
  auto& client = subscribe("ema(2)");
  fails = true;
  trade(port, "BTC", 106, "1000");
  trade(port, "BTC", 107, "20");
  advance(1s);
  trade(port, "BTC", 108, "21");
  advance(300ms);
  ASSERT_EQ(client.got("snapshot").size(), 2U);
  EXPECT_NE(client.got("snapshot")[0]["epoch"], client.got("snapshot")[1]["epoch"]);
  const auto right = computed("ema(2)");
  EXPECT_EQ(held(client, "indicator.1s.ema(2).BTC").at(108'000'000), right.at(108'000'000));
}

TEST_F(indicator_topic, is_kept_for_a_while_after_its_last_listener) {
  auto& port = feed("sub");
  trade(port, "BTC", 100, "10");
  auto& client = subscribe("ema(2)");
  const auto epoch = client.got("snapshot")[0]["epoch"];
  client.say({{"type", "unsubscribe"}, {"id", 2}, {"data", {{"topics", {"indicator.1s.ema(2).BTC"}}}}});
  advance(30s);
  for (int i = 1; i < 5; ++i) trade(port, "BTC", 100 + i, std::to_string(10 + i));
  auto& again = subscribe("ema(2)");
  EXPECT_NE(again.got("snapshot")[0]["epoch"], epoch) << "what went by while nobody listened is read anew";
  const auto right = computed("ema(2)");
  for (const auto& [time, point] : held(again, "indicator.1s.ema(2).BTC")) EXPECT_EQ(point, right.at(time));
  EXPECT_EQ(metric(&actors::indicator_counters::seeds), 2U);

  again.say({{"type", "unsubscribe"}, {"id", 2}, {"data", {{"topics", {"indicator.1s.ema(2).BTC"}}}}});
  settle();
  for (int i = 0; i < 62; ++i) advance(1s);
  EXPECT_EQ(metric(&actors::indicator_counters::topics), 0U);
  EXPECT_EQ(engine_->indicator_topics.load(), 0U);
}

TEST_F(indicator_topic, is_listed_with_the_other_topics) {
  auto& port = feed("sub");
  trade(port, "BTC", 100, "10");
  subscribe("ema(2)");
  const auto report = std::make_shared<actors::topic_report>();
  for (std::uint32_t i = 0; i < 2; ++i)
    actors::tell(engine_->routes.dispatcher(i), actors::report_topics{report});
  settle();
  const auto lines = report->lines();
  EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const auto& each) {
    return each.topic == "indicator.1s.ema(2).BTC" && !each.epoch.empty();
  }));
}

class few_indicators : public indicator_topic {
protected:
  few_indicators()
      : indicator_topic([](config::config& c) {
          c.limits.indicators = 3;
          c.limits.indicators_per_symbol = 2;
        }) {}
};

TEST_F(few_indicators, are_bounded_a_symbol_and_altogether) {
  auto& port = feed("sub");
  trade(port, "BTC", 100, "10");
  trade(port, "ETH", 100, "10");
  subscribe("sma(1)");
  subscribe("sma(2)");
  const auto third = refusal_of("indicator.1s.sma(3).BTC");
  EXPECT_EQ(third["code"], 106);
  EXPECT_EQ(third["message"], "BTC has 2 topics of indicators already (limits.indicators_per_symbol)");
  EXPECT_TRUE(refusal_of("indicator.1s.sma(1).BTC").is_null()) << "one that is there already";
  EXPECT_TRUE(refusal_of("indicator.1s.sma(1).ETH").is_null());
  EXPECT_EQ(refusal_of("indicator.1s.sma(2).ETH")["message"],
            "this server has 3 topics of indicators already (limits.indicators)");
  EXPECT_EQ(metric(&actors::indicator_counters::refused), 2U);
}

}  // namespace
}  // namespace tickcast::tests
