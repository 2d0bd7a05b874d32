#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {
namespace {

class slow_client : public world {};

TEST_F(slow_client, goes_quiet_over_its_budget_and_gets_gap_snapshot_and_live_updates_again) {
  auto& port = feed("sub");
  auto& slow = join(0, {"trade.BTC"});
  auto& quick = join(0, {"trade.BTC"});
  trade(port, "BTC", 1, "1");
  slow.budget = slow.queued;  // full from here on
  for (int i = 2; i <= 20; ++i) trade(port, "BTC", i, "2");
  EXPECT_EQ(slow.seqs("trade.BTC").back(), 1U);
  EXPECT_EQ(quick.seqs("trade.BTC").back(), 20U);

  slow.budget = SIZE_MAX;
  slow.drain();
  settle();
  trade(port, "BTC", 21, "3");
  const auto gaps = slow.got("gap");
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0]["topic"], "trade.BTC");
  EXPECT_EQ(gaps[0]["data"]["from"], 2);
  EXPECT_EQ(gaps[0]["data"]["to"], 20);
  EXPECT_EQ(gaps[0]["data"]["lost"], 19);
  const auto n = slow.frames.size();
  EXPECT_EQ(slow.frames[n - 3]["type"], "gap");
  EXPECT_EQ(slow.frames[n - 2]["type"], "snapshot");
  EXPECT_EQ(slow.frames[n - 2]["seq"], 20);
  EXPECT_EQ(slow.frames[n - 1]["seq"], 21);
}

TEST_F(slow_client, gets_one_gap_a_topic_though_its_queue_fills_again_in_between) {
  auto& port = feed("sub");
  auto& slow = join(0, {"trade.A", "trade.B"});
  slow.budget = slow.queued;
  for (int i = 1; i <= 5; ++i) {
    trade(port, "A", i, "1");
    trade(port, "B", i, "1");
  }
  // Room for the first gap and no snapshot.
  slow.queued = 0;
  slow.budget = 100;
  slow.drain();
  settle();
  EXPECT_EQ(slow.got("gap").size(), 1U);
  slow.budget = SIZE_MAX;
  slow.drain();
  settle();
  EXPECT_EQ(slow.got("gap").size(), 2U);
  trade(port, "A", 9, "2");
  trade(port, "B", 9, "2");
  EXPECT_EQ(slow.seqs("trade.A").back(), 6U);
  EXPECT_EQ(slow.seqs("trade.B").back(), 6U);
}

TEST_F(slow_client, whose_first_snapshot_does_not_fit_gets_it_later_without_a_gap) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  auto& slow = join(0);
  slow.budget = 10;
  slow.say({{"type", "subscribe"}, {"id", 1}, {"data", {{"topics", {"trade.BTC"}}}}});
  settle();
  EXPECT_EQ(slow.got("reply").size(), 1U);
  EXPECT_TRUE(slow.got("snapshot").empty());
  slow.budget = SIZE_MAX;
  slow.drain();
  settle();
  EXPECT_TRUE(slow.got("gap").empty());
  EXPECT_EQ(slow.got("snapshot").size(), 1U);
}

TEST_F(slow_client, that_leaves_while_behind_leaves_nothing) {
  auto& port = feed("sub");
  auto& slow = join(0, {"trade.BTC"});
  slow.budget = slow.queued;
  for (int i = 1; i <= 3; ++i) trade(port, "BTC", i, "1");
  slow.hold.drop();
  settle();
  EXPECT_EQ(rooms_[0]->broadcasts().subscriptions.load(), 0U);
  trade(port, "BTC", 9, "1");
}

}  // namespace
}  // namespace tickcast::tests
