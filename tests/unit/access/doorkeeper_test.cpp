#include "access/doorkeeper.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <stdexcept>

#include "tests/unit/access/django_samples.hpp"
#include "tests/unit/access/token_mint.hpp"

namespace tickcast::access::testing {
namespace {

const std::string secret = "0123456789abcdef0123456789abcdef";

credentials with(std::string credentials::*what, std::string value) {
  credentials shown;
  shown.*what = std::move(value);
  return shown;
}

class door : public ::testing::Test {
protected:
  door() {
    settings.auth.jwt.algorithms = {"HS256"};
    settings.auth.jwt.secret_file = files.write("secret", secret);
  }
  static verdict ask(doorkeeper& of, const credentials& shown) {
    std::optional<verdict> said;
    of.ask(shown, [&](verdict it) { said = std::move(it); });
    EXPECT_TRUE(said) << "was not answered at once";
    return said.value_or(identity{});
  }
  static credentials token(const std::string& key) {
    return with(&credentials::token, mint(JWT_ALG_HS256, key, {{"sub", "42"}}));
  }

  scratch_files files;
  config::config settings;
};

TEST_F(door, what_is_shown_is_judged_and_counted) {
  doorkeeper keeper(settings);
  EXPECT_EQ(ask(keeper, token(secret))->user, "42");
  EXPECT_EQ(ask(keeper, token(std::string(32, 'x'))).error().why, reason::bad_signature);
  EXPECT_FALSE(ask(keeper, {})->signed_in());
  EXPECT_EQ(ask(keeper, with(&credentials::api_key, std::string(32, 'x'))).error().why, reason::not_taken);
  EXPECT_EQ(keeper.count().admitted[static_cast<std::size_t>(proof::token)], 1U);
  EXPECT_EQ(keeper.count().admitted[static_cast<std::size_t>(proof::none)], 1U);
  EXPECT_EQ(keeper.count().refused[static_cast<std::size_t>(reason::bad_signature)], 1U);
}

TEST_F(door, nobody_comes_in_unnamed_where_that_is_not_allowed) {
  settings.auth.anonymous = false;
  doorkeeper keeper(settings);
  EXPECT_EQ(ask(keeper, {}).error().why, reason::anonymous);
  EXPECT_TRUE(ask(keeper, token(secret)));
}

TEST_F(door, a_changed_key_file_is_read_again_and_a_broken_one_is_not_taken) {
  doorkeeper keeper(settings);
  const std::string next(32, 'n');
  files.write("secret", "short");
  ASSERT_TRUE(keeper.refresh_keys());
  EXPECT_TRUE(ask(keeper, token(secret))) << "the old key stays in force";
  EXPECT_EQ(keeper.count().key_files_failed, 1U);
  EXPECT_FALSE(keeper.refresh_keys()) << "looks once a second";
}

TEST_F(door, a_session_that_is_none_leaves_its_client_anonymous_where_that_is_allowed) {
  settings.auth.django.store = "cookie";
  settings.auth.django.secret_key_file = files.write("django", secret_key);
  const auto forged = with(&credentials::session, std::string(plain_cookie) + "x");
  {
    doorkeeper keeper(settings);
    const auto said = ask(keeper, forged);
    ASSERT_TRUE(said);
    EXPECT_FALSE(said->signed_in());
    EXPECT_EQ(keeper.count().refused[static_cast<std::size_t>(reason::bad_signature)], 1U);
  }
  settings.auth.anonymous = false;
  doorkeeper keeper(settings);
  EXPECT_EQ(ask(keeper, forged).error().why, reason::bad_signature);
}

TEST_F(door, what_the_gateway_says_is_believed_when_it_is_handed_on) {
  settings.auth.proxy.user_header = "X-User";
  settings.listen.trusted_proxies = {"127.0.0.1"};
  doorkeeper keeper(settings);
  auto shown = with(&credentials::gateway_user, "7");
  shown.gateway_name = "Ada";
  shown.gateway_groups = " desk, vip ,";
  const auto who = ask(keeper, shown);
  EXPECT_EQ(who->user, "7");
  EXPECT_EQ(who->groups, (std::vector<std::string>{"desk", "vip"}));
}

TEST_F(door, a_way_that_is_set_up_by_halves_stops_the_start) {
  const auto fails = [this](auto change) {
    auto changed = settings;
    change(changed);
    EXPECT_THROW(doorkeeper{changed}, std::runtime_error);
  };
  fails([](auto& c) { c.auth.django.store = "cookie"; });
  fails([](auto& c) { c.auth.proxy.user_header = "X-User"; });
  fails([](auto& c) { c.auth.api_keys.file = "/nowhere"; });
  fails([](auto& c) {
    c.auth.anonymous = false;
    c.auth.jwt.algorithms.clear();
  });
}

}  // namespace
}  // namespace tickcast::access::testing
