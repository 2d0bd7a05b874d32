#include "actors/runtime/probe.hpp"

#include <gtest/gtest.h>

#include <caf/scheduler/test_coordinator.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "actors/runtime/observed.hpp"

namespace tickcast::tests {
struct work {
  std::string what;
};
}  // namespace tickcast::tests
TICKCAST_MESSAGE(tickcast::tests::work)

namespace tickcast::tests {
namespace {

using namespace std::chrono_literals;
using actors::description;
using actors::handler_times;
using actors::message_trace;

class probing : public testing::Test {
protected:
  struct test_config : caf::actor_system_config {
    test_config() { set("scheduler.policy", caf::atom("testing")); }
  };
  struct worker : actors::observed<caf::event_based_actor> {
    worker(caf::actor_config& cfg, probing& of)
        : observed(cfg, of.probes_, {"worker", "w", "root/test", "workers"}), test(of) {}
    caf::behavior make_behavior() override {
      return {[this](const work& todo) {
        test.seen_running_ = own_probe().handling_since_ns.load() != 0;
        if (todo.what == "fail") throw std::runtime_error("asked to");
      }};
    }
    void describe_to(description& to) override {
      to.add("name", "w");
      to.add("size", 3);
      to.add("ok", true);
    }
    void on_trace(bool on) override { test.traced_ = on; }
    probing& test;
  };

  void SetUp() override {
    actor_ = system_.spawn<worker>(std::ref(*this));
    run();
    probe_ = probes_.find(actor_.id());
  }
  void TearDown() override {
    actors::end(actor_);
    run();
    actor_ = nullptr;
    EXPECT_TRUE(probes_.all().empty());
  }
  void send(const std::string& what) { caf::anon_send(actor_, work{what}); }
  void run() { scheduler_.run(); }

  test_config config_;
  actors::probe_registry probes_;
  caf::actor_system system_{config_};
  caf::scheduler::test_coordinator& scheduler_ =
      dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  caf::actor actor_;
  std::shared_ptr<const actors::probe> probe_;
  bool seen_running_ = false;
  bool traced_ = false;
};

TEST_F(probing, knows_who_the_actor_is_and_how_to_reach_it) {
  ASSERT_TRUE(probe_);
  EXPECT_EQ(probe_->who.path(), "root/test/w");
  EXPECT_GT(probe_->started_us, 0);
  const auto reached = caf::actor_cast<caf::strong_actor_ptr>(probe_->actor);
  ASSERT_TRUE(reached);
  EXPECT_EQ(reached->id(), actor_.id());
}

TEST_F(probing, counts_what_waits_and_what_was_handled) {
  const auto before = probe_->all_received();
  send("a");
  send("b");
  EXPECT_EQ(probe_->depth(), 2U);
  run();
  EXPECT_EQ(probe_->depth(), 0U);
  EXPECT_EQ(probe_->all_received(), before + 2);
  EXPECT_TRUE(seen_running_);
  EXPECT_EQ(probe_->handling_since_ns.load(), 0);
}

TEST_F(probing, tells_the_age_of_the_oldest_message) {
  EXPECT_EQ(probe_->oldest_ns(actors::steady_ns()), 0);
  send("a");
  const auto after = actors::steady_ns();
  // What comes later makes the first one no younger.
  send("b");
  EXPECT_GE(probe_->oldest_ns(after + 1'000'000), 1'000'000);
  run();
  EXPECT_EQ(probe_->oldest_ns(actors::steady_ns() + 1'000'000'000), 0);
  send("c");
  const auto now = actors::steady_ns();
  EXPECT_LT(probe_->oldest_ns(now), 1'000'000'000);
}

TEST_F(probing, keeps_the_last_error_with_its_time) {
  EXPECT_TRUE(probe_->last_error().what.empty());
  send("fail");
  run();
  EXPECT_EQ(probe_->last_error().what, "asked to");
  EXPECT_GT(probe_->last_error().at_us, 0);
  EXPECT_EQ(probe_->depth(), 0U);
}

TEST_F(probing, has_the_actor_describe_itself_when_asked) {
  std::optional<description> said;
  caf::anon_send(actor_, actors::describe_actor{[&](description&& mine) { said = std::move(mine); }});
  run();
  ASSERT_TRUE(said);
  ASSERT_EQ(said->fields.size(), 3U);
  EXPECT_EQ(said->fields[0].first, "name");
  EXPECT_EQ(std::get<std::int64_t>(said->fields[1].second), 3);
  EXPECT_EQ(std::get<bool>(said->fields[2].second), true);
}

TEST_F(probing, traces_what_reaches_the_actor_until_there_is_enough) {
  actors::tell_message<work>([](const work& m) { return m.what; });
  const auto trace = std::make_shared<message_trace>(2, message_trace::clock::now() + 1h, "");
  caf::anon_send(actor_, actors::trace_actor{trace});
  run();
  EXPECT_TRUE(traced_);
  send("one");
  send("two");
  send("three");
  run();
  const auto read = trace->read();
  EXPECT_TRUE(read.full);
  ASSERT_EQ(read.rows.size(), 2U);
  EXPECT_EQ(read.rows[0].message, "work");
  EXPECT_EQ(read.rows[0].text, "one");
  EXPECT_EQ(read.rows[1].text, "two");
  EXPECT_FALSE(traced_) << "the actor has let go of it";
}

TEST_F(probing, traces_only_what_is_wanted_and_counts_the_rest) {
  actors::tell_message<work>([](const work& m) { return m.what; });
  const auto trace = std::make_shared<message_trace>(10, message_trace::clock::now() + 1h, "TWO");
  caf::anon_send(actor_, actors::trace_actor{trace});
  for (const auto* what : {"one", "two", "three"}) send(what);
  run();
  EXPECT_EQ(trace->read().seen, 3U);
  ASSERT_EQ(trace->read().rows.size(), 1U);
  EXPECT_EQ(trace->read().rows[0].seq, 2U);
  trace->stop();
  send("two");
  run();
  EXPECT_EQ(trace->read().rows.size(), 1U);
  EXPECT_FALSE(traced_);
}

TEST(handler_times, put_each_duration_into_the_class_that_holds_it) {
  for (const std::uint64_t ns :
       {0ULL, 1ULL, 128ULL, 191ULL, 192ULL, 255ULL, 256ULL, 1'000ULL, 65'535ULL, 65'536ULL, 1'000'000ULL,
        100'000'000ULL, 5'000'000'000ULL, 20'000'000'000ULL}) {
    const auto i = handler_times::class_of(ns);
    EXPECT_LT(ns, handler_times::bound_ns(i)) << ns;
    if (i > 0) {
      EXPECT_GE(ns, handler_times::bound_ns(i - 1)) << ns;
    }
  }
  // The last class has no upper end.
  EXPECT_EQ(handler_times::class_of(60'000'000'000ULL), handler_times::classes - 1);
  EXPECT_EQ(handler_times::class_of(~0ULL), handler_times::classes - 1);
}

TEST(handler_times, give_quantiles_near_the_truth) {
  handler_times times;
  for (int i = 0; i < 990; ++i) times.add(10'000);
  for (int i = 0; i < 10; ++i) times.add(5'000'000);
  const auto counts = times.counts();
  EXPECT_NEAR(static_cast<double>(actors::quantile_ns(counts, 0.5)), 10'000, 4'000);
  EXPECT_NEAR(static_cast<double>(actors::quantile_ns(counts, 0.995)), 5'000'000, 1'500'000);
  EXPECT_EQ(times.longest_ns(), 5'000'000U);
  EXPECT_EQ(actors::quantile_ns(handler_times{}.counts(), 0.5), 0U);
}

TEST(restart_history, keeps_the_newest_and_completes_only_what_it_still_has) {
  actors::restart_history history;
  const auto first = history.begin("root", "a", "why");
  for (std::size_t i = 0; i < actors::restart_history::kept; ++i)
    history.begin("root", std::to_string(i), "why");
  history.complete(first, actors::restart_record::outcome::restarted, 5);
  EXPECT_EQ(history.newest().size(), actors::restart_history::kept);
  EXPECT_EQ(history.total(), actors::restart_history::kept + 1);
  const auto last = history.begin("root", "last", "why");
  history.complete(last, actors::restart_record::outcome::restarted, 7);
  EXPECT_EQ(history.newest(1).at(0).child, "last");
  EXPECT_EQ(history.newest(1).at(0).down_ms, 7);
}

}  // namespace
}  // namespace tickcast::tests
