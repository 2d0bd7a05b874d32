#include "actors/runtime/supervisor.hpp"

#include <gtest/gtest.h>

#include <caf/scheduler/test_coordinator.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace tickcast::tests {
struct fail_now {};
}  // namespace tickcast::tests
TICKCAST_MESSAGE(tickcast::tests::fail_now)

namespace tickcast::tests {
namespace {

using namespace std::chrono_literals;
using actors::child_spec;
using actors::restart_type;

class supervision : public testing::Test {
protected:
  struct test_config : caf::actor_system_config {
    test_config() { set("scheduler.policy", caf::atom("testing")); }
  };
  struct worker : actors::observed<caf::event_based_actor> {
    worker(caf::actor_config& cfg, supervision& of, std::string called)
        : observed(cfg, of.probes_, {"worker", called, "test", "workers"}), test(of), id(std::move(called)) {
      test.events_.push_back("+" + id);
    }
    caf::behavior make_behavior() override {
      if (test.stubborn_ == id) set_exit_handler([](caf::exit_msg&) {});
      return {[](const fail_now&) { throw std::runtime_error("asked to"); }};
    }
    void on_exit() override { test.events_.push_back("-" + id); }
    supervision& test;
    std::string id;
  };

  child_spec child(const std::string& id, restart_type restart = restart_type::permanent) {
    return {id,
            [this, id] {
              if (broken_ == id) throw std::runtime_error("cannot start");
              return handles_[id] = system_.spawn<worker>(std::ref(*this), id);
            },
            restart, 5000ms};
  }
  void supervise(std::vector<child_spec> children, actors::restart_limits limits = {},
                 bool each_its_own = false) {
    root_ = system_.spawn<actors::supervisor>(
        std::ref(probes_), actors::supervisor::options{"test", "root", limits, each_its_own},
        std::move(children));
    run();
  }
  void run() { scheduler_.run(); }
  void advance(std::chrono::milliseconds by) {
    scheduler_.advance_time(by);
    run();
  }
  void fail(const std::string& id) {
    caf::anon_send(handles_[id], fail_now{});
    run();
    advance(0ms);
  }
  bool supervisor_lives() const {
    for (const auto& each : probes_.all())
      if (each->who.kind == "supervisor") return true;
    return false;
  }
  void TearDown() override {
    actors::end(root_);
    run();
    advance(10s);
    root_ = nullptr;
    handles_.clear();
    EXPECT_TRUE(probes_.all().empty());
  }

  test_config caf_config_;
  actors::probe_registry probes_;
  caf::actor_system system_{caf_config_};
  caf::scheduler::test_coordinator& scheduler_ =
      dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  std::vector<std::string> events_;
  std::map<std::string, caf::actor> handles_;
  std::string broken_, stubborn_;
  caf::actor root_;
};

using strings = std::vector<std::string>;

TEST_F(supervision, starts_in_order_and_stops_in_reverse) {
  supervise({child("a"), child("b"), child("c")});
  actors::end(root_);
  run();
  EXPECT_EQ(events_, (strings{"+a", "+b", "+c", "-c", "-b", "-a"}));
}

TEST_F(supervision, restarts_the_one_that_failed_and_no_other) {
  supervise({child("a"), child("b")});
  fail("a");
  EXPECT_EQ(events_, (strings{"+a", "+b", "-a", "+a"}));
}

TEST_F(supervision, leaves_a_temporary_child_alone_and_a_transient_one_that_ended_well) {
  supervise({child("t", restart_type::temporary), child("u", restart_type::transient)});
  fail("t");
  actors::end(handles_["u"], caf::exit_reason::user_shutdown);
  run();
  EXPECT_EQ(events_, (strings{"+t", "+u", "-t", "-u"}));
}

TEST_F(supervision, gives_up_at_the_restart_beyond_the_intensity) {
  supervise({child("a"), child("b")}, {.intensity = 2, .period = 5s});
  fail("a");
  fail("a");
  EXPECT_TRUE(supervisor_lives());
  fail("a");
  EXPECT_FALSE(supervisor_lives());
  EXPECT_EQ(events_.back(), "-b");
}

TEST_F(supervision, forgets_failures_older_than_the_period) {
  supervise({child("a")}, {.intensity = 1, .period = 5s});
  for (int i = 0; i < 4; ++i) {
    fail("a");
    advance(5001ms);
  }
  EXPECT_TRUE(supervisor_lives());
}

TEST_F(supervision, waits_longer_before_each_restart_in_a_row) {
  supervise({child("a")}, {.intensity = 10, .period = 60s, .shortest = 1s, .longest = 3s});
  auto starts = [this] { return std::count(events_.begin(), events_.end(), "+a"); };
  fail("a");
  advance(700ms);
  EXPECT_EQ(starts(), 1);
  advance(600ms);
  EXPECT_EQ(starts(), 2);
  fail("a");
  advance(1500ms);
  EXPECT_EQ(starts(), 2);
  advance(1000ms);
  EXPECT_EQ(starts(), 3);
}

TEST_F(supervision, tries_again_when_a_child_cannot_be_started) {
  supervise({child("a"), child("b")}, {.intensity = 5, .period = 60s, .shortest = 1s, .longest = 3s});
  broken_ = "a";
  fail("a");
  advance(1300ms);
  EXPECT_EQ(std::count(events_.begin(), events_.end(), "+a"), 1);
  broken_.clear();
  advance(3000ms);
  EXPECT_EQ(std::count(events_.begin(), events_.end(), "+a"), 2);
}

TEST_F(supervision, kills_a_child_that_does_not_end_in_time) {
  stubborn_ = "b";
  supervise({child("a"), child("b")});
  actors::end(root_);
  run();
  EXPECT_EQ(events_, (strings{"+a", "+b"}));
  advance(4999ms);
  EXPECT_EQ(events_.size(), 2U);
  advance(1ms);
  EXPECT_EQ(events_, (strings{"+a", "+b", "-b", "-a"}));
}

TEST_F(supervision, with_a_budget_a_child_lets_one_rest_and_the_others_live) {
  supervise({child("a"), child("b")}, {.intensity = 1, .period = 60s, .shortest = 0s, .longest = 30s}, true);
  fail("a");
  fail("a");
  EXPECT_EQ(events_.back(), "-a");
  EXPECT_TRUE(supervisor_lives());
  fail("b");
  EXPECT_EQ(events_.back(), "+b");
  advance(30s);
  EXPECT_EQ(events_.back(), "+a");
}

}  // namespace
}  // namespace tickcast::tests
