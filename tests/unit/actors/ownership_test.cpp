#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {
namespace {

using protocol::feed_state;

class ownership : public world {
protected:
  void set_state(const std::string& feed, feed_state state) {
    engine_->feeds.set_state(engine_->feeds.add(feed, 0, false, 0), state);
  }
};

TEST_F(ownership, of_a_symbol_stays_with_the_first_of_two_equal_feeds) {
  auto& first = feed("first");
  auto& second = feed("second");
  auto& client = join(0, {"trade.BTC"});
  trade(first, "BTC", 1, "1");
  trade(second, "BTC", 2, "2");
  trade(first, "BTC", 3, "3");
  EXPECT_EQ(client.seqs("trade.BTC").size(), 2U);
  EXPECT_EQ(second.entry().not_owner.load(), 1U);
}

TEST_F(ownership, goes_to_the_feed_of_higher_priority) {
  auto& spare = feed("spare", 1);
  auto& main = feed("main", 2);
  auto& client = join(0, {"trade.BTC"});
  trade(spare, "BTC", 1, "1");
  trade(main, "BTC", 2, "2");
  trade(spare, "BTC", 3, "3");
  const auto updates = client.got("update");
  ASSERT_EQ(updates.size(), 2U);
  EXPECT_EQ(updates[1]["data"]["price"], 2);
}

TEST_F(ownership, goes_to_the_spare_while_the_main_feed_is_not_live_and_back) {
  auto& main = feed("main", 2);
  auto& spare = feed("spare", 1);
  auto& client = join(0, {"trade.BTC"});
  trade(main, "BTC", 1, "1");
  trade(spare, "BTC", 2, "2");
  set_state("main", feed_state::stale);
  trade(spare, "BTC", 3, "3");
  set_state("main", feed_state::live);
  trade(main, "BTC", 4, "4");
  trade(spare, "BTC", 5, "5");
  const auto updates = client.got("update");
  ASSERT_EQ(updates.size(), 3U);
  EXPECT_EQ(updates[1]["data"]["price"], 3);
  EXPECT_EQ(updates[2]["data"]["price"], 4);
}

TEST_F(ownership, comes_back_with_the_main_feeds_first_tick_and_not_some_time_later) {
  auto& main = feed("main", 2);
  auto& spare = feed("spare", 1);
  auto& client = join(0, {"trade.BTC"});
  trade(main, "BTC", 1, "1");
  set_state("main", feed_state::stale);
  trade(spare, "BTC", 2, "2");
  trade(main, "BTC", 3, "3");
  trade(spare, "BTC", 4, "4");
  EXPECT_EQ(client.seqs("trade.BTC").size(), 3U);
  EXPECT_EQ(main.entry().state.load(), feed_state::live);
}

TEST_F(ownership, shows_in_the_snapshot) {
  auto& main = feed("main", 2);
  trade(main, "BTC", 1, "1");
  auto& client = join(0, {"trade.BTC"});
  EXPECT_EQ(client.got("snapshot")[0]["data"]["feed"]["name"], "main");
  set_state("main", feed_state::stale);
  auto& later = join(0, {"trade.BTC"});
  EXPECT_EQ(later.got("snapshot")[0]["data"]["feed"]["state"], "stale") << "a kept snapshot must not be used";
}

TEST_F(ownership, shows_to_whoever_waited_before_the_first_update) {
  auto& main = feed("main", 2);
  set_state("main", feed_state::none);
  auto& client = join(0, {"trade.BTC"});
  trade(main, "BTC", 1, "1");
  const auto snapshot = client.got("snapshot").back();
  EXPECT_EQ(snapshot["seq"], 0);
  EXPECT_EQ(snapshot["data"]["feed"]["name"], "main");
  EXPECT_EQ(snapshot["data"]["feed"]["state"], "live");
  EXPECT_EQ(client.seqs("trade.BTC"), std::vector<std::uint64_t>{1});
}

TEST_F(ownership, drops_and_counts_trades_that_repeat) {
  auto& port = feed("sub");
  auto& client = join(0, {"trade.BTC"});
  trade(port, "BTC", 1, "1", "1", 77);
  trade(port, "BTC", 2, "2", "1", 78);
  trade(port, "BTC", 1, "1", "1", 77);
  EXPECT_EQ(client.seqs("trade.BTC").size(), 2U);
  EXPECT_EQ(port.entry().repeated.load(), 1U);
}

TEST_F(ownership, refuses_what_would_overflow_and_goes_on) {
  auto& port = feed("sub");
  auto& client = join(0, {"trade.BTC"});
  trade(port, "BTC", 1, "1", "9000000000000000000");
  trade(port, "BTC", 2, "1", "9000000000000000000");
  trade(port, "BTC", 3, "1", "5");
  EXPECT_EQ(client.seqs("trade.BTC").size(), 2U);
  EXPECT_EQ(rooms_[0]->dispatches().refused.load() + rooms_[1]->dispatches().refused.load(), 1U);
}

TEST_F(ownership, lets_a_feed_bring_bars_itself) {
  auto& port = feed("sub");
  auto& client = join(0, {"bar.5m.BTC", "bar.1m.BTC"});
  protocol::bar bar;
  bar.time_ns = 300'000'000'000;
  bar.open = bar.high = bar.low = bar.close = "5"_d;
  bar.volume = "2"_d;
  bar.closed = true;
  port.on_bar("BTC", "5m", protocol::bar(bar), {});
  port.on_bar("BTC", "1m", protocol::bar(bar), {});
  port.flush();
  settle();
  trade(port, "BTC", 301, "9");
  EXPECT_EQ(client.seqs("bar.1m.BTC").size(), 1U) << "trades no longer form what the feed brings";
  // The topic came to be with the bar, so that the bar is in its snapshot.
  EXPECT_TRUE(client.seqs("bar.5m.BTC").empty());
  const auto last = client.got("snapshot").back();
  EXPECT_EQ(last["topic"], "bar.5m.BTC");
  EXPECT_EQ(last["seq"], 1);
  ASSERT_EQ(last["data"]["bars"].size(), 1U);
  EXPECT_EQ(last["data"]["bars"][0]["volume"], 2);
}

TEST_F(ownership, of_feed_seq_shows_holes) {
  auto& port = feed("sub");
  for (const std::uint64_t seq : {5, 6, 9, 10}) port.on_trade("BTC", make_trade(1, "1", "1", seq), seq);
  port.flush();
  settle();
  EXPECT_EQ(port.entry().gaps.load(), 1U);
  EXPECT_EQ(port.entry().gap_lost.load(), 2U);
  EXPECT_EQ(port.entry().state.load(), feed_state::gap);
  port.on_trade("BTC", make_trade(1, "1", "1", 20), 1);
  EXPECT_EQ(port.entry().gaps.load(), 1U);
  EXPECT_EQ(port.entry().restarts_seen.load(), 1U);
}

}  // namespace
}  // namespace tickcast::tests
