#include <gtest/gtest.h>

#include <caf/scheduler/test_coordinator.hpp>
#include <thread>

#include "actors/runtime/hosted.hpp"
#include "actors/topics/recent_ids.hpp"
#include "tests/support/virtual_host.hpp"

namespace tickcast::tests {
namespace {

using namespace std::chrono_literals;

class host_turns : public testing::Test {
protected:
  struct test_config : caf::actor_system_config {
    test_config() { set("scheduler.policy", caf::atom("testing")); }
  };
  test_config config_;
  caf::actor_system system_{config_};
  actors::probe_registry probes_;
  virtual_host host_{system_, "test"};
};

struct counting : actors::hosted<caf::event_based_actor> {
  counting(caf::actor_config& cfg, actors::host& where, actors::probe_registry& probes, int& to)
      : hosted(cfg, where, probes, {"counting", "x", "test", "test"}), total(to) {}
  caf::behavior make_behavior() override {
    return {[this](int n) { total += n; }, [](const std::string& text) { throw std::runtime_error(text); }};
  }
  int& total;
};

TEST_F(host_turns, run_actors_that_are_told_from_other_threads) {
  int total = 0;
  auto actor = actors::spawn_on<counting>(host_, std::ref(probes_), std::ref(total));
  std::thread([&] {
    for (int i = 0; i < 100; ++i) caf::anon_send(actor, 1);
  }).join();
  while (host_.turn() > 0) {
  }
  EXPECT_EQ(total, 100);
  EXPECT_EQ(host_.alive(), 1U);
  EXPECT_EQ(probes_.all()[0]->depth(), 0U);
  EXPECT_EQ(probes_.all()[0]->received.load(), 100U);
  actors::end(actor);
  actor = nullptr;
  while (host_.turn() > 0) {
  }
  EXPECT_EQ(host_.alive(), 0U);
}

TEST_F(host_turns, end_the_actor_that_throws_and_keep_its_words) {
  int total = 0;
  auto bad = actors::spawn_on<counting>(host_, std::ref(probes_), std::ref(total));
  auto good = actors::spawn_on<counting>(host_, std::ref(probes_), std::ref(total));
  std::shared_ptr<const actors::probe> seen;
  for (const auto& each : probes_.all())
    if (each->id == bad.id()) seen = each;
  caf::anon_send(bad, std::string("out of cheese"));
  caf::anon_send(good, 5);
  while (host_.turn() > 0) {
  }
  EXPECT_EQ(host_.alive(), 1U);
  EXPECT_EQ(total, 5);
  EXPECT_EQ(seen->last_error().what, "out of cheese");
  actors::end(good);
  bad = nullptr;
  good = nullptr;
  while (host_.turn() > 0) {
  }
}

TEST_F(host_turns, run_timers_in_order_and_not_those_cancelled) {
  std::string order;
  host_.after(20ms, [&] { order += 'b'; });
  host_.after(10ms, [&] { order += 'a'; });
  const auto gone = host_.after(15ms, [&] { order += 'x'; });
  host_.cancel(gone);
  host_.cancel(gone);
  host_.advance(9ms);
  host_.turn();
  EXPECT_EQ(order, "");
  host_.advance(20ms);
  host_.turn();
  EXPECT_EQ(order, "ab");
}

TEST_F(host_turns, call_a_hook_once_when_they_end) {
  struct hook : actors::turn_hook {
    void on_turn_end() override { ++calls; }
    int calls = 0;
  } mine;
  host_.post([&] {
    host_.at_turn_end(mine);
    host_.at_turn_end(mine);
  });
  host_.turn();
  host_.turn();
  EXPECT_EQ(mine.calls, 1);
}

TEST_F(host_turns, leave_what_becomes_ready_meanwhile_to_the_next) {
  int runs = 0;
  std::function<void()> again = [&] {
    if (++runs < 3) host_.post(again);
  };
  host_.post(again);
  host_.turn();
  EXPECT_EQ(runs, 1);
  host_.turn();
  EXPECT_EQ(runs, 2);
}

TEST(recent_ids, know_rising_numbers_repeats_and_stragglers) {
  actors::recent_ids ids;
  auto number = [](std::uint64_t n) {
    protocol::trade_id id;
    id.is = protocol::trade_id::kind::number;
    id.number = n;
    return id;
  };
  for (std::uint64_t n : {10, 11, 15}) {
    EXPECT_TRUE(ids.is_new(1, number(n)));
    ids.remember(1, number(n));
  }
  EXPECT_FALSE(ids.is_new(1, number(11)));
  EXPECT_TRUE(ids.is_new(1, number(12)));
  EXPECT_TRUE(ids.is_new(2, number(11))) << "another feed's ids are its own";
  protocol::trade_id text;
  text.is = protocol::trade_id::kind::text;
  text.text = std::make_shared<const std::string>("a-1");
  EXPECT_TRUE(ids.is_new(1, text));
  ids.remember(1, text);
  EXPECT_FALSE(ids.is_new(1, text));
  EXPECT_TRUE(ids.is_new(1, number(16)));
}

TEST(recent_ids, forget_what_is_older_than_their_window) {
  actors::recent_ids ids;
  protocol::trade_id id;
  id.is = protocol::trade_id::kind::number;
  for (id.number = 1; id.number <= actors::recent_ids::window + 1; ++id.number) {
    EXPECT_TRUE(ids.is_new(1, id));
    ids.remember(1, id);
  }
  id.number = 1;
  EXPECT_TRUE(ids.is_new(1, id));
  id.number = 2;
  EXPECT_FALSE(ids.is_new(1, id));
}

}  // namespace
}  // namespace tickcast::tests
