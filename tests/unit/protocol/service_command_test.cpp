#include "protocol/service_command.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "protocol/frame_part.hpp"

namespace tickcast::protocol {
namespace {

expected<service_command> read(std::string_view type, const std::string& data) {
  return read_service_command(type, nlohmann::json::parse(data), find_part(data, encoding::json, {"data"}));
}

TEST(service_command, a_push_keeps_the_digits_of_its_data) {
  const auto made =
      read("push_user", R"({"user":42,"kind":"fill","data":{"price":1.10,"big":12345678901234567890123}})");
  ASSERT_TRUE(made) << made.error().message;
  const auto& push = std::get<push_command>(*made);
  EXPECT_EQ(std::get<to_users>(push.to).ids, std::vector<std::string>{"42"});
  EXPECT_EQ(push.data, R"({"price":1.10,"big":12345678901234567890123})");
  EXPECT_TRUE(push.keep);
}

TEST(service_command, users_are_told_once_each) {
  const auto made = read("push_user", R"({"users":[2,"2",1],"kind":"k","data":null,"keep":false})");
  ASSERT_TRUE(made);
  EXPECT_EQ(std::get<to_users>(std::get<push_command>(*made).to).ids, (std::vector<std::string>{"1", "2"}));
  EXPECT_FALSE(std::get<push_command>(*made).keep);
}

TEST(service_command, topics_may_be_given_that_backends_may_not_write) {
  EXPECT_TRUE(read("subscribe_user", R"({"user":"1","topics":["trade.X"]})"));
  EXPECT_EQ(read("publish", R"({"topic":"trade.X","data":1})").error().code, errc::reserved_topic);
}

TEST(service_command, disconnects_with_the_code_for_it) {
  const auto made = read("disconnect_user", R"({"user":"1"})");
  ASSERT_TRUE(made);
  EXPECT_EQ(std::get<disconnect_user_command>(*made).code, 3505);
  EXPECT_FALSE(read("disconnect_user", R"({"user":"1","code":"4000"})"));
  EXPECT_FALSE(read("disconnect_user", R"({"user":"1","reason":")" + std::string(121, 'x') + "\"}"));
}

TEST(service_command, is_refused_with_a_word_about_what_is_wrong) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases{
      {"push_user", "{}", "user"},
      {"push_user", R"({"user":1.5,"kind":"k","data":1})", "whole number"},
      {"push_user", R"({"user":"","kind":"k","data":1})", "1 to 120"},
      {"push_user", R"({"user":1,"users":[1],"kind":"k","data":1})", "not both"},
      {"push_user", R"({"user":1,"kind":"","data":1})", "kind"},
      {"push_user", R"({"user":1,"kind":"k"})", "data.data"},
      {"push_group", R"({"kind":"k","data":1})", "group"},
      {"broadcast", R"({"kind":"k","data":1,"user":1})", "no field \"user\" in data"},
      {"refresh", R"({"user":null})", "user"},
      {"publish", R"({"topic":7,"data":1})", "text"},
      {"nothing", "{}", "no service message"}};
  for (const auto& [type, data, word] : cases) {
    const auto made = read(type, data);
    ASSERT_FALSE(made) << type << data;
    EXPECT_NE(made.error().message.find(word), std::string::npos) << made.error().message;
  }
}

TEST(frame_part, finds_what_stands_at_a_path) {
  const std::string frame = R"({"a":{"b":1,"data":9},"data":{"x":[{"data":5}],"data":{"n":0.10}},"z":[1]})";
  EXPECT_EQ(find_part(frame, encoding::json, {"data", "data"}), R"({"n":0.10})");
  EXPECT_EQ(find_part(frame, encoding::json, {"data", "x"}), R"([{"data":5}])");
  EXPECT_EQ(find_part(frame, encoding::json, {"a", "b"}), "1");
  EXPECT_EQ(find_part(frame, encoding::json, {"z"}), "[1]");
  for (const auto& path : {"b", "n", "y"}) EXPECT_EQ(find_part(frame, encoding::json, {path}), std::nullopt);
  EXPECT_EQ(find_part("[1]", encoding::json, {"a"}), std::nullopt);
  EXPECT_EQ(find_part("{", encoding::json, {"a"}), std::nullopt);
  EXPECT_EQ(find_part(R"({"a":1,"a":2})", encoding::json, {"a"}), "2");
  EXPECT_EQ(find_part(R"({"a":{"b":1},"a":{"c":2}})", encoding::json, {"a", "b"}), std::nullopt);
}

TEST(frame_part, reads_messagepack_and_refuses_what_json_cannot_say) {
  const auto pack = [](const nlohmann::json& what) {
    const auto bytes = nlohmann::json::to_msgpack(what);
    return std::string(bytes.begin(), bytes.end());
  };
  EXPECT_EQ(find_part(pack({{"data", {{"q", {1, "two", nullptr}}}}}), encoding::msgpack, {"data", "q"}),
            R"([1,"two",null])");
  EXPECT_EQ(find_part(pack({{"data", nlohmann::json::binary({1, 2})}}), encoding::msgpack, {"data"}),
            std::nullopt);
}

}  // namespace
}  // namespace tickcast::protocol
