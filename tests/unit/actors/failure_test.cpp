#include <stdexcept>

#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {
namespace {

using namespace std::chrono_literals;

/// Trades at a price of 666 make their quote topic throw.
class failure : public world {
protected:
  failure() {
    engine_->fault = [](const actors::symbol&, const protocol::trade& trade) {
      if (trade.price == "666"_d) throw std::runtime_error("a bug");
    };
  }
};

TEST_F(failure, of_one_tick_ends_the_topic_and_the_next_goes_on_from_the_committed_state) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  auto& client = join(0, {"trade.BTC"});
  trade(port, "BTC", 2, "666");
  trade(port, "BTC", 3, "3");
  EXPECT_EQ(client.got("snapshot").size(), 1U) << "the count went on: nothing to tell";
  EXPECT_EQ(client.seqs("trade.BTC"), std::vector<std::uint64_t>{2});
  auto& late = join(1, {"trade.BTC"});
  EXPECT_EQ(late.got("snapshot")[0]["data"]["trades"].size(), 2U);
  EXPECT_EQ(late.got("snapshot")[0]["epoch"], client.got("snapshot")[0]["epoch"]);
}

TEST_F(failure, within_one_batch_loses_only_the_tick_that_failed) {
  auto& port = feed("sub");
  auto& client = join(0, {"trade.BTC", "trade.ETH"});
  port.on_trade("BTC", make_trade(1, "1", "1", 1), {});
  port.on_trade("BTC", make_trade(2, "666", "1", 2), {});
  port.on_trade("ETH", make_trade(2, "5", "1", 3), {});
  port.on_trade("BTC", make_trade(3, "3", "1", 4), {});
  port.flush();
  settle();
  EXPECT_EQ(client.seqs("trade.BTC"), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(client.seqs("trade.ETH"), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(port.entry().in_flight.load(), 0U);
}

TEST_F(failure, again_and_again_puts_the_topic_into_quarantine_and_no_other) {
  auto& port = feed("sub");
  auto& client = join(0, {"trade.BAD", "trade.GOOD"});
  trade(port, "BAD", 1, "1");
  for (int i = 0; i < 6; ++i) trade(port, "BAD", 2, "666");
  trade(port, "BAD", 3, "3");
  trade(port, "GOOD", 3, "3");
  EXPECT_EQ(client.seqs("trade.BAD"), std::vector<std::uint64_t>{1});
  EXPECT_EQ(client.seqs("trade.GOOD"), std::vector<std::uint64_t>{1});
  EXPECT_EQ(client.got("snapshot").back()["topic"], "trade.GOOD");
  bool seen = false;
  for (const auto& each : client.got("snapshot"))
    seen = seen ||
           (each["topic"] == "trade.BAD" && each.value("/data/feed/state"_json_pointer, "") == "quarantined");
  EXPECT_TRUE(seen) << "its subscribers must see it";
  EXPECT_EQ(rooms_[0]->dispatches().quarantines.load() + rooms_[1]->dispatches().quarantines.load(), 1U);
  EXPECT_EQ(rooms_[0]->dispatches().quarantined.load() + rooms_[1]->dispatches().quarantined.load(), 1U);

  advance(61s);
  trade(port, "BAD", 4, "4");
  EXPECT_EQ(rooms_[0]->dispatches().quarantined.load() + rooms_[1]->dispatches().quarantined.load(), 0U);
  EXPECT_EQ(client.seqs("trade.BAD"), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(client.got("snapshot").back()["data"]["feed"]["state"], "live");
}

TEST_F(failure, of_a_quote_topic_that_is_killed_from_outside_goes_unnoticed_by_its_subscribers) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  auto& client = join(0, {"trade.BTC"});
  const auto* of = engine_->symbols.find("BTC");
  auto* place = rooms_[of->shard]->quotes().find(of->id);
  const auto killed = place->handle.id();
  actors::end(place->handle, caf::exit_reason::kill);
  settle();
  EXPECT_NE(place->handle.id(), killed);
  EXPECT_EQ(rooms_[of->shard]->dispatches().topic_failures.load(), 1U);
  trade(port, "BTC", 2, "2");
  EXPECT_EQ(client.seqs("trade.BTC"), std::vector<std::uint64_t>{2});
  EXPECT_EQ(client.got("snapshot").size(), 1U);
}

TEST_F(failure, of_a_quote_topic_between_its_end_and_the_news_of_it_loses_no_tick) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  auto& client = join(0, {"trade.BTC"});
  const auto* of = engine_->symbols.find("BTC");
  actors::end(rooms_[of->shard]->quotes().find(of->id)->handle, caf::exit_reason::kill);
  trade(port, "BTC", 2, "666");
  trade(port, "BTC", 3, "3");
  EXPECT_EQ(client.seqs("trade.BTC"), std::vector<std::uint64_t>{2});
}

TEST_F(failure, of_a_dispatcher_counts_the_ticks_that_waited_for_it) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  port.on_trade("BTC", make_trade(2, "2", "1", 2), {});
  port.on_trade("BTC", make_trade(3, "3", "1", 3), {});
  port.flush();
  restart_dispatcher(engine_->symbols.find("BTC")->shard);
  EXPECT_EQ(port.entry().lost.load(), 2U);
  EXPECT_EQ(port.entry().in_flight.load(), 0U) << "their credit must come back";
  trade(port, "BTC", 4, "4");
  EXPECT_EQ(port.entry().lost.load(), 2U);
}

TEST_F(failure, of_the_directory_counts_the_events_that_waited_for_it) {
  auto& port = feed("sub");
  port.on_event("monitor.cpu", "1", {});
  port.flush();
  actors::end(directory_, caf::exit_reason::unhandled_exception);
  settle();
  EXPECT_EQ(port.entry().lost.load(), 1U);
  EXPECT_EQ(port.entry().in_flight.load(), 0U);
}

TEST_F(failure, of_an_event_topic_counts_its_event_and_those_that_waited_for_it) {
  auto& port = feed("sub");
  engine_->event_fault = [](const std::string&, const std::string& data) {
    if (data == "666") throw std::runtime_error("a bug");
  };
  for (const auto* each : {"1", "666", "3"}) port.on_event("monitor.cpu", each, {});
  port.flush();
  settle();
  EXPECT_EQ(port.entry().lost.load(), 2U);
  EXPECT_EQ(port.entry().in_flight.load(), 0U);
  port.on_event("monitor.cpu", "4", {});
  port.flush();
  settle();
  EXPECT_EQ(port.entry().lost.load(), 2U);
}

TEST_F(failure, of_a_dispatcher_keeps_the_states_and_its_listeners) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  auto& client = join(0, {"trade.BTC"});
  auto& other = join(1, {"trade.BTC"});
  restart_dispatcher(0);
  restart_dispatcher(1);
  advance(100ms);
  trade(port, "BTC", 2, "2");
  EXPECT_EQ(client.seqs("trade.BTC"), std::vector<std::uint64_t>{2});
  EXPECT_EQ(other.seqs("trade.BTC"), std::vector<std::uint64_t>{2});
  EXPECT_EQ(client.got("snapshot").size(), 1U);
}

TEST_F(failure, of_a_dispatcher_while_updates_are_missed_leads_to_a_snapshot) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  auto& client = join(0, {"trade.BTC"});
  restart_dispatcher(0);
  restart_dispatcher(1);
  trade(port, "BTC", 2, "2");  // the broadcaster has not asked again yet
  EXPECT_TRUE(client.seqs("trade.BTC").empty());
  advance(100ms);
  EXPECT_EQ(client.got("snapshot").back()["seq"], 2);
  trade(port, "BTC", 3, "3");
  EXPECT_EQ(client.seqs("trade.BTC"), std::vector<std::uint64_t>{3});
}

TEST_F(failure, of_a_broadcaster_leaves_no_command_without_an_answer) {
  auto& client = join(0);
  actors::end(broadcasters_[0], caf::exit_reason::unhandled_exception);
  client.say({{"type", "subscribe"}, {"id", 1}, {"data", {{"topics", {"trade.BTC"}}}}});
  settle();
  client.say({{"type", "unsubscribe"}, {"id", 2}, {"data", {{"topics", {"trade.BTC"}}}}});
  settle();
  const auto errors = client.got("error");
  ASSERT_EQ(errors.size(), 2U);
  for (std::size_t i = 0; i < errors.size(); ++i) {
    EXPECT_EQ(errors[i]["id"], i + 1);
    EXPECT_EQ(errors[i]["data"]["temporary"], true);
  }
  broadcasters_[0] = rooms_[0]->start_broadcaster();
  client.say({{"type", "subscribe"}, {"id", 3}, {"data", {{"topics", {"trade.BTC"}}}}});
  settle();
  EXPECT_EQ(client.got("reply").back()["id"], 3);
}

TEST_F(failure, of_a_broadcaster_sends_its_clients_away_to_come_back) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  auto& client = join(0, {"trade.BTC"});
  auto& other = join(1, {"trade.BTC"});
  auto& idle = join(0);
  restart_broadcaster(0);
  EXPECT_EQ(client.closed, protocol::close_code::server_error);
  EXPECT_FALSE(other.closed);
  EXPECT_FALSE(idle.closed);
  idle.say({{"type", "subscribe"}, {"id", 1}, {"data", {{"topics", {"trade.BTC"}}}}});
  settle();
  trade(port, "BTC", 2, "2");
  EXPECT_EQ(idle.seqs("trade.BTC"), std::vector<std::uint64_t>{2});
  EXPECT_EQ(other.seqs("trade.BTC"), std::vector<std::uint64_t>{2});
}

TEST_F(failure, of_a_broadcaster_leaves_its_successor_no_updates_of_topics_that_nobody_asked_it_for) {
  auto& port = feed("sub");
  trade(port, "OLD", 1, "1");
  trade(port, "NEW", 1, "1");
  join(0, {"trade.OLD"});
  auto& idle = join(0);
  restart_broadcaster(0);
  idle.say({{"type", "subscribe"}, {"id", 1}, {"data", {{"topics", {"trade.NEW"}}}}});
  settle();
  for (int i = 2; i < 5; ++i) trade(port, "OLD", i, "1");
  trade(port, "NEW", 5, "1");
  EXPECT_EQ(idle.got("update").size(), 1U);
  EXPECT_EQ(idle.seqs("trade.NEW"), std::vector<std::uint64_t>{2});
}

}  // namespace
}  // namespace tickcast::tests
