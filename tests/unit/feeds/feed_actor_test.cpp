#include "feeds/feed_actor.hpp"

#include <gtest/gtest.h>

#include <caf/scheduler/test_coordinator.hpp>
#include <deque>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "tests/unit/feeds/recorder.hpp"
#include "tests/unit/feeds/virtual_clock.hpp"

namespace tickcast::feeds {
namespace {

using protocol::feed_state;
using test::virtual_clock;

/// Does in each run what the test says, until it is stopped.
class scripted_source final : public source {
public:
  void open() override {}
  void run(const stop_signal& stop, feed_out& out) override {
    runs_.fetch_add(1);
    if (then_) then_(stop, out);
    if (until_stopped_) wait_readable(stop.fd(), stop);
  }
  void rest(const stop_signal& stop) override {
    rests_.fetch_add(1);
    wait_readable(stop.fd(), stop);
  }
  std::string endpoint() const override { return "script"; }

  void in_each_run(std::function<void(const stop_signal&, feed_out&)> what, bool until_stopped) {
    then_ = std::move(what);
    until_stopped_ = until_stopped;
  }
  int runs() const { return runs_.load(); }
  int rests() const { return rests_.load(); }

private:
  std::function<void(const stop_signal&, feed_out&)> then_;
  bool until_stopped_ = true;
  std::atomic<int> runs_{0};
  std::atomic<int> rests_{0};
};

struct scheduler_config : caf::actor_system_config {
  scheduler_config() { set("scheduler.policy", caf::atom("testing")); }
};

class feed_actor : public testing::Test {
protected:
  feed_actor() {
    auto made = std::make_unique<scripted_source>();
    script = made.get();
    thread.emplace("a", std::move(made), std::make_unique<test::recorder>());
    entry.last_tick_ns.store(0);
    start_directory();
  }
  ~feed_actor() override {
    if (actor) actors::end(actor);
    run_until([&] { return !actor || ended; });
    actor = nullptr;
    actors::end(directory);
    directory = nullptr;
    parts.routes.clear();
    scheduler.run();
  }

  void start_directory() {
    actors::end(directory);
    directory = system.spawn([this]() -> actors::directory_actor::behavior_type {
      return {
          [](const actors::event_batch&) {},
          [this](const actors::engine_event& event) { published.push_back(event); },
          [](const actors::publish_order&) {},
          [](const actors::listen&) {},
          [](const actors::report_topics&) {},
          [](const actors::look_at_topic&) {},
          [](const actors::watch_topics&) {},
          [](const actors::unwatch_topics&) {},
      };
    });
    parts.routes.set_directory(directory);
    scheduler.run();
  }
  void start() {
    ended = false;
    actor = system.spawn<feed>(std::ref(parts), std::ref(*thread), std::ref(entry), std::cref(how),
                               std::cref(clock));
    actor->attach_functor([this](const caf::error& why) {
      reason = why;
      ended = true;
    });
    scheduler.run();
  }
  /// The thread's messages come when they come: runs the actors until `done`.
  bool run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      scheduler.run();
      std::this_thread::yield();
    }
    return true;
  }
  void pass(std::chrono::milliseconds time) {
    for (auto left = time; left.count() > 0; left -= feed::look_every) {
      clock.advance(std::chrono::nanoseconds(feed::look_every).count());
      scheduler.advance_time(feed::look_every);
      scheduler.run();
    }
  }
  void tick() {
    entry.ticks.fetch_add(1);
    entry.last_tick_ns.store(clock.steady_ns());
  }
  nlohmann::json last() { return nlohmann::json::parse(published.back().data); }
  /// Tells the actor of a feed that connects of its peers, as its source would.
  void peers(std::uint64_t now) {
    entry.peers.watched = true;
    entry.peers.need = actors::peer_need::always;
    if (now > entry.peers.now) entry.peers.connects.fetch_add(1);
    entry.peers.now.store(now);
  }
  void trade_for(std::chrono::milliseconds time) {
    for (auto left = time; left.count() > 0; left -= feed::look_every) {
      tick();
      pass(feed::look_every);
    }
  }
  std::vector<std::string> states() {
    std::vector<std::string> result;
    for (const auto& each : published) result.push_back(nlohmann::json::parse(each.data)["state"]);
    return result;
  }

  scheduler_config config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& scheduler =
      dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  actors::engine parts{{}, 1};
  virtual_clock clock;
  actors::feed_entry& entry = parts.feeds.add("a", 0, true, 5'000'000'000);
  feed_options how;
  scripted_source* script = nullptr;
  std::optional<feed_thread> thread;
  actors::directory_actor directory;
  actors::feed_actor actor;
  std::vector<actors::engine_event> published;
  caf::error reason;
  bool ended = false;
};

TEST_F(feed_actor, says_how_the_feed_is_as_ticks_come_and_stay_away) {
  start();
  pass(std::chrono::milliseconds(10'000));
  EXPECT_EQ(entry.state, feed_state::none) << "silence of a feed that never spoke is no fault";
  tick();
  pass(feed::look_every);
  EXPECT_EQ(entry.state, feed_state::live);
  pass(std::chrono::milliseconds(6'000));
  EXPECT_EQ(entry.state, feed_state::stale);
  tick();
  pass(feed::look_every);
  EXPECT_EQ(entry.state, feed_state::live);
  EXPECT_EQ(states(), (std::vector<std::string>{"none", "live", "stale", "live"}));
}

TEST_F(feed_actor, publishes_its_state_as_an_event_of_the_engine) {
  start();
  tick();
  pass(feed::look_every);
  ASSERT_EQ(published.size(), 2u);
  EXPECT_EQ(published[1].topic, "feed.a");
  auto data = nlohmann::json::parse(published[1].data);
  EXPECT_GT(data["since"], 1'700'000'000'000'000);
  EXPECT_LE(data["since"].get<std::int64_t>(), clock.wall_ns() / 1000);
  data.erase("since");
  EXPECT_EQ(data, nlohmann::json::parse(R"({"name":"a","state":"live","reason":"messages come in",
                                            "simulated":true,"ticks":1,"gaps":0,"restarts":0})"));
}

TEST_F(feed_actor, shows_a_gap_for_some_seconds) {
  start();
  tick();
  pass(feed::look_every);
  parts.feeds.set_state(entry, feed_state::gap);
  entry.gaps.fetch_add(1);
  for (int i = 0; i < 18; ++i) {
    tick();
    pass(feed::look_every);
    ASSERT_EQ(entry.state, feed_state::gap) << i;
  }
  for (int i = 0; i < 4; ++i) {
    tick();
    pass(feed::look_every);
  }
  EXPECT_EQ(entry.state, feed_state::live);
  EXPECT_EQ(states(), (std::vector<std::string>{"none", "live", "gap", "live"}));
}

TEST_F(feed_actor, shows_ticks_that_nobody_took_as_a_gap) {
  start();
  tick();
  pass(feed::look_every);
  entry.lost.fetch_add(3);
  tick();
  pass(feed::look_every);
  EXPECT_EQ(entry.state, feed_state::gap);
  EXPECT_EQ(states(), (std::vector<std::string>{"none", "live", "gap"}));
}

TEST_F(feed_actor, ends_with_an_error_when_its_source_fails) {
  script->in_each_run([](const stop_signal&, feed_out&) { throw feed_error("the wire is cut"); }, false);
  start();
  ASSERT_TRUE(run_until([&] { return ended; }));
  EXPECT_FALSE(actors::is_orderly(reason));
  EXPECT_NE(to_string(reason).find("the wire is cut"), std::string::npos);
  EXPECT_EQ(entry.state, feed_state::down) << "until its back-off is over";
  EXPECT_EQ(states(), (std::vector<std::string>{"none", "down"}));
  EXPECT_NE(last()["reason"].get<std::string>().find("the wire is cut"), std::string::npos);
}

TEST_F(feed_actor, tells_each_state_of_a_restart_once) {
  std::atomic<bool> cut{false};
  script->in_each_run(
      [&](const stop_signal&, feed_out&) {
        cut.wait(false);
        throw feed_error("the wire is cut");
      },
      false);
  start();
  trade_for(std::chrono::milliseconds(500));
  cut = true;
  cut.notify_all();
  ASSERT_TRUE(run_until([&] { return ended; }));
  script->in_each_run(nullptr, true);
  pass(std::chrono::milliseconds(250));
  start();
  pass(std::chrono::milliseconds(500));
  trade_for(std::chrono::milliseconds(500));
  EXPECT_EQ(states(), (std::vector<std::string>{"none", "live", "down", "restarting", "live"}));
  EXPECT_EQ(entry.restarts, 1u);
  EXPECT_EQ(last()["restarts"], 1);
}

TEST_F(feed_actor, started_anew_runs_the_same_source_and_is_live_at_the_first_tick) {
  script->in_each_run([](const stop_signal&, feed_out&) { throw feed_error("the wire is cut"); }, false);
  tick();
  start();
  ASSERT_TRUE(run_until([&] { return ended; }));
  script->in_each_run(nullptr, true);
  pass(std::chrono::milliseconds(1'000));
  start();
  EXPECT_TRUE(run_until([&] { return script->runs() == 2; }));
  pass(feed::look_every);
  EXPECT_EQ(entry.state, feed_state::restarting) << "nothing has come yet";
  tick();
  pass(feed::look_every);
  EXPECT_EQ(entry.state, feed_state::live);
}

TEST_F(feed_actor, started_anew_and_silent_is_stale) {
  tick();
  clock.advance(60'000'000'000);
  start();
  pass(feed::look_every);
  EXPECT_NE(entry.state, feed_state::stale) << "it has just begun";
  pass(std::chrono::milliseconds(6'000));
  EXPECT_EQ(entry.state, feed_state::stale);
}

TEST_F(feed_actor, stops_its_source_before_it_ends) {
  start();
  ASSERT_TRUE(run_until([&] { return script->runs() == 1; }));
  actors::end(actor);
  ASSERT_TRUE(run_until([&] { return ended; }));
  EXPECT_TRUE(actors::is_orderly(reason));
  EXPECT_EQ(entry.state, feed_state::down);
  EXPECT_EQ(states().back(), "down");
}

TEST_F(feed_actor, stays_when_its_recording_has_ended) {
  script->in_each_run(nullptr, false);
  start();
  ASSERT_TRUE(run_until([&] { return entry.state == feed_state::down; }));
  pass(std::chrono::milliseconds(1'000));
  EXPECT_FALSE(ended);
  EXPECT_EQ(entry.state, feed_state::down);
}

TEST_F(feed_actor, tells_a_new_directory_how_it_is) {
  start();
  tick();
  pass(feed::look_every);
  published.clear();
  parts.routes.set_directory(directory);
  pass(feed::look_every);
  EXPECT_EQ(states(), std::vector<std::string>{}) << "it is the same one";
  start_directory();
  pass(feed::look_every);
  EXPECT_EQ(states(), std::vector<std::string>{"live"});
}

TEST_F(feed_actor, killed_leaves_the_thread_to_the_next_run) {
  // The second run may still look at it when this function has returned.
  const auto let_go = std::make_shared<std::atomic<bool>>(false);
  script->in_each_run([let_go](const stop_signal&, feed_out&) { let_go->wait(false); }, true);
  start();
  ASSERT_TRUE(run_until([&] { return script->runs() == 1; }));
  actors::end(actor, caf::exit_reason::kill);
  ASSERT_TRUE(run_until([&] { return ended; }));
  start();
  EXPECT_EQ(script->runs(), 1) << "never two runs at once";
  *let_go = true;
  let_go->notify_all();
  EXPECT_TRUE(run_until([&] { return script->runs() == 2; }));
}

TEST_F(feed_actor, is_down_while_no_peer_is_connected_and_live_again_by_itself) {
  peers(1);
  start();
  trade_for(std::chrono::milliseconds(1'000));
  peers(0);
  pass(feed::look_every);
  EXPECT_EQ(entry.state, feed_state::down);
  EXPECT_EQ(last()["peers"], 0);
  pass(std::chrono::milliseconds(1'000));
  peers(1);
  pass(feed::look_every);
  EXPECT_EQ(entry.state, feed_state::live) << "silent for less than stale_ms";
  EXPECT_EQ(states(), (std::vector<std::string>{"none", "live", "down", "live"}));
}

TEST_F(feed_actor, whose_peer_comes_back_after_stale_ms_is_stale_until_it_is_heard) {
  peers(1);
  start();
  trade_for(std::chrono::milliseconds(1'000));
  peers(0);
  pass(std::chrono::milliseconds(30'000));
  EXPECT_EQ(entry.state, feed_state::down) << "and not stale: why is known";
  peers(1);
  pass(feed::look_every);
  trade_for(std::chrono::milliseconds(500));
  EXPECT_EQ(states(), (std::vector<std::string>{"none", "live", "down", "stale", "live"}));
}

TEST_F(feed_actor, that_connects_has_a_second_to_find_its_peer) {
  peers(0);
  start();
  pass(std::chrono::milliseconds(750));
  EXPECT_EQ(entry.state, feed_state::none);
  pass(std::chrono::milliseconds(500));
  EXPECT_EQ(entry.state, feed_state::down);
  peers(1);
  pass(feed::look_every);
  EXPECT_EQ(entry.state, feed_state::none) << "connected, and nothing heard yet";
  trade_for(feed::look_every);
  EXPECT_EQ(entry.state, feed_state::live);
}

TEST_F(feed_actor, that_binds_is_not_down_before_its_first_peer) {
  peers(0);
  entry.peers.need = actors::peer_need::once_there;
  start();
  pass(std::chrono::milliseconds(10'000));
  EXPECT_EQ(entry.state, feed_state::none);
  entry.peers.connects = 1;
  pass(feed::look_every);
  EXPECT_EQ(entry.state, feed_state::down);
}

TEST_F(feed_actor, whose_senders_come_and_go_is_not_down_without_them) {
  peers(0);
  entry.peers.need = actors::peer_need::none;
  entry.peers.connects = 1;
  start();
  pass(std::chrono::milliseconds(10'000));
  EXPECT_EQ(entry.state, feed_state::none);
}

TEST_F(feed_actor, is_stale_inside_its_session_hours_alone) {
  how.hours = *analytics::session_hours::parse("0930-1600 UTC");
  clock.set_wall(1'704'902'399'000'000'000);  // Wednesday, 2024-01-10 15:59:59
  start();
  trade_for(std::chrono::milliseconds(500));
  pass(std::chrono::hours(3));
  EXPECT_EQ(entry.state, feed_state::live) << "the market has closed";
  EXPECT_FALSE(entry.in_session);
  EXPECT_EQ(states(), (std::vector<std::string>{"none", "live", "live"}));
  EXPECT_NE(last()["reason"].get<std::string>().find("session"), std::string::npos);
}

TEST_F(feed_actor, counts_silence_from_the_opening) {
  how.hours = *analytics::session_hours::parse("0930-1600 UTC");
  clock.set_wall(1'704'878'990'000'000'000);  // 2024-01-10 09:29:50
  start();
  tick();
  pass(std::chrono::milliseconds(14'000));
  EXPECT_TRUE(entry.in_session);
  EXPECT_EQ(entry.state, feed_state::live) << "open for four seconds";
  pass(std::chrono::milliseconds(1'500));
  EXPECT_EQ(entry.state, feed_state::stale);
}

TEST_F(feed_actor, of_a_recording_goes_by_the_time_of_its_ticks) {
  how.hours = *analytics::session_hours::parse("0930-1600 UTC");
  how.in_event_time = true;
  clock.set_wall(1'705'147'200'000'000'000);             // a Saturday
  entry.last_event_ns.store(1'704'902'390'000'000'000);  // Wednesday, 2024-01-10 15:59:50
  start();
  tick();
  pass(std::chrono::milliseconds(6'000));
  EXPECT_EQ(entry.state, feed_state::stale) << "15:59:56, and silent for six seconds";
  pass(std::chrono::milliseconds(6'000));
  EXPECT_EQ(entry.state, feed_state::live) << "16:00:02";
}

TEST_F(feed_actor, started_anew_outside_its_hours_does_not_stay_restarting_all_night) {
  how.hours = *analytics::session_hours::parse("0930-1600 UTC");
  clock.set_wall(1'704'931'200'000'000'000);  // 2024-01-11 00:00:00
  start();
  tick();
  pass(feed::look_every);
  actors::end(actor, caf::exit_reason::kill);
  ASSERT_TRUE(run_until([&] { return ended; }));
  pass(std::chrono::milliseconds(500));
  published.clear();
  start();
  pass(std::chrono::milliseconds(2'000));
  EXPECT_EQ(states(), (std::vector<std::string>{"restarting", "live"}));
}

TEST_F(feed_actor, suspended_rests_and_is_down_until_it_is_resumed) {
  start();
  ASSERT_TRUE(run_until([&] { return script->runs() == 1; }));
  trade_for(std::chrono::milliseconds(500));
  caf::anon_send(actor, actors::suspend_feed{"alice"});
  ASSERT_TRUE(run_until([&] { return script->rests() == 1; }));
  pass(std::chrono::milliseconds(10'000));
  EXPECT_EQ(entry.state, feed_state::down);
  EXPECT_EQ(last()["reason"], "suspended by alice");
  caf::anon_send(actor, actors::resume_feed{"bob"});
  ASSERT_TRUE(run_until([&] { return script->runs() == 2; }));
  pass(feed::look_every);
  EXPECT_EQ(entry.state, feed_state::restarting);
  trade_for(feed::look_every);
  EXPECT_EQ(states(), (std::vector<std::string>{"none", "live", "down", "restarting", "live"}));
  EXPECT_FALSE(ended);
}

TEST_F(feed_actor, stays_suspended_over_a_restart) {
  start();
  ASSERT_TRUE(run_until([&] { return script->runs() == 1; }));
  caf::anon_send(actor, actors::suspend_feed{"alice"});
  ASSERT_TRUE(run_until([&] { return script->rests() == 1; }));
  actors::end(actor, caf::exit_reason::kill);
  ASSERT_TRUE(run_until([&] { return ended; }));
  start();
  ASSERT_TRUE(run_until([&] { return script->rests() == 2; }));
  pass(std::chrono::milliseconds(500));
  EXPECT_EQ(entry.state, feed_state::down);
  EXPECT_EQ(last()["reason"], "suspended by alice");
  EXPECT_EQ(script->runs(), 1);
}

TEST_F(feed_actor, suspended_and_resumed_in_one_breath_goes_on) {
  start();
  ASSERT_TRUE(run_until([&] { return script->runs() == 1; }));
  caf::anon_send(actor, actors::suspend_feed{"alice"});
  caf::anon_send(actor, actors::resume_feed{"alice"});
  ASSERT_TRUE(run_until([&] { return script->runs() == 2; }));
  pass(std::chrono::milliseconds(500));
  EXPECT_EQ(script->rests(), 0);
  EXPECT_NE(entry.state, feed_state::down);
  caf::anon_send(actor, actors::resume_feed{"alice"});
  pass(std::chrono::milliseconds(500));
  EXPECT_EQ(script->runs(), 2) << "there was nothing to resume";
}

}  // namespace
}  // namespace tickcast::feeds
