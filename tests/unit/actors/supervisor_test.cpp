#include "tests/unit/actors/supervision_world.hpp"

namespace tickcast::tests {
namespace {

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

TEST_F(supervision, never_restarts_with_an_intensity_of_zero) {
  supervise({child("a")}, {.intensity = 0, .period = 5s});
  fail("a");
  EXPECT_FALSE(supervisor_lives());
}

TEST_F(supervision, counts_a_failure_exactly_the_period_ago) {
  supervise({child("a")}, {.intensity = 1, .period = 5s});
  fail("a");
  advance(5000ms);
  fail("a");
  EXPECT_FALSE(supervisor_lives());
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

TEST_F(supervision, ends_itself_when_a_child_cannot_be_started_with_it) {
  broken_ = "b";
  supervise({child("a"), child("b"), child("c")});
  EXPECT_FALSE(supervisor_lives());
  EXPECT_EQ(news(), (strings{"+a", "-a"}));
}

TEST_F(supervision, counts_each_failed_attempt_to_restart) {
  supervise({child("a"), child("b")}, {.intensity = 3, .period = 60s});
  broken_ = "a";
  fail("a");
  EXPECT_FALSE(supervisor_lives());
  EXPECT_EQ(news(), (strings{"+a", "+b", "-a", "-b"}));
}

TEST_F(supervision, keeps_a_child_that_wants_not_to_be_run) {
  nothing_ = "a";
  supervise({child("a"), child("b")});
  EXPECT_EQ(view("a").status, actors::child_status::stopped);
  nothing_.clear();
  EXPECT_EQ(command(actors::restart_child{"a", {}}), "");
  EXPECT_EQ(news(), (strings{"+b", "+a"}));
}

TEST_F(supervision, kills_without_asking_where_the_time_is_zero) {
  stubborn_ = "a";
  auto brutal = child("a");
  brutal.shutdown = actors::brutal_kill;
  supervise({brutal});
  actors::end(root_);
  run();
  EXPECT_EQ(news(), (strings{"+a", "-a"}));
}

TEST_F(supervision, waits_for_ever_where_there_is_no_limit) {
  stubborn_ = "a";
  auto patient = child("a");
  patient.shutdown = actors::no_shutdown_limit;
  supervise({patient});
  actors::end(root_);
  run();
  advance(24h);
  EXPECT_EQ(news(), (strings{"+a"}));
  end_child("a", caf::exit_reason::kill);
  EXPECT_FALSE(supervisor_lives());
}

TEST_F(supervision, adds_children_after_the_others_and_refuses_a_second_of_the_same_id) {
  supervise({child("a")});
  EXPECT_EQ(add(child("b")), "");
  EXPECT_NE(add(child("b")), "");
  actors::end(root_);
  run();
  EXPECT_EQ(news(), (strings{"+a", "+b", "-b", "-a"}));
}

TEST_F(supervision, forgets_a_child_that_could_not_be_added) {
  supervise({child("a")});
  broken_ = "b";
  EXPECT_NE(add(child("b")), "");
  broken_.clear();
  EXPECT_EQ(add(child("b")), "");
}

TEST_F(supervision, leaves_a_child_alone_that_was_stopped_by_hand_until_it_is_started_by_hand) {
  supervise({child("a"), child("b")});
  EXPECT_EQ(command(actors::terminate_child{"a", {}}), "");
  EXPECT_EQ(news(), (strings{"+a", "+b", "-a"}));
  EXPECT_EQ(view("a").status, actors::child_status::stopped);
  EXPECT_EQ(command(actors::restart_child{"a", {}}), "");
  EXPECT_EQ(command(actors::restart_child{"a", {}}), "a is running");
  EXPECT_EQ(news(), (strings{"+a"}));
}

TEST_F(supervision, stops_by_hand_a_child_that_waits_for_its_restart) {
  supervise({child("a")}, {.intensity = 5, .period = 60s, .shortest = 1s, .longest = 3s});
  fail("a");
  EXPECT_EQ(view("a").status, actors::child_status::waiting);
  EXPECT_NE(command(actors::restart_child{"a", {}}), "");
  EXPECT_EQ(command(actors::terminate_child{"a", {}}), "");
  advance(10s);
  EXPECT_EQ(news(), (strings{"+a", "-a"}));
}

TEST_F(supervision, deletes_only_what_does_not_run) {
  supervise({child("a")});
  EXPECT_NE(command(actors::delete_child{"a", {}}), "");
  command(actors::terminate_child{"a", {}});
  EXPECT_EQ(command(actors::delete_child{"a", {}}), "");
  EXPECT_NE(command(actors::restart_child{"a", {}}), "");
  EXPECT_NE(command(actors::terminate_child{"nobody", {}}), "");
}

TEST_F(supervision, keeps_when_why_and_how_long) {
  supervise({child("a")}, {.intensity = 5, .period = 60s, .shortest = 1s, .longest = 1s});
  fail("a");
  auto record = probes_.restarts.newest().at(0);
  EXPECT_EQ(record.became, actors::restart_record::outcome::waiting);
  advance(1300ms);
  record = probes_.restarts.newest().at(0);
  EXPECT_EQ(record.supervisor, "test");
  EXPECT_EQ(record.child, "a");
  EXPECT_EQ(record.reason, "asked to");
  EXPECT_EQ(record.became, actors::restart_record::outcome::restarted);
  EXPECT_GE(record.down_ms.value_or(0), 800);
  EXPECT_LE(record.down_ms.value_or(0), 1300);
  EXPECT_EQ(view("a").restarts, 1U);
}

TEST_F(supervision, escalates_to_the_strategy_of_its_own_supervisor) {
  const auto nested = [this] {
    return caf::actor(system_.spawn<actors::supervisor>(
        std::ref(probes_),
        actors::supervisor::options{.name = "inner", .parent = "test", .limits = {.intensity = 1}},
        std::vector{child("a")}));
  };
  supervise({.name = "test", .parent = "", .strategy = restart_strategy::one_for_all},
            {{.id = "inner", .start = nested, .shutdown = actors::no_shutdown_limit}, child("b")});
  news();
  fail("a");
  EXPECT_EQ(news(), (strings{"-a", "+a"}));
  fail("a");
  EXPECT_EQ(news(), (strings{"-a", "-b", "+a", "+b"}));
}

TEST_F(supervision, a_transient_supervisor_that_gave_up_counts_as_shut_down) {
  const auto nested = [this] {
    return caf::actor(system_.spawn<actors::supervisor>(
        std::ref(probes_),
        actors::supervisor::options{.name = "inner", .parent = "test", .limits = {.intensity = 0}},
        std::vector{child("a")}));
  };
  supervise({{.id = "inner", .start = nested, .restart = restart_type::transient}});
  fail("a");
  EXPECT_EQ(news(), (strings{"+a", "-a"}));
  EXPECT_TRUE(lives("test"));
}

TEST_F(supervision, ends_with_the_first_significant_child_where_any_is_enough) {
  auto a = child("a", restart_type::transient);
  a.significant = true;
  supervise({.name = "test", .parent = "", .when_significant_end = actors::auto_shutdown::any_significant},
            {a, child("b")});
  fail("a");
  EXPECT_TRUE(supervisor_lives());
  end_child("b", caf::exit_reason::user_shutdown);
  EXPECT_TRUE(supervisor_lives());
  end_child("a", caf::exit_reason::user_shutdown);
  EXPECT_FALSE(supervisor_lives());
}

TEST_F(supervision, ends_with_the_last_significant_child_where_all_count) {
  auto a = child("a", restart_type::temporary);
  auto b = child("b", restart_type::transient);
  a.significant = b.significant = true;
  supervise({.name = "test", .parent = "", .when_significant_end = actors::auto_shutdown::all_significant},
            {a, b, child("c")});
  fail("a");
  EXPECT_TRUE(supervisor_lives());
  end_child("b", caf::exit_reason::user_shutdown);
  EXPECT_FALSE(supervisor_lives());
}

TEST_F(supervision, stopping_a_significant_child_by_hand_ends_nothing) {
  auto a = child("a", restart_type::transient);
  a.significant = true;
  supervise({.name = "test", .parent = "", .when_significant_end = actors::auto_shutdown::any_significant},
            {a, child("b")});
  command(actors::terminate_child{"a", {}});
  EXPECT_TRUE(supervisor_lives());
}

TEST_F(supervision, looks_later_at_a_child_that_fails_while_others_are_being_ended) {
  stubborn_ = "c";
  supervise({.name = "test", .parent = "", .strategy = restart_strategy::rest_for_one},
            {child("a"), child("b"), child("c")});
  fail("b");
  EXPECT_EQ(news(), (strings{"+a", "+b", "+c", "-b"}));
  fail("a");
  EXPECT_EQ(news(), (strings{"-a"}));
  stubborn_.clear();
  advance(5s);
  const auto after = news();
  EXPECT_EQ(after.front(), "-c");
  EXPECT_TRUE(lives("a") && lives("b") && lives("c"));
}

}  // namespace
}  // namespace tickcast::tests
