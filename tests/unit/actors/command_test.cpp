#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {
namespace {

class commands : public world, public testing::WithParamInterface<protocol::encoding> {
protected:
  commands()
      : world(1, [](config::config& settings) {
          settings.limits.topics_per_client = 3;
          settings.limits.waiting_topics = 2;
          settings.limits.commands_per_s = 20;
        }) {}
  void say(recording_client& client, int id, const std::string& type, json data) {
    client.say({{"type", type}, {"id", id}, {"data", std::move(data)}});
    settle();
  }
  /// The code of the error frame with this id, 0 without one.
  static int error(const recording_client& client, int id) {
    for (const auto& each : client.got("error"))
      if (each["id"] == id) return each["data"]["code"];
    return 0;
  }
};

TEST_P(commands, connect_tells_the_client_what_it_needs) {
  auto& client = join(0, GetParam());
  say(client, 1, "connect", json::object());
  const auto data = client.got("reply")[0]["data"];
  EXPECT_FALSE(data["client"].get<std::string>().empty());
  EXPECT_EQ(data["ping_ms"], 25000);
  say(client, 2, "connect", json::object());
  EXPECT_EQ(error(client, 2), 107);
}

TEST_P(commands, connect_with_a_token_is_refused_where_none_is_taken) {
  auto& client = join(0, GetParam());
  say(client, 1, "connect", {{"token", "forged"}});
  EXPECT_EQ(error(client, 1), 101);
}

TEST_P(commands, that_are_refused_change_nothing) {
  auto& client = join(0, GetParam());
  say(client, 1, "subscribe", {{"topics", {"trade.A", "no topic"}}});
  EXPECT_EQ(error(client, 1), 102);
  say(client, 2, "subscribe", {{"topics", {"trade.A", "trade.A"}}});
  EXPECT_EQ(error(client, 2), 105);
  say(client, 3, "subscribe", {{"topics", {"trade.A", "trade.B", "trade.C", "trade.D"}}});
  EXPECT_EQ(error(client, 3), 106);
  say(client, 4, "unsubscribe", {{"topics", {"trade.A"}}});
  EXPECT_EQ(error(client, 4), 102);
  EXPECT_EQ(rooms_[0]->broadcasts().topics.load(), 0U);
  say(client, 5, "subscribe", {{"topics", {"trade.A"}}});
  EXPECT_EQ(client.got("reply").size(), 1U);
  say(client, 6, "subscribe", {{"topics", {"trade.A"}}});
  EXPECT_EQ(error(client, 6), 105);
}

TEST_P(commands, waiting_topics_are_bounded) {
  auto& client = join(0, GetParam());
  say(client, 1, "subscribe", {{"topics", {"monitor.a", "monitor.b"}}});
  EXPECT_EQ(client.got("reply").size(), 1U);
  say(client, 2, "subscribe", {{"topics", {"monitor.c"}}});
  EXPECT_EQ(error(client, 2), 106);
  EXPECT_EQ(rooms_[0]->broadcasts().unwritten.load(), 2U);
  say(client, 3, "unsubscribe", {{"topics", {"monitor.a"}}});
  say(client, 4, "subscribe", {{"topics", {"monitor.c"}}});
  EXPECT_EQ(client.got("reply").size(), 3U);
}

TEST_P(commands, ping_is_answered_and_pong_is_not) {
  auto& client = join(0, GetParam());
  client.say({{"type", "ping"}, {"id", 9}});
  client.say({{"type", "pong"}});
  settle();
  ASSERT_EQ(client.frames.size(), 1U);
  EXPECT_EQ(client.frames[0]["id"], 9);
}

TEST_P(commands, rubbish_gets_an_error_and_the_neighbour_nothing) {
  auto& neighbour = join(0, GetParam());
  auto& client = join(0, GetParam());
  client.say_raw("\xc1rubbish");
  settle();
  ASSERT_EQ(client.got("error").size(), 1U);
  EXPECT_EQ(client.got("error")[0]["data"]["code"], 107);
  say(client, 1, "fly", json::object());
  EXPECT_EQ(error(client, 1), 104);
  EXPECT_TRUE(neighbour.frames.empty());
  EXPECT_EQ(rooms_[0]->connections().errors[7].load(), 1U);
}

TEST_P(commands, faster_than_the_limit_are_refused_for_now) {
  auto& client = join(0, GetParam());
  for (int i = 1; i <= 25; ++i) client.say({{"type", "ping"}, {"id", i}});
  settle();
  EXPECT_EQ(client.got("reply").size(), 20U);
  EXPECT_EQ(error(client, 25), 111);
  EXPECT_EQ(client.got("error")[0]["data"]["temporary"], true);
  advance(std::chrono::milliseconds(1000));
  say(client, 26, "ping", json::object());
  EXPECT_EQ(client.got("reply").back()["id"], 26);
}

TEST_P(commands, unsubscribing_before_the_reply_is_out_still_answers_both) {
  auto& client = join(0, GetParam());
  client.say({{"type", "subscribe"}, {"id", 1}, {"data", {{"topics", {"trade.A", "trade.B"}}}}});
  client.say({{"type", "unsubscribe"}, {"id", 2}, {"data", {{"topics", {"trade.A"}}}}});
  settle();
  EXPECT_EQ(client.got("reply").size(), 2U);
  EXPECT_EQ(rooms_[0]->broadcasts().topics.load(), 1U);
}

INSTANTIATE_TEST_SUITE_P(over, commands,
                         testing::Values(protocol::encoding::json, protocol::encoding::msgpack),
                         [](const auto& test) {
                           return test.param == protocol::encoding::json ? "json" : "msgpack";
                         });

}  // namespace
}  // namespace tickcast::tests
