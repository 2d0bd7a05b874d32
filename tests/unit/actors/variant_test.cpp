#include <chrono>

#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {
namespace {

using namespace std::chrono_literals;
using protocol::encoding;

config::rule_section a_rule(const std::string& topic, config::rule_outcome outcome) {
  config::rule_section made;
  made.name = topic;
  made.topics = {topic};
  made.outcome = outcome;
  return made;
}

/// Shard 0 serves those whom the rules give part of it; all clients are anonymous.
class variant : public world, public testing::WithParamInterface<encoding> {
protected:
  variant()
      : world(2, [](config::config& settings) {
          auto part = a_rule("*.PART", config::rule_outcome::allow);
          part.fields = {"time", "price", "close"};
          auto late = a_rule("*.LATE", config::rule_outcome::delayed);
          late.delay_ms = 60'000;
          auto both = a_rule("*.BOTH", config::rule_outcome::delayed);
          both.delay_ms = 60'000;
          both.fields = {"price"};
          auto bars = a_rule("bar.1m.HALF", config::rule_outcome::allow);
          bars.fields = {"close"};
          auto late_bars = a_rule("bar.1m.SOON", config::rule_outcome::delayed);
          settings.rules = {part, late, both, bars, late_bars};
        }) {}
  static std::vector<std::string> fields_of(const json& map) {
    std::vector<std::string> result;
    for (const auto& [name, value] : map.items()) result.push_back(name);
    return result;
  }
  static int error(const recording_client& client) {
    return client.got("error").empty() ? 0 : client.got("error").back()["data"]["code"].get<int>();
  }
};
INSTANTIATE_TEST_SUITE_P(encodings, variant, testing::Values(encoding::json, encoding::msgpack));

TEST_P(variant, a_masked_client_gets_its_fields_alone_in_every_frame) {
  auto& port = feed("sub");
  trade(port, "PART", 60, "10");
  auto& client = join(0, {"trade.PART", "bar.1m.PART"}, GetParam());
  trade(port, "PART", 61, "11");
  trade(port, "PART", 125, "12");
  const auto snapshots = client.got("snapshot");
  ASSERT_EQ(snapshots.size(), 2U);
  EXPECT_EQ(fields_of(snapshots[0]["data"]), (std::vector<std::string>{"feed", "trades"}));
  EXPECT_EQ(fields_of(snapshots[0]["data"]["trades"][0]), (std::vector<std::string>{"price", "time"}));
  EXPECT_EQ(fields_of(snapshots[1]["data"]["bars"][0]), (std::vector<std::string>{"close", "time"}));
  EXPECT_EQ(client.seqs("trade.PART"), (std::vector<std::uint64_t>{2, 3}));
  ASSERT_FALSE(client.seqs("bar.1m.PART").empty());
  for (const auto& each : client.got("update"))
    EXPECT_EQ(fields_of(each["data"]), each["topic"] == "trade.PART"
                                           ? (std::vector<std::string>{"price", "time"})
                                           : (std::vector<std::string>{"close", "time"}));
}

TEST_P(variant, who_leaves_a_masked_topic_leaves_the_topic_behind_it) {
  auto& port = feed("sub");
  trade(port, "PART", 60, "10");
  auto& client = join(0, {"trade.PART"}, GetParam());
  EXPECT_EQ(rooms_[0]->broadcasts().topics.load(), 1U);
  client.say({{"type", "unsubscribe"}, {"id", 2}, {"data", {{"topics", {"trade.PART"}}}}});
  settle();
  EXPECT_EQ(client.got("reply").size(), 2U);
  EXPECT_EQ(rooms_[0]->broadcasts().topics.load(), 0U);
  const auto before = rooms_[0]->broadcasts().updates.load();
  trade(port, "PART", 61, "11");
  EXPECT_EQ(rooms_[0]->broadcasts().updates.load(), before);
}

TEST_P(variant, a_masked_topic_follows_its_writer_over_a_restart) {
  auto& port = feed("sub");
  trade(port, "PART", 60, "10");
  auto& client = join(0, {"trade.PART"}, GetParam());
  restart_dispatcher(0);
  restart_dispatcher(1);
  advance(100ms);
  trade(port, "PART", 61, "11");
  EXPECT_EQ(client.seqs("trade.PART"), std::vector<std::uint64_t>{2});
}

TEST_P(variant, a_delayed_client_gets_the_same_stream_later) {
  auto& port = feed("sub");
  trade(port, "LATE", 1, "10");
  auto& client = join(0, {"trade.LATE"}, GetParam());
  const auto reply = client.got("reply")[0]["data"]["topics"][0];
  EXPECT_EQ(reply["delayed_ms"], 60'000);
  EXPECT_EQ(reply["epoch"], "");
  ASSERT_EQ(client.got("snapshot").size(), 1U);
  EXPECT_EQ(client.got("snapshot")[0]["delayed_ms"], 60'000);
  EXPECT_TRUE(client.got("snapshot")[0]["data"]["trades"].empty());

  advance(10s);
  trade(port, "LATE", 2, "11");
  advance(49s);
  EXPECT_EQ(client.frames.size(), 2U) << "nothing is due yet";
  advance(1100ms);
  ASSERT_EQ(client.got("snapshot").size(), 2U);
  EXPECT_EQ(client.got("snapshot")[1]["seq"], 1);
  EXPECT_EQ(client.got("snapshot")[1]["data"]["trades"].size(), 1U) << "as of then";
  EXPECT_TRUE(client.seqs("trade.LATE").empty());
  advance(10s);
  EXPECT_EQ(client.seqs("trade.LATE"), std::vector<std::uint64_t>{2});
  EXPECT_EQ(rooms_[0]->broadcasts().delayed_waiting.load(), 0U);
}

TEST_P(variant, the_second_delayed_client_shares_what_the_first_has_gathered) {
  auto& port = feed("sub");
  trade(port, "LATE", 1, "10");
  join(0, {"trade.LATE"}, GetParam());
  advance(61s);
  auto& second = join(0, {"trade.LATE"}, GetParam());
  EXPECT_EQ(second.got("snapshot")[0]["seq"], 1);
  EXPECT_EQ(second.got("snapshot")[0]["data"]["trades"].size(), 1U);
}

TEST_P(variant, what_waits_is_dropped_with_the_last_delayed_client) {
  auto& port = feed("sub");
  auto& client = join(0, {"trade.LATE"}, GetParam());
  for (int i = 1; i <= 5; ++i) trade(port, "LATE", i, "10");
  EXPECT_EQ(rooms_[0]->broadcasts().delayed_waiting.load(), 5U);
  client.hold.drop();
  settle();
  EXPECT_EQ(rooms_[0]->broadcasts().delayed_waiting.load(), 0U);
  EXPECT_EQ(rooms_[0]->broadcasts().topics.load(), 0U);
  advance(61s);
}

TEST_P(variant, late_and_in_part_go_together) {
  auto& port = feed("sub");
  trade(port, "BOTH", 1, "10");
  auto& client = join(0, {"trade.BOTH"}, GetParam());
  trade(port, "BOTH", 2, "11");
  advance(61s);
  EXPECT_EQ(fields_of(client.got("snapshot").back()["data"]["trades"][0]), std::vector<std::string>{"price"});
  ASSERT_EQ(client.got("update").size(), 1U);
  EXPECT_EQ(fields_of(client.got("update")[0]["data"]), std::vector<std::string>{"price"});
}

TEST_P(variant, an_indicator_needs_its_bars_in_full_and_comes_as_late_as_they_do) {
  auto& client = join(0, {"indicator.1m.sma(1).HALF"}, GetParam());
  EXPECT_EQ(error(client), 103);
  auto& late = join(0, {"indicator.1m.sma(1).SOON"}, GetParam());
  ASSERT_EQ(late.got("reply").size(), 1U);
  EXPECT_EQ(late.got("reply")[0]["data"]["topics"][0]["delayed_ms"], 900'000);
}

TEST(delay_line, drops_the_oldest_update_beyond_its_bound_and_keeps_positions) {
  actors::delay_line line;
  line.put({{}, nullptr, std::make_shared<const actors::attached>()});
  for (std::uint64_t i = 1; i <= actors::delay_line::most; ++i) {
    auto made = std::make_shared<actors::update>();
    made->seq = i;
    EXPECT_TRUE(line.put({{}, std::move(made), nullptr}));
  }
  EXPECT_FALSE(line.put({{}, std::make_shared<actors::update>(), nullptr}));
  EXPECT_EQ(line.updates(), actors::delay_line::most);
  ASSERT_TRUE(line.due({})->position);
  line.pop();
  EXPECT_EQ(line.due({})->what->seq, 2U);
}

}  // namespace
}  // namespace tickcast::tests
