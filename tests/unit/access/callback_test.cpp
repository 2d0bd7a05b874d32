#include <gtest/gtest.h>

#include "access/callback_client.hpp"
#include "access/redis_sessions.hpp"

namespace tickcast::access::testing {
namespace {

TEST(callback, the_answer_says_who_it_is) {
  const auto who =
      read_callback_answer(200, R"({"user":7,"name":"Ada","groups":["desk"],"expires":1700000000})");
  ASSERT_TRUE(who) << who.error().message;
  EXPECT_EQ(who->user, "7");
  EXPECT_EQ(who->name, "Ada");
  EXPECT_EQ(who->groups, std::vector<std::string>{"desk"});
  EXPECT_EQ(who->expires_us, 1'700'000'000'000'000);
  EXPECT_FALSE(read_callback_answer(200, R"({"user":null})")->signed_in());
}

TEST(callback, a_no_is_a_no_and_all_else_is_no_answer) {
  EXPECT_EQ(read_callback_answer(401, "").error().why, reason::refused);
  EXPECT_EQ(read_callback_answer(403, "").error().why, reason::refused);
  for (const long status : {0L, 301L, 404L, 500L, 503L})
    EXPECT_EQ(read_callback_answer(status, R"({"user":"7"})").error().why, reason::unreachable) << status;
  for (const auto* body : {"", "[]", "{", R"({"user":"7","expires":"soon"})"})
    EXPECT_EQ(read_callback_answer(200, body).error().why, reason::unreachable) << body;
}

TEST(redis_address, is_read_from_a_url) {
  const auto whole = parse_redis_url("redis://me:se:cret@[::1]:6380/3");
  EXPECT_EQ(whole.host, "::1");
  EXPECT_EQ(whole.port, 6380);
  EXPECT_EQ(whole.user, "me");
  EXPECT_EQ(whole.password, "se:cret");
  EXPECT_EQ(whole.database, 3);
  const auto least = parse_redis_url("redis://localhost");
  EXPECT_EQ(least.port, 6379);
  EXPECT_EQ(least.database, 0);
  EXPECT_THROW(parse_redis_url("redis://localhost/one"), std::runtime_error);
  EXPECT_THROW(parse_redis_url("http://localhost"), std::runtime_error);
}

}  // namespace
}  // namespace tickcast::access::testing
