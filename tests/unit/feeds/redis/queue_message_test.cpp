#include "feeds/redis/queue_message.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tickcast::feeds {
namespace {

using nlohmann::json;

std::string msgpack(const char* text) {
  const auto bytes = json::to_msgpack(json::parse(text));
  return {bytes.begin(), bytes.end()};
}

TEST(an_entry, is_a_map_or_an_array_of_them_in_either_format) {
  for (const auto* text : {R"({"a":1,"b":{"c":[1,{"d":null}]}})", R"([{"a":1},{"b":[[]]}])", "[]"}) {
    const auto whole = json::parse(text);
    for (const auto& bytes : {std::string(text), msgpack(text)}) {
      const auto got = split_entry(bytes);
      ASSERT_TRUE(got) << text;
      auto back = json::array();
      for (const auto& each : *got) back.push_back(json::parse(each));
      EXPECT_EQ(back, whole.is_array() ? whole : json::array({whole}));
    }
  }
}

TEST(an_entry, keeps_every_digit) {
  const std::string text = R"({"v":0.1000000000000000055511151231257827,"big":12345678901234567890.5})";
  EXPECT_EQ(split_entry(" " + text)->at(0), text);
}

TEST(an_entry, is_refused_when_it_is_something_else) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += R"({"a":)";
  for (const auto& bytes : {std::string(), std::string("rubbish"), std::string("[1]"), std::string("[[{}]]"),
                            std::string("{} {}"), std::string(R"({"a":)"), deep, std::string("\x81\x01\x02"),
                            std::string("\x81\xa1\x61\xc4\x01\x00", 6), std::string("\x93\x80")})
    EXPECT_FALSE(split_entry(bytes)) << bytes;
}

TEST(a_queued_map, is_a_command_with_its_key) {
  const auto got = read_queued(
      R"({"type":"push_user","src":"t","idempotency_key":"k","data":{"user":42,"kind":"fill","data":{"p":0.10}}})");
  ASSERT_TRUE(got) << got.error();
  const auto& command = std::get<queued_command>(*got);
  EXPECT_EQ(command.key, "k");
  const auto& push = std::get<protocol::push_command>(command.what);
  EXPECT_EQ(std::get<protocol::to_users>(push.to).ids, std::vector<std::string>{"42"});
  EXPECT_EQ(push.data, R"({"p":0.10})");
}

TEST(a_queued_map, has_the_same_content_only_with_the_same_type_and_data) {
  const auto content = [](const char* text) {
    return std::get<queued_command>(read_queued(text).value()).content;
  };
  const auto* one = R"({"type":"broadcast","src":"a","data":{"kind":"k","data":1}})";
  EXPECT_EQ(content(one), content(R"({"data":{"kind":"k","data":1},"type":"broadcast"})"));
  EXPECT_NE(content(one), content(R"({"type":"broadcast","data":{"kind":"k","data":2}})"));
}

TEST(a_queued_map, is_an_answer) {
  const auto read = [](const char* text) { return std::get<queued_answer>(read_queued(text).value()); };
  EXPECT_EQ(read(R"({"type":"answer","id":"c1","data":{"order":7}})").what.data, R"({"order":7})");
  EXPECT_EQ(read(R"({"type":"answer","id":"c1"})").what.data, "null");
  const auto refusal =
      read(R"({"type":"answer","id":"c1","error":{"code":1001,"message":"no","data":[0.10]}})");
  EXPECT_EQ(refusal.id, "c1");
  EXPECT_EQ(refusal.what.code, 1001U);
  EXPECT_EQ(refusal.what.message, "no");
  EXPECT_EQ(refusal.what.data, "[0.10]");
  EXPECT_EQ(read(R"({"type":"answer","id":"c1","error":{"code":7}})").what.code, 1000U);
  EXPECT_EQ(read(R"({"type":"answer","id":"c1","error":"x"})").what.code, 1000U);
}

TEST(a_queued_map, is_refused_with_a_sentence) {
  const auto why = [](const char* text) { return read_queued(text).error(); };
  EXPECT_NE(why("{}").find("type"), std::string::npos);
  EXPECT_NE(why(R"({"type":"trade","symbol":"X"})").find("channel"), std::string::npos);
  EXPECT_NE(why(R"({"type":"publish"})").find("data"), std::string::npos);
  EXPECT_NE(why(R"({"type":"publish","idempotency_key":7,"data":{}})").find("idempotency_key"),
            std::string::npos);
  EXPECT_NE(why(R"({"type":"answer","id":7})").find("id"), std::string::npos);
}

}  // namespace
}  // namespace tickcast::feeds
