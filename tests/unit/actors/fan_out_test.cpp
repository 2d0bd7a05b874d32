#include <chrono>
#include <numeric>

#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {
namespace {

using protocol::encoding;

std::vector<std::uint64_t> range(std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> result(to - from + 1);
  std::iota(result.begin(), result.end(), from);
  return result;
}

class fan_out : public world {};

TEST_F(fan_out, replies_then_gives_the_snapshot_then_updates) {
  auto& port = feed("sub");
  trade(port, "BTC", 10, "100.5", "0.25");
  trade(port, "BTC", 11, "101");
  auto& client = join(0, {"trade.BTC"});
  trade(port, "BTC", 12, "102");

  ASSERT_EQ(client.frames.size(), 3U);
  const auto& reply = client.frames[0];
  EXPECT_EQ(reply["type"], "reply");
  EXPECT_EQ(reply["id"], 1);
  EXPECT_EQ(reply["data"]["topics"][0]["topic"], "trade.BTC");
  EXPECT_EQ(reply["data"]["topics"][0]["seq"], 2);
  const auto& snapshot = client.frames[1];
  EXPECT_EQ(snapshot["type"], "snapshot");
  EXPECT_EQ(snapshot["seq"], 2);
  EXPECT_EQ(snapshot["epoch"], reply["data"]["topics"][0]["epoch"]);
  EXPECT_EQ(snapshot["data"]["trades"].size(), 2U);
  EXPECT_EQ(snapshot["data"]["trades"][0]["price"], 100.5);
  EXPECT_EQ(snapshot["data"]["feed"]["name"], "sub");
  EXPECT_EQ(snapshot["data"]["feed"]["state"], "live");
  EXPECT_EQ(snapshot["data"]["day"]["volume"], 1.25);
  const auto& update = client.frames[2];
  EXPECT_EQ(update["type"], "update");
  EXPECT_EQ(update["seq"], 3);
  EXPECT_EQ(update["data"]["price"], 102);
  EXPECT_EQ(update["data"]["time"], 12'000'000);
}

TEST_F(fan_out, gives_one_encoding_to_each_and_the_same_content_to_all) {
  auto& port = feed("sub");
  auto& text = join(0, {"trade.BTC"});
  auto& binary = join(0, {"trade.BTC"}, encoding::msgpack);
  auto& elsewhere = join(1, {"trade.BTC"}, encoding::msgpack);
  for (int i = 1; i <= 5; ++i) trade(port, "BTC", i, "1" + std::to_string(i));
  EXPECT_EQ(text.seqs("trade.BTC"), range(1, 5));
  EXPECT_EQ(text.got("update"), binary.got("update"));
  EXPECT_EQ(text.got("update"), elsewhere.got("update"));
}

TEST_F(fan_out, lets_a_client_join_in_the_middle_without_hole_or_double) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  // The subscription and the stream race: nothing settles in between.
  auto& client = join(1);
  for (int i = 2; i <= 40; ++i) {
    port.on_trade("BTC", make_trade(i, "2", "1", 1000 + static_cast<std::uint64_t>(i)), {});
    port.flush();
    if (i == 20) client.say({{"type", "subscribe"}, {"id", 1}, {"data", {{"topics", {"trade.BTC"}}}}});
    hosts_[static_cast<std::size_t>(i) % 2]->turn();
  }
  settle();
  const auto snapshots = client.got("snapshot");
  ASSERT_EQ(snapshots.size(), 1U);
  const std::uint64_t at = snapshots[0]["seq"];
  EXPECT_GT(at, 1U);
  EXPECT_LT(at, 40U);
  EXPECT_EQ(client.seqs("trade.BTC"), range(at + 1, 40));
}

TEST_F(fan_out, accepts_a_topic_that_nobody_has_written_and_tells_when_somebody_does) {
  auto& client = join(0, {"trade.NEW", "monitor.new"});
  ASSERT_EQ(client.got("snapshot").size(), 2U);
  EXPECT_EQ(client.got("reply")[0]["data"]["topics"][0]["seq"], 0);
  EXPECT_EQ(client.got("snapshot")[0]["seq"], 0);
  auto& port = feed("sub");
  trade(port, "NEW", 1, "7");
  port.on_event("monitor.new", R"({"load":0.5})", {});
  port.flush();
  settle();
  EXPECT_EQ(client.seqs("trade.NEW"), range(1, 1));
  EXPECT_EQ(client.seqs("monitor.new"), range(1, 1));
  const auto snapshots = client.got("snapshot");
  ASSERT_EQ(snapshots.size(), 4U);
  EXPECT_NE(snapshots[2]["epoch"], "");
}

TEST_F(fan_out, stops_listening_when_the_last_subscriber_leaves) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  auto& one = join(0, {"trade.BTC"});
  auto& two = join(0, {"trade.BTC"});
  one.say({{"type", "unsubscribe"}, {"id", 2}, {"data", {{"topics", {"trade.BTC"}}}}});
  settle();
  EXPECT_EQ(one.got("reply").back()["id"], 2);
  trade(port, "BTC", 2, "2");
  EXPECT_TRUE(one.seqs("trade.BTC").empty());
  EXPECT_EQ(two.seqs("trade.BTC"), range(2, 2));
  two.hold.drop();
  settle();
  EXPECT_EQ(rooms_[0]->broadcasts().topics.load(), 0U);
  EXPECT_EQ(rooms_[0]->broadcasts().subscriptions.load(), 0U);
  const auto before = rooms_[0]->broadcasts().updates.load();
  trade(port, "BTC", 3, "3");
  EXPECT_EQ(rooms_[0]->broadcasts().updates.load(), before);
}

TEST_F(fan_out, pushes_forming_bars_seldom_and_closing_ones_at_once) {
  auto& port = feed("sub");
  trade(port, "BTC", 60, "10");
  auto& client = join(0, {"bar.1m.BTC"});
  EXPECT_EQ(client.got("snapshot")[0]["data"]["bars"].size(), 1U);
  // The feed's clock is the real one, the hosts' virtual: what counts is that several trades make few
  // updates.
  for (int i = 1; i < 20; ++i)
    port.on_trade("BTC",
                  make_trade(60 + i, "1" + std::to_string(i), "1", 500 + static_cast<std::uint64_t>(i)), {});
  port.flush();
  settle();
  const auto forming = client.got("update").size();
  EXPECT_LE(forming, 1U);
  trade(port, "BTC", 120, "50");
  const auto updates = client.got("update");
  ASSERT_GE(updates.size(), 2U);
  const auto& closed = updates[updates.size() - 2];
  EXPECT_EQ(closed["data"]["closed"], true);
  EXPECT_EQ(closed["data"]["time"], 60'000'000);
  EXPECT_EQ(closed["data"]["volume"], 20);
  EXPECT_EQ(closed["data"]["trades"], 20);
  EXPECT_EQ(closed["data"]["high"], 119);
  EXPECT_EQ(updates.back()["data"]["closed"], false);
  EXPECT_EQ(client.seqs("bar.1m.BTC").front() + updates.size() - 1, client.seqs("bar.1m.BTC").back());
}

TEST_F(fan_out, keeps_a_topic_to_the_shard_that_owns_the_symbol_and_serves_all) {
  auto& port = feed("sub");
  auto& zero = join(0, {"trade.A", "trade.B", "trade.C", "trade.D", "trade.E"});
  auto& one = join(1, {"trade.A", "trade.B", "trade.C", "trade.D", "trade.E"});
  for (const auto* name : {"A", "B", "C", "D", "E"}) trade(port, name, 1, "1");
  EXPECT_EQ(zero.got("update").size(), 5U);
  EXPECT_EQ(one.got("update").size(), 5U);
  EXPECT_GT(rooms_[0]->dispatches().ticks.load(), 0U);
  EXPECT_GT(rooms_[1]->dispatches().ticks.load(), 0U);
}

TEST_F(fan_out, reports_topics_with_their_subscribers) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  join(0, {"trade.BTC"});
  join(1, {"trade.BTC"});
  auto report = std::make_shared<actors::topic_report>();
  const auto lines = engine_->routes.copy();
  for (const auto& each : lines.dispatchers) actors::tell(each, actors::report_topics{report});
  for (const auto& each : lines.broadcasters) actors::tell(each, actors::report_topics{report});
  settle();
  EXPECT_EQ(report.use_count(), 1);
  for (const auto& line : report->lines())
    if (line.topic == "trade.BTC") {
      EXPECT_EQ(line.subscribers, 2U);
      EXPECT_EQ(line.seq, 1U);
      EXPECT_EQ(line.feed.name, "sub");
      return;
    }
  FAIL() << "trade.BTC is not in the report";
}

class chunked : public world {
protected:
  chunked() : world(1, [](config::config& settings) { settings.io.chunk = 3; }) {}
};

TEST_F(chunked, serves_all_in_order_while_subscribers_come_and_go) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  std::vector<recording_client*> all;
  for (int i = 0; i < 10; ++i) all.push_back(&join(0, {"trade.BTC"}));
  for (int i = 2; i <= 6; ++i) {
    port.on_trade("BTC", make_trade(i, "2", "1", 100 + static_cast<std::uint64_t>(i)), {});
    port.flush();
    hosts_[0]->turn();
  }
  // In the middle of the fan-outs one leaves and one comes.
  all[1]->hold.drop();
  auto& late = *clients_.emplace_back(std::make_unique<recording_client>());
  late.hold = rooms_[0]->open(late, {"late", encoding::json});
  late.say({{"type", "subscribe"}, {"id", 1}, {"data", {{"topics", {"trade.BTC"}}}}});
  settle();
  for (int i = 7; i <= 9; ++i) trade(port, "BTC", i, "3");
  for (std::size_t i = 0; i < all.size(); ++i)
    if (i != 1) {
      EXPECT_EQ(all[i]->seqs("trade.BTC"), range(2, 9)) << "client " << i;
    }
  const std::uint64_t at = late.got("snapshot")[0]["seq"];
  EXPECT_EQ(late.seqs("trade.BTC"), range(at + 1, 9));
  EXPECT_EQ(rooms_[0]->broadcasts().subscriptions.load(), 10U);
}

TEST_F(chunked, gives_a_feed_its_credit_back_only_when_all_clients_have_the_update) {
  auto& port = feed("sub", 0, 4);
  for (int i = 0; i < 10; ++i) join(0, {"trade.BTC"});
  for (int i = 1; i <= 4; ++i)
    port.on_trade("BTC", make_trade(i, "1", "1", static_cast<std::uint64_t>(i)), {});
  EXPECT_TRUE(port.may_read());
  port.flush();
  EXPECT_FALSE(port.may_read());
  hosts_[0]->turn();
  hosts_[0]->turn();
  EXPECT_EQ(port.entry().in_flight.load(), 4U) << "some clients have not been served yet";
  settle();
  EXPECT_EQ(port.entry().in_flight.load(), 0U);
  EXPECT_TRUE(port.may_read());
}

TEST_F(fan_out, tells_the_age_of_what_is_live_and_leaves_out_what_was_recorded) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  join(0, {"trade.BTC"});
  const auto utc = std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch());
  const auto second = std::chrono::duration_cast<std::chrono::seconds>(utc).count();
  trade(port, "BTC", second - 30, "2");
  trade(port, "BTC", second + 1000, "3");
  trade(port, "BTC", second - 7200, "4");
  const auto& counted = rooms_[0]->broadcasts();
  const auto ages = counted.message_age.read();
  EXPECT_EQ(ages.counts.back(), 2U);
  EXPECT_EQ(ages.counts.front(), 1U) << "what comes from the future is young";
  EXPECT_GE(ages.sum, 29.0);
  EXPECT_LE(ages.sum, 60.0);
  EXPECT_EQ(counted.ages_left_out.load(), 1U);
}

TEST_F(fan_out, counts_updates_and_deliveries_by_their_kind) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  join(0, {"trade.BTC"});
  join(0, {"trade.BTC", "bar.1s.BTC"});
  trade(port, "BTC", 2, "2");
  const auto& counted = rooms_[0]->broadcasts();
  EXPECT_EQ(counted.updates_of[0].load(), 1U);
  EXPECT_EQ(counted.deliveries_of[0].load(), 2U);
  EXPECT_EQ(counted.updates_of[1].load(), 0U);
  EXPECT_GE(counted.updates_of[2].load(), 1U);
  EXPECT_EQ(counted.updates.load(), counted.updates_of[0].load() + counted.updates_of[2].load());
}

}  // namespace
}  // namespace tickcast::tests
