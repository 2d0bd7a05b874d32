#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {
namespace {

using protocol::feed_state;
using std::chrono::milliseconds;

class symbol_silence : public world {
protected:
  symbol_silence() {
    entry.symbol_stale_ns = 5'000'000'000;
    // The virtual hosts' clock and the machine's differ.
    entry.changed_ns = 0;
  }
  void pass_seconds(int count) {
    for (int i = 0; i < count; ++i) advance(milliseconds(1000));
  }
  static bool is_stale(const json& snapshot) {
    return snapshot["data"].value("feed", json::object()).value("symbol_stale", false);
  }

  actors::feed_port& port = feed("main");
  actors::feed_entry& entry = *engine_->feeds.all()[0];
};

TEST_F(symbol_silence, makes_that_symbol_stale_and_no_other) {
  auto& client = join(0, {"trade.BTC", "quote.BTC", "trade.ETH"});
  trade(port, "BTC", 1, "1");
  for (int second = 2; second < 10; ++second) {
    pass_seconds(1);
    trade(port, "ETH", second, "1");
  }
  std::size_t told = 0;
  for (const auto& each : client.got("snapshot")) {
    if (!is_stale(each)) continue;
    ++told;
    EXPECT_NE(each["topic"], "trade.ETH");
    EXPECT_EQ(each["data"]["feed"]["state"], "live") << "the feed itself is";
  }
  EXPECT_EQ(told, 2U) << "once for each topic of it that somebody listens to";
  EXPECT_EQ(entry.stale_symbols, 1U);
}

TEST_F(symbol_silence, ends_with_the_next_tick) {
  auto& client = join(0, {"trade.BTC"});
  trade(port, "BTC", 1, "1");
  pass_seconds(8);
  ASSERT_TRUE(is_stale(client.got("snapshot").back()));
  auto& later = join(1, {"trade.BTC"});
  EXPECT_TRUE(is_stale(later.got("snapshot").back())) << "whoever comes later sees it too";
  trade(port, "BTC", 9, "2");
  pass_seconds(1);
  for (auto* each : {&client, &later}) {
    EXPECT_FALSE(is_stale(each->got("snapshot").back()));
    EXPECT_EQ(each->seqs("trade.BTC").back(), 2U);
  }
  EXPECT_EQ(entry.stale_symbols, 0U);
}

TEST_F(symbol_silence, counts_inside_the_session_alone_and_from_its_opening) {
  auto& client = join(0, {"trade.BTC"});
  trade(port, "BTC", 1, "1");
  entry.in_session = false;
  pass_seconds(60);
  EXPECT_EQ(entry.stale_symbols, 0U);
  const auto opened = std::chrono::nanoseconds(hosts_[0]->now().time_since_epoch()).count();
  entry.opened_ns = opened;
  entry.in_session = true;
  pass_seconds(4);
  EXPECT_EQ(entry.stale_symbols, 0U);
  pass_seconds(3);
  EXPECT_EQ(entry.stale_symbols, 1U);
  entry.in_session = false;
  pass_seconds(1);
  EXPECT_EQ(entry.stale_symbols, 0U);
  EXPECT_FALSE(is_stale(client.got("snapshot").back()));
}

TEST_F(symbol_silence, is_not_told_of_each_symbol_of_a_feed_that_is_down) {
  trade(port, "BTC", 1, "1");
  engine_->feeds.set_state(entry, feed_state::down, 0);
  pass_seconds(20);
  EXPECT_EQ(entry.stale_symbols, 0U);
}

TEST_F(symbol_silence, of_no_length_is_none) {
  entry.symbol_stale_ns = 0;
  trade(port, "BTC", 1, "1");
  pass_seconds(100);
  EXPECT_EQ(entry.stale_symbols, 0U);
}

TEST_F(symbol_silence, is_found_among_more_symbols_than_a_turn_looks_at) {
  constexpr int symbols = 3000;
  for (int i = 0; i < symbols; ++i)
    port.on_trade("S" + std::to_string(i), make_trade(1, "1", "1", static_cast<std::uint64_t>(i) + 1), {});
  port.flush();
  settle();
  pass_seconds(8);
  EXPECT_EQ(entry.stale_symbols, static_cast<std::uint64_t>(symbols));
}

TEST_F(symbol_silence, outlives_its_dispatcher) {
  auto& client = join(0, {"trade.BTC"});
  trade(port, "BTC", 1, "1");
  pass_seconds(8);
  restart_dispatcher(engine_->symbols.shard_of("BTC"));
  pass_seconds(1);
  EXPECT_TRUE(is_stale(client.got("snapshot").back()));
  EXPECT_EQ(entry.stale_symbols, 1U);
}

}  // namespace
}  // namespace tickcast::tests
