#include "tools/subscription.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "protocol/client_message.hpp"

namespace tickcast::tools {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string printed(const subscription::answer& answer) {
  const auto* line = std::get_if<subscription::print>(&answer);
  return line ? line->line : "";
}

std::string refusal(const subscription::answer& answer) {
  const auto* refused = std::get_if<subscription::refused>(&answer);
  return refused ? refused->why : "";
}

TEST(subscription, speaks_commands_that_the_engine_decodes) {
  const auto commands = subscription({"trade.A", "bar.1m.B"}, "secret", 0).commands();
  ASSERT_EQ(commands.size(), 2U);
  const auto connect = protocol::decode_command(commands[0], protocol::encoding::json);
  ASSERT_TRUE(connect) << connect.error().message;
  EXPECT_EQ(std::get<protocol::connect_command>(connect->what).token, "secret");
  const auto subscribe = protocol::decode_command(commands[1], protocol::encoding::json);
  ASSERT_TRUE(subscribe) << subscribe.error().message;
  EXPECT_THAT(std::get<protocol::subscribe_command>(subscribe->what).topics,
              ::testing::ElementsAre("trade.A", "bar.1m.B"));
  EXPECT_NE(connect->id, subscribe->id);
}

TEST(subscription, sends_no_token_that_it_does_not_have) {
  EXPECT_FALSE(nlohmann::json::parse(subscription({"a.b"}, "", 0).commands()[0])["data"].contains("token"));
}

TEST(subscription, survives_topics_that_are_no_utf8) {
  EXPECT_THAT(subscription({"trade.\xff"}, "", 0).commands()[1], HasSubstr("trade."));
}

TEST(subscription, prints_snapshots_updates_and_gaps_as_they_came) {
  subscription s({"trade.A"}, "", 0);
  for (const auto* frame : {R"({"type":"snapshot","topic":"trade.A","epoch":"k","seq":1,"data":{}})",
                            R"({"type":"update","topic":"trade.A","seq":2,"data":{"price":0.10}})",
                            R"({"type":"gap","topic":"trade.A","data":{"from":3,"to":4,"lost":2}})"})
    EXPECT_EQ(printed(s.on_frame(frame)), frame);
}

TEST(subscription, keeps_a_frame_on_one_line) {
  subscription s({"trade.A"}, "", 0);
  EXPECT_EQ(printed(s.on_frame("{\n\"type\":\"update\"\r\n}")), "{ \"type\":\"update\"  }");
}

TEST(subscription, passes_over_replies_pings_and_what_it_does_not_know) {
  subscription s({"trade.A"}, "", 0);
  for (const auto* frame : {R"({"type":"reply","id":2,"data":{"topics":[]}})", R"({"type":"ping"})",
                            R"({"type":"message","kind":"x"})", R"({"type":7})", "{}"})
    EXPECT_TRUE(std::holds_alternative<subscription::nothing>(s.on_frame(frame))) << frame;
}

TEST(subscription, ends_with_the_line_that_was_asked_for) {
  subscription s({"trade.A"}, "", 2);
  const auto* frame = R"({"type":"update"})";
  EXPECT_FALSE(std::get<subscription::print>(s.on_frame(frame)).last);
  EXPECT_TRUE(std::get<subscription::print>(s.on_frame(frame)).last);
}

TEST(subscription, tells_why_it_was_refused) {
  subscription s({"trade.A", "b"}, "", 0);
  EXPECT_EQ(
      refusal(s.on_frame(
          R"({"type":"error","id":2,"data":{"code":102,"message":"no such topic","temporary":false}})")),
      "trade.A b: no such topic (code 102)");
  EXPECT_EQ(refusal(s.on_frame(R"({"type":"error","id":1,"data":{"code":101,"message":"sign in"}})")),
            "sign in (code 101)");
  EXPECT_EQ(refusal(s.on_frame(R"({"type":"error"})")), "refused (code null)");
}

TEST(subscription, knows_what_is_not_tickcast) {
  subscription s({"trade.A"}, "", 0);
  for (const auto* frame : {"hello", "[]", "5", "", "\"type\"", "{\"type\":"})
    EXPECT_THAT(refusal(s.on_frame(frame)), HasSubstr("no JSON object")) << frame;
}

TEST(subscription, is_patient_for_the_servers_ping_and_8_seconds) {
  subscription s({"trade.A"}, "", 0);
  EXPECT_EQ(s.patience(), 10s);
  s.on_frame(R"({"type":"reply","id":1,"data":{"client":"c","ping_ms":25000}})");
  EXPECT_EQ(s.patience(), 33s);
  for (const auto* odd : {R"({"type":"reply","id":1,"data":{"ping_ms":-1}})",
                          R"({"type":"reply","id":1,"data":{"ping_ms":"x"}})",
                          R"({"type":"reply","id":1,"data":{"ping_ms":9e99}})", R"({"type":"reply","id":1})",
                          R"({"type":"reply","id":1,"data":{"ping_ms":99999999999}})"})
    s.on_frame(odd);
  EXPECT_EQ(s.patience(), 33s);
}

}  // namespace
}  // namespace tickcast::tools
