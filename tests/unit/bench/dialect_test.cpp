#include "bench/load/dialect.hpp"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "bench/load/websocket.hpp"

namespace tickcast::bench {
namespace {

constexpr std::array<std::uint32_t, 2> two_topics{1, 2};

std::string payload_of(std::string& wire) {
  frame_view frame;
  EXPECT_EQ(parse_frame(wire.data(), wire.size(), frame), parse_result::complete);
  return std::string{frame.payload};
}

TEST(dialect, tickcast_gets_one_command_with_all_topics) {
  std::string wire;
  EXPECT_EQ(append_subscribe(wire, dialect::tickcast, {}, two_topics, 5, true), 1U);
  const auto command = nlohmann::json::parse(payload_of(wire));
  EXPECT_EQ(command["type"], "subscribe");
  EXPECT_EQ(command["id"], 5);
  EXPECT_EQ(command["data"]["topics"][0], topic_name({}, 1));
  EXPECT_EQ(command["data"]["topics"][1], topic_name({}, 2));
}

TEST(dialect, nats_greets_once_and_asks_for_a_pong) {
  std::string first;
  append_subscribe(first, dialect::nats, {}, two_topics, 1, true);
  EXPECT_TRUE(payload_of(first).starts_with("CONNECT {"));
  std::string later;
  append_unsubscribe(later, dialect::nats, {}, two_topics, 2);
  EXPECT_EQ(payload_of(later), "UNSUB 2\r\nUNSUB 3\r\nPING\r\n");
}

TEST(dialect, nchan_takes_its_topics_from_the_path) {
  EXPECT_EQ(upgrade_path(dialect::nchan, {}, two_topics),
            "/sub/" + topic_name({}, 1) + "," + topic_name({}, 2));
  EXPECT_FALSE(can_resubscribe(dialect::nchan));
}

TEST(dialect, a_client_without_topics_says_nothing) {
  std::string wire;
  EXPECT_EQ(append_subscribe(wire, dialect::tickcast, {}, {}, 1, true), 0U);
  EXPECT_TRUE(wire.empty());
}

TEST(dialect, tells_updates_answers_and_refusals_apart) {
  EXPECT_EQ(meaning_of(dialect::tickcast, R"({"type":"update","topic":"x"})"), meaning::update);
  EXPECT_EQ(meaning_of(dialect::tickcast, R"({"type":"reply","id":1})"), meaning::answer);
  EXPECT_EQ(meaning_of(dialect::tickcast, R"({"type":"error","id":1})"), meaning::refusal);
  EXPECT_EQ(meaning_of(dialect::tickcast, R"({"type":"gap","topic":"x"})"), meaning::refusal);
  EXPECT_EQ(meaning_of(dialect::tickcast, R"({"type":"snapshot","topic":"x"})"), meaning::other);
  EXPECT_EQ(meaning_of(dialect::plain, "ok"), meaning::answer);
  EXPECT_EQ(meaning_of(dialect::plain, "no"), meaning::refusal);
  EXPECT_EQ(meaning_of(dialect::nats, "-ERR 'Slow Consumer'"), meaning::refusal);
}

TEST(dialect, nats_messages_may_be_cut_anywhere) {
  const std::string whole = "INFO {}\r\nMSG a.b 3 5\r\nhe\r\no\r\nPONG\r\n";
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    std::vector<std::string> items;
    std::string_view front = std::string_view{whole}.substr(0, cut);
    while (const auto item = next_nats_item(front)) items.emplace_back(*item);
    const std::string rest = std::string{front} + whole.substr(cut);
    std::string_view back = rest;
    while (const auto item = next_nats_item(back)) items.emplace_back(*item);
    EXPECT_EQ(items, (std::vector<std::string>{"INFO {}", "he\r\no", "PONG"})) << cut;
    EXPECT_TRUE(back.empty());
  }
}

}  // namespace
}  // namespace tickcast::bench
