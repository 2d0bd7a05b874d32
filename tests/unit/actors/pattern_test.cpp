#include <algorithm>
#include <chrono>

#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {
namespace {

using namespace std::chrono_literals;
using protocol::encoding;

class pattern : public world, public testing::WithParamInterface<encoding> {
protected:
  pattern()
      : world(2, [](config::config& settings) {
          settings.limits.pattern_topics = 4;
          config::rule_section deny;
          deny.name = "no-secret";
          deny.topics = {"*.*SECRET*"};
          config::rule_section part;
          part.name = "part";
          part.topics = {"trade.APART"};
          part.outcome = config::rule_outcome::allow;
          part.fields = {"price"};
          settings.rules = {deny, part};
        }) {}
  void say(recording_client& client, int id, const std::string& type,
           const std::vector<std::string>& topics) {
    client.say({{"type", type}, {"id", id}, {"data", {{"topics", topics}}}});
    settle();
  }
  static int error(const recording_client& client, int id) {
    for (const auto& each : client.got("error"))
      if (each["id"] == id) return each["data"]["code"];
    return 0;
  }
  static std::vector<std::string> snapshots(const recording_client& client) {
    std::vector<std::string> result;
    for (const auto& each : client.got("snapshot")) result.push_back(each["topic"]);
    std::sort(result.begin(), result.end());
    return result;
  }
};
INSTANTIATE_TEST_SUITE_P(encodings, pattern, testing::Values(encoding::json, encoding::msgpack));

using names = std::vector<std::string>;

TEST_P(pattern, brings_what_exists_and_what_comes_later) {
  auto& port = feed("sub");
  for (const auto* symbol : {"A1", "A2", "B1"}) trade(port, symbol, 1, "10");
  auto& client = join(0, {"trade.A*"}, GetParam());
  const auto reply = client.got("reply")[0]["data"];
  ASSERT_EQ(reply["patterns"].size(), 1U);
  EXPECT_EQ(reply["patterns"][0]["pattern"], "trade.A*");
  EXPECT_EQ(reply["patterns"][0]["topics"], json(names({"trade.A1", "trade.A2"})));
  EXPECT_EQ(reply["topics"].size(), 2U);
  EXPECT_EQ(snapshots(client), names({"trade.A1", "trade.A2"}));
  trade(port, "A3", 2, "11");
  trade(port, "A3", 3, "12");
  trade(port, "B2", 2, "11");
  trade(port, "A1", 2, "11");
  EXPECT_EQ(snapshots(client), names({"trade.A1", "trade.A2", "trade.A3"}));
  EXPECT_EQ(client.seqs("trade.A3").back(), 2U);
  EXPECT_EQ(client.seqs("trade.A1"), std::vector<std::uint64_t>{2});
  EXPECT_TRUE(client.seqs("trade.B2").empty());
}

TEST_P(pattern, event_topics_match_as_well) {
  auto& port = feed("sub");
  auto& client = join(0, {"monitor.*"}, GetParam());
  EXPECT_EQ(client.got("reply")[0]["data"]["topics"], json::array());
  port.on_event("monitor.cpu", "1", {});
  port.flush();
  settle();
  EXPECT_EQ(snapshots(client), names({"monitor.cpu"}));
}

TEST_P(pattern, never_reaches_around_a_rule) {
  auto& port = feed("sub");
  for (const auto* symbol : {"ASECRET", "APART"}) trade(port, symbol, 1, "10", "7");
  auto& client = join(0, {"trade.A*"}, GetParam());
  trade(port, "ASECRET2", 1, "10");
  trade(port, "ASECRET", 2, "10");
  trade(port, "APART", 2, "10", "7");
  EXPECT_EQ(snapshots(client), names({"trade.APART"}));
  EXPECT_EQ(client.got("update").size(), 1U);
  EXPECT_EQ(client.got("update")[0]["data"], json({{"price", 10}}));
}

TEST_P(pattern, leaves_by_the_same_words_what_nothing_else_holds) {
  auto& port = feed("sub");
  for (const auto* symbol : {"A1", "A2", "AB"}) trade(port, symbol, 1, "10");
  auto& client = join(0, {"trade.A1"}, GetParam());
  say(client, 2, "subscribe", {"trade.A*"});
  say(client, 3, "subscribe", {"trade.AB*"});
  EXPECT_EQ(client.got("reply")[1]["data"]["patterns"][0]["topics"], json(names({"trade.A2", "trade.AB"})));
  say(client, 4, "unsubscribe", {"trade.A*"});
  EXPECT_EQ(client.got("reply").back()["id"], 4);
  for (const auto* symbol : {"A1", "A2", "AB", "A4"}) trade(port, symbol, 2, "11");
  EXPECT_EQ(client.seqs("trade.A1").size(), 1U) << "was asked for by name";
  EXPECT_TRUE(client.seqs("trade.A2").empty());
  EXPECT_EQ(client.seqs("trade.AB").size(), 1U) << "the other pattern has it";
  EXPECT_TRUE(client.seqs("trade.A4").empty());
  say(client, 5, "unsubscribe", {"trade.A*"});
  EXPECT_EQ(error(client, 5), 102);
}

TEST_P(pattern, is_bounded) {
  auto& port = feed("sub");
  for (const auto* symbol : {"A1", "A2", "A3", "A4"}) trade(port, symbol, 1, "10");
  auto& client = join(0, {"trade.A*"}, GetParam());
  ASSERT_EQ(client.got("snapshot").size(), 4U);
  trade(port, "A5", 1, "10");
  trade(port, "A6", 1, "10");
  EXPECT_EQ(client.got("snapshot").size(), 4U);
  EXPECT_EQ(client.got("error").size(), 1U) << "told once";
  EXPECT_EQ(error(client, 0), 106);
  EXPECT_EQ(rooms_[0]->broadcasts().pattern_topics_refused.load(), 2U);
  auto& late = join(1, {"trade.*"}, GetParam());
  EXPECT_EQ(error(late, 1), 106);
  EXPECT_EQ(rooms_[1]->broadcasts().patterns.load(), 0U);
  EXPECT_EQ(rooms_[1]->broadcasts().subscriptions.load(), 0U);
}

TEST_P(pattern, that_names_no_kind_or_comes_twice_is_refused) {
  auto& client = join(0, GetParam());
  int id = 1;
  for (const auto* text : {"*", "tra*", "*.A", "?rade.A*", "trade.A *", ".*"}) {
    say(client, ++id, "subscribe", {text});
    EXPECT_EQ(error(client, id), 102) << text;
  }
  say(client, 20, "subscribe", {"trade.A*"});
  say(client, 21, "subscribe", {"trade.A*"});
  EXPECT_EQ(error(client, 21), 105);
}

TEST_P(pattern, is_forgotten_with_its_last_client) {
  auto& port = feed("sub");
  trade(port, "A1", 1, "10");
  auto& client = join(0, {"trade.A*"}, GetParam());
  EXPECT_EQ(rooms_[0]->broadcasts().patterns.load(), 1U);
  client.hold.drop();
  settle();
  EXPECT_EQ(rooms_[0]->broadcasts().patterns.load(), 0U);
  EXPECT_EQ(rooms_[0]->broadcasts().topics.load(), 0U);
  trade(port, "A2", 1, "10");
}

TEST_P(pattern, goes_on_when_a_writer_is_restarted) {
  auto& port = feed("sub");
  trade(port, "A1", 1, "10");
  auto& client = join(0, {"trade.A*"}, GetParam());
  restart_dispatcher(0);
  restart_dispatcher(1);
  advance(100ms);
  trade(port, "A2", 1, "10");
  trade(port, "A1", 2, "10");
  EXPECT_EQ(snapshots(client), names({"trade.A1", "trade.A2"}));
  EXPECT_EQ(client.seqs("trade.A1"), std::vector<std::uint64_t>{2});
}

}  // namespace
}  // namespace tickcast::tests
