#include "access/django_session.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/unit/access/django_samples.hpp"
#include "tests/unit/access/hex.hpp"

namespace tickcast::access::testing {
namespace {

constexpr std::int64_t signed_s = 1'700'000'000;
constexpr std::int64_t second = 1'000'000;

verdict read_cookie(std::string_view cookie, std::vector<std::string> secrets = {secret_key},
                    std::int64_t at_s = signed_s + 10) {
  return read_signed_cookie({}, cookie, secrets, at_s * second);
}

TEST(django, a_session_from_the_cache_says_who_it_is) {
  for (const auto* hex : {pickled_5, pickled_2}) {
    const auto who = read_session({}, from_hex(hex), 99);
    ASSERT_TRUE(who) << who.error().message;
    EXPECT_EQ(who->user, "7");
    EXPECT_EQ(who->name, "ada");
    EXPECT_EQ(who->groups, (std::vector<std::string>{"desk", "vip"}));
    EXPECT_EQ(who->expires_us, 99);
    EXPECT_EQ(who->by, proof::session);
  }
  EXPECT_EQ(read_session({}, R"({"_auth_user_id":"8"})", 0)->user, "8");
  EXPECT_EQ(read_session({}, R"({"_auth_user_id":8})", 0)->user, "8");
}

TEST(django, a_session_without_a_user_is_anonymous_and_rubbish_is_refused) {
  EXPECT_FALSE(read_session({}, R"({"cart":[1]})", 0)->signed_in());
  EXPECT_FALSE(read_session({}, R"({"_auth_user_id":["7"]})", 0)->signed_in());
  for (const std::string rubbish : {"", "[]", "7", "{", "\x80", "\x80\x05.", "x\x9c"})
    EXPECT_EQ(read_session({}, rubbish, 0).error().why, reason::malformed) << rubbish;
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += R"({"a":)";
  EXPECT_EQ(read_session({}, deep, 0).error().why, reason::malformed);
  EXPECT_EQ(read_session({}, from_hex(pickled_call), 0).error().why, reason::malformed);
}

TEST(django, keys_in_the_cache_are_named_as_django_names_them) {
  config::django_section settings;
  EXPECT_EQ(cache_key(settings, "abc"), ":1:django.contrib.sessions.cacheabc");
  settings.key_prefix = "shop";
  settings.key_version = 3;
  EXPECT_EQ(cache_key(settings, "abc"), "shop:3:django.contrib.sessions.cacheabc");
}

TEST(django, only_what_can_be_a_session_s_key_is_looked_up) {
  EXPECT_TRUE(is_session_key("0123456789abcdefghijklmnopqrstuv"));
  for (const std::string other : {"", "short", "abcdefgh:ijk", "abcdefgh\r\nDEL", "../../etc/passwd"})
    EXPECT_FALSE(is_session_key(other)) << other;
  EXPECT_FALSE(is_session_key(std::string(65, 'a')));
}

TEST(django, signed_cookies_are_read_as_django_wrote_them) {
  for (const auto* cookie : {json_cookie, plain_cookie, pickle_cookie}) {
    const auto who = read_cookie(cookie);
    ASSERT_TRUE(who) << cookie << ": " << who.error().message;
    EXPECT_EQ(who->user, "7");
    EXPECT_EQ(who->expires_us, (signed_s + 1'209'600) * second);
  }
  EXPECT_EQ(read_cookie(json_cookie)->name, "ada");
  EXPECT_FALSE(read_cookie(anonymous_cookie)->signed_in());
}

TEST(django, a_cookie_of_another_secret_is_refused_and_one_of_a_fallback_is_not) {
  EXPECT_EQ(read_cookie(json_cookie, {"another"}).error().why, reason::bad_signature);
  EXPECT_TRUE(read_cookie(json_cookie, {"new", secret_key}));
  EXPECT_EQ(read_secret_keys("one\r\n\ntwo\n"), (std::vector<std::string>{"one", "two"}));
  EXPECT_THROW(read_secret_keys("\n"), std::runtime_error);
}

TEST(django, a_cookie_is_too_old_after_its_age) {
  EXPECT_TRUE(read_cookie(json_cookie, {secret_key}, signed_s + 1'209'599));
  EXPECT_EQ(read_cookie(json_cookie, {secret_key}, signed_s + 1'209'600).error().why, reason::expired);
}

TEST(django, a_cookie_that_was_changed_is_refused_wherever_it_was_changed) {
  const std::string cookie = json_cookie;
  for (std::size_t at = 0; at < cookie.size(); ++at) {
    auto changed = cookie;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(read_cookie(changed)) << "at " << at;
  }
  for (const std::string rubbish : {"", ":", "::", "a:b:c", "......", "a:b"})
    EXPECT_FALSE(read_cookie(rubbish));
}

}  // namespace
}  // namespace tickcast::access::testing
