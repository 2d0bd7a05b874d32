#include <chrono>

#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {
namespace {

using namespace std::chrono_literals;

/// A class for the topics of a glob; `set` fills it in.
void add_class(config::config& to, const std::string& glob,
               const std::function<void(config::topic_class_section&)>& set) {
  auto& made = to.topic_classes.emplace_back();
  made.name = "class-" + std::to_string(to.topic_classes.size());
  made.topics = {glob};
  set(made);
}

class topic_class : public world, public testing::WithParamInterface<protocol::encoding> {
protected:
  topic_class()
      : world(1, [](config::config& settings) {
          add_class(settings, "once.*", [](auto& is) { is.retained = false; });
          add_class(settings, "slow.*", [](auto& is) { is.min_interval_ms = 1000; });
          add_class(settings, "chat.*", [](auto& is) {
            is.history = 3;
            is.recoverable = true;
          });
        }) {}
  void event(actors::feed_port& from, const std::string& topic, int value) {
    from.on_event(topic, std::to_string(value), {});
    from.flush();
    settle();
  }
  static std::vector<int> values(const recording_client& client, const std::string& topic) {
    std::vector<int> result;
    for (const auto& each : client.got("update"))
      if (each["topic"] == topic) result.push_back(each["data"]);
    return result;
  }
  recording_client& go_on(const std::string& topic, const std::string& epoch, std::uint64_t seq) {
    auto& client = join(0, GetParam());
    client.say({{"type", "subscribe"},
                {"id", 1},
                {"data", {{"topics", {{{"topic", topic}, {"epoch", epoch}, {"seq", seq}}}}}}});
    settle();
    return client;
  }
};
INSTANTIATE_TEST_SUITE_P(encodings, topic_class,
                         testing::Values(protocol::encoding::json, protocol::encoding::msgpack));

TEST_P(topic_class, what_is_not_retained_is_in_no_snapshot) {
  auto& port = feed("sub");
  auto& before = join(0, {"once.a", "plain.a"}, GetParam());
  event(port, "once.a", 1);
  event(port, "plain.a", 1);
  EXPECT_EQ(values(before, "once.a"), std::vector<int>{1});
  auto& after = join(0, {"once.a", "plain.a"}, GetParam());
  ASSERT_EQ(after.got("snapshot").size(), 2U);
  EXPECT_FALSE(after.got("snapshot")[0]["data"].contains("last"));
  EXPECT_EQ(after.got("snapshot")[0]["seq"], 1);
  EXPECT_EQ(after.got("snapshot")[1]["data"]["last"], 1);
}

TEST_P(topic_class, of_messages_that_come_too_fast_the_last_one_wins) {
  auto& port = feed("sub");
  auto& client = join(0, {"slow.a"}, GetParam());
  for (int i = 1; i <= 5; ++i) event(port, "slow.a", i);
  EXPECT_EQ(values(client, "slow.a"), std::vector<int>{1});
  advance(1001ms);
  EXPECT_EQ(values(client, "slow.a"), (std::vector<int>{1, 5}));
  EXPECT_EQ(client.seqs("slow.a"), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(engine_->events_conflated.load(), 3U);
}

TEST_P(topic_class, who_was_away_gets_what_is_kept_and_no_snapshot) {
  auto& port = feed("sub");
  event(port, "chat.a", 1);
  auto& first = join(0, {"chat.a"}, GetParam());
  const std::string epoch = first.got("snapshot")[0]["epoch"];
  for (int i = 2; i <= 4; ++i) event(port, "chat.a", i);
  auto& back = go_on("chat.a", epoch, 1);
  EXPECT_EQ(back.got("reply")[0]["data"]["topics"][0]["recovered"], true);
  EXPECT_TRUE(back.got("snapshot").empty());
  EXPECT_EQ(values(back, "chat.a"), (std::vector<int>{2, 3, 4}));
  event(port, "chat.a", 5);
  EXPECT_EQ(back.seqs("chat.a"), (std::vector<std::uint64_t>{2, 3, 4, 5}));
  auto& nothing_missed = go_on("chat.a", epoch, 5);
  EXPECT_EQ(nothing_missed.frames.size(), 1U);
}

TEST_P(topic_class, who_was_away_too_long_is_told_and_gets_a_snapshot) {
  auto& port = feed("sub");
  auto& first = join(0, {"chat.a"}, GetParam());
  for (int i = 1; i <= 5; ++i) event(port, "chat.a", i);
  const std::string epoch = first.got("snapshot").back()["epoch"];
  auto& back = go_on("chat.a", epoch, 1);
  ASSERT_EQ(back.frames.size(), 3U);
  EXPECT_FALSE(back.frames[0]["data"]["topics"][0].contains("recovered"));
  EXPECT_EQ(back.frames[1]["type"], "gap");
  EXPECT_EQ(back.frames[1]["data"]["from"], 2);
  EXPECT_EQ(back.frames[1]["data"]["lost"], 4);
  EXPECT_EQ(back.frames[2]["type"], "snapshot");
  auto& other_count = go_on("chat.a", "another", 1);
  ASSERT_EQ(other_count.frames.size(), 2U);
  EXPECT_EQ(other_count.frames[1]["type"], "snapshot");
}

}  // namespace
}  // namespace tickcast::tests
