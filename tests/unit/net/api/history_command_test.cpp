#include "api_world.hpp"

namespace tickcast::tests {
namespace {

class history_command_test : public api_world, public testing::WithParamInterface<protocol::encoding> {
protected:
  history_command_test() : from(feed("f")) {}
  /// The answer to a history command: reply or error.
  json ask(recording_client& client, json what) {
    const std::uint64_t id = 1000 + asked_++;
    client.say({{"type", "history"}, {"id", id}, {"data", std::move(what)}});
    json answer;
    EXPECT_TRUE(until([&] {
      for (const auto& each : client.frames)
        if (each.value("id", std::uint64_t{0}) == id) answer = each;
      return !answer.is_null();
    }));
    return answer;
  }
  void trade_seconds(std::int64_t first, std::int64_t end) {
    for (auto second = first; second < end; ++second)
      trade(from, "A", second, std::to_string(100 + second), "2");
  }
  static std::vector<std::int64_t> times(const json& rows) {
    std::vector<std::int64_t> result;
    for (const auto& each : rows) result.push_back(each["time"].get<std::int64_t>() / 1'000'000);
    return result;
  }

  actors::feed_port& from;
  std::uint64_t asked_ = 0;
};

TEST_P(history_command_test, joins_the_past_to_the_updates_of_a_subscription_without_hole_or_double) {
  keep_bars("A", "1s", 1, -5, 0);
  trade_seconds(0, 3);
  auto& client = join(0, {"bar.1s.A"}, GetParam());
  trade_seconds(3, 5);
  const auto answer = ask(client, {{"topic", "bar.1s.A"}, {"limit", 100}});
  ASSERT_EQ(answer["type"], "reply");
  const auto& got = answer["data"];
  EXPECT_EQ(got["topic"], "bar.1s.A");
  EXPECT_EQ(times(got["bars"]), (std::vector<std::int64_t>{-5, -4, -3, -2, -1, 0, 1, 2, 3, 4}));
  EXPECT_EQ(got["more"], false);
  const auto snapshot = client.got("snapshot")[0];
  EXPECT_EQ(got["epoch"], snapshot["epoch"]);

  trade_seconds(5, 7);
  auto bars = times(got["bars"]);
  for (const auto& each : client.got("update"))
    if (each["seq"].get<std::uint64_t>() > got["seq"].get<std::uint64_t>()) {
      const auto time = each["data"]["time"].get<std::int64_t>() / 1'000'000;
      if (bars.back() != time) bars.push_back(time);
    }
  std::vector<std::int64_t> whole;
  for (std::int64_t second = -5; second < 7; ++second) whole.push_back(second);
  EXPECT_EQ(bars, whole);
}

TEST_P(history_command_test, takes_from_to_and_limit) {
  keep_bars("A", "1m", 60, 0, 10);
  trade_seconds(0, 1);
  auto& client = join(1, GetParam());
  const auto newest = ask(client, {{"topic", "bar.1d.A"}});
  EXPECT_EQ(newest["data"]["bars"], json::array());
  past.all_bars[{"1d", "A"}] = past.all_bars[{"1m", "A"}];
  const auto forward =
      ask(client, {{"topic", "bar.1d.A"}, {"from", 120'000'000}, {"to", 480'000'000}, {"limit", 3}});
  EXPECT_EQ(times(forward["data"]["bars"]), (std::vector<std::int64_t>{120, 180, 240}));
  EXPECT_EQ(forward["data"]["more"], true);
  const auto back = ask(client, {{"topic", "bar.1d.A"}, {"to", 480'000'000}, {"limit", 3}});
  EXPECT_EQ(times(back["data"]["bars"]), (std::vector<std::int64_t>{300, 360, 420}));
  EXPECT_EQ(back["data"]["more"], true);
}

TEST_P(history_command_test, gives_trades_too) {
  past.all_trades["A"].push_back(make_trade(1, "10", "1", 1));
  trade(from, "A", 2, "11", "1", 2);
  auto& client = join(0, GetParam());
  const auto got = ask(client, {{"topic", "trade.A"}})["data"];
  EXPECT_EQ(times(got["trades"]), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(got["seq"], 1);
}

TEST_P(history_command_test, refuses_what_it_cannot_give_and_says_why) {
  trade_seconds(0, 1);
  auto& client = join(0, GetParam());
  const auto refused = [&](json what, int code) {
    const auto answer = ask(client, what);
    EXPECT_EQ(answer["type"], "error") << what;
    EXPECT_EQ(answer["data"]["code"], code) << answer;
  };
  refused(json::object(), 107);
  refused({{"topic", 5}}, 107);
  refused({{"topic", "bar.1m"}}, 102);
  refused({{"topic", "quote.A"}}, 108);
  refused({{"topic", "monitor.cpu"}}, 108);
  refused({{"topic", "bar.1m.A"}, {"limit", 0}}, 107);
  refused({{"topic", "bar.1m.A"}, {"limit", 5001}}, 107);
  refused({{"topic", "bar.1m.A"}, {"from", "yesterday"}}, 107);
  refused({{"topic", "bar.1m.A"}, {"to", 1.5}}, 107);
  past.broken = true;
  refused({{"topic", "bar.1d.A"}}, 100);
}

TEST_P(history_command_test, a_connection_may_have_four_under_way) {
  trade_seconds(0, 1);
  auto& client = join(0, GetParam());
  for (std::uint64_t id = 1; id <= 5; ++id)
    client.say({{"type", "history"}, {"id", id}, {"data", {{"topic", "bar.1s.A"}}}});
  // Commands are taken before the answers of reader threads are.
  ASSERT_TRUE(until([&] { return client.frames.size() == 5; }));
  EXPECT_EQ(client.got("error").size(), 1u);
  EXPECT_EQ(client.got("error")[0]["data"]["code"], 111);
  EXPECT_EQ(ask(client, {{"topic", "bar.1s.A"}})["type"], "reply") << "later it may again";
}

TEST_P(history_command_test, a_client_that_leaves_meanwhile_harms_nobody) {
  trade_seconds(0, 1);
  auto& client = join(0, GetParam());
  client.say({{"type", "history"}, {"id", 1}, {"data", {{"topic", "bar.1s.A"}}}});
  settle();
  client.hold.drop();
  settle();
  auto& other = join(0, GetParam());
  EXPECT_EQ(ask(other, {{"topic", "bar.1s.A"}})["type"], "reply");
}

INSTANTIATE_TEST_SUITE_P(encodings, history_command_test,
                         testing::Values(protocol::encoding::json, protocol::encoding::msgpack),
                         [](const auto& each) {
                           return each.param == protocol::encoding::json ? "json" : "msgpack";
                         });

}  // namespace
}  // namespace tickcast::tests
