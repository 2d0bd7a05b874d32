#include "access/jwt.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/unit/access/token_mint.hpp"

namespace tickcast::access::testing {
namespace {

using nlohmann::json;

constexpr std::int64_t now = 1'700'000'000;
const std::string secret = "0123456789abcdef0123456789abcdef";

class jwt : public ::testing::Test {
protected:
  jwt() {
    settings.algorithms = {"HS256", "RS256", "ES256"};
    settings.secret_file = files.write("secret", secret + "\n");
    settings.audience = "charts";
    settings.leeway_ms = 5000;
  }

  verdict check(const std::string& token) const {
    const jwt_checker checker(settings);
    return checker.check(token, checker.read_keys(), now);
  }
  reason refused(const std::string& token) const {
    const auto said = check(token);
    EXPECT_FALSE(said) << "was admitted";
    return said ? reason::not_taken : said.error().why;
  }
  static json claims(json more = json::object()) {
    json all{{"sub", "42"}, {"name", "Ada"}, {"aud", "charts"}, {"exp", now + 60}, {"groups", {"desk", 7}}};
    all.update(more);
    return all;
  }
  static std::string hs256(const json& what) { return mint(JWT_ALG_HS256, secret, what); }

  scratch_files files;
  config::jwt_section settings;
};

TEST_F(jwt, a_token_says_who_it_is) {
  const auto who = check(hs256(claims({{"tier", "gold"}})));
  ASSERT_TRUE(who) << who.error().message;
  EXPECT_EQ(who->user, "42");
  EXPECT_EQ(who->name, "Ada");
  EXPECT_EQ(who->groups, (std::vector<std::string>{"desk", "7"}));
  EXPECT_EQ(who->claims.at("tier"), std::vector<std::string>{"gold"});
  EXPECT_EQ(who->by, proof::token);
  EXPECT_EQ(who->expires_us, (now + 65) * 1'000'000);
}

TEST_F(jwt, rsa_and_elliptic_curves_are_checked_by_their_public_keys) {
  const auto rsa = rsa_pair();
  const auto ec = ec_pair();
  settings.public_key_file = files.write("rsa", rsa.public_pem);
  settings.keys = {{"ec-1", files.write("ec", ec.public_pem)}};
  EXPECT_TRUE(check(mint(JWT_ALG_RS256, rsa.private_pem, claims())));
  EXPECT_TRUE(check(mint(JWT_ALG_ES256, ec.private_pem, claims(), "ec-1")));
  EXPECT_EQ(refused(mint(JWT_ALG_RS256, rsa_pair().private_pem, claims())), reason::bad_signature);
  EXPECT_EQ(refused(mint(JWT_ALG_ES256, ec_pair().private_pem, claims(), "ec-1")), reason::bad_signature);
}

TEST_F(jwt, several_keys_are_told_apart_by_kid_so_that_they_can_rotate) {
  const std::string next = "ffffffffffffffffffffffffffffffff";
  settings.secret_file.clear();
  settings.keys = {{"old", files.write("old", secret)}, {"new", files.write("new", next)}};
  EXPECT_TRUE(check(mint(JWT_ALG_HS256, secret, claims(), "old")));
  EXPECT_TRUE(check(mint(JWT_ALG_HS256, next, claims(), "new")));
  EXPECT_EQ(refused(mint(JWT_ALG_HS256, secret, claims(), "new")), reason::bad_signature);
  EXPECT_EQ(refused(mint(JWT_ALG_HS256, secret, claims(), "gone")), reason::unknown_key);
  EXPECT_EQ(refused(mint(JWT_ALG_HS256, secret, claims())), reason::unknown_key);
}

TEST_F(jwt, a_public_key_is_never_an_hmac_secret) {
  const auto rsa = rsa_pair();
  settings.secret_file.clear();
  settings.public_key_file = files.write("rsa", rsa.public_pem);
  EXPECT_EQ(refused(mint(JWT_ALG_HS256, rsa.public_pem, claims())), reason::bad_algorithm);
}

TEST_F(jwt, unsigned_tokens_and_algorithms_that_are_not_taken_are_refused) {
  EXPECT_EQ(refused(mint(JWT_ALG_NONE, "", claims())), reason::bad_algorithm);
  EXPECT_EQ(refused(mint(JWT_ALG_HS512, secret + secret, claims())), reason::bad_algorithm);
  auto stripped = hs256(claims());
  stripped.erase(stripped.rfind('.') + 1);
  EXPECT_EQ(refused(stripped), reason::bad_signature);
}

TEST_F(jwt, times_are_kept_with_the_leeway_that_clocks_need) {
  EXPECT_TRUE(check(hs256(claims({{"exp", now - 4}}))));
  EXPECT_EQ(refused(hs256(claims({{"exp", now - 5}}))), reason::expired);
  EXPECT_TRUE(check(hs256(claims({{"nbf", now + 5}}))));
  EXPECT_EQ(refused(hs256(claims({{"nbf", now + 6}}))), reason::not_yet_valid);
  EXPECT_EQ(refused(hs256(claims({{"exp", "tomorrow"}}))), reason::malformed);
  EXPECT_EQ(refused(hs256(claims({{"exp", 1e300}}))), reason::malformed);
}

TEST_F(jwt, audience_issuer_and_user_must_be_right) {
  EXPECT_TRUE(check(hs256(claims({{"aud", {"else", "charts"}}}))));
  EXPECT_EQ(refused(hs256(claims({{"aud", "else"}}))), reason::wrong_audience);
  EXPECT_EQ(refused(hs256({{"sub", "42"}})), reason::wrong_audience);
  EXPECT_EQ(refused(hs256(claims({{"sub", ""}}))), reason::no_user);
  EXPECT_EQ(refused(hs256(claims({{"sub", {{"a", 1}}}}))), reason::no_user);
  settings.issuer = "us";
  EXPECT_EQ(refused(hs256(claims())), reason::wrong_issuer);
  EXPECT_TRUE(check(hs256(claims({{"iss", "us"}}))));
}

TEST_F(jwt, a_changed_token_is_refused_wherever_it_was_changed) {
  const auto token = hs256(claims());
  for (std::size_t at = token.find('.') + 1; at < token.size(); at += 7) {
    auto changed = token;
    if (changed[at] == '.') continue;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    // The last character of a signature has bits that say nothing.
    if (at + 1 == token.size()) continue;
    EXPECT_FALSE(check(changed)) << "at " << at;
  }
}

TEST_F(jwt, rubbish_is_refused_with_a_sentence) {
  for (const std::string rubbish : {"", ".", "..", "a.b.c", "eyJ.eyJ.", "\xff\xfe", "{}", "a", "....."})
    EXPECT_EQ(refused(rubbish), reason::malformed) << rubbish;
  EXPECT_EQ(refused(std::string(longest_token + 1, 'a')), reason::malformed);
  EXPECT_EQ(refused(hs256(claims()) + std::string(1, '\0') + "x"), reason::malformed);
}

TEST_F(jwt, keys_that_cannot_do_what_is_asked_of_them_stop_the_start) {
  const auto read = [this] { jwt_checker(settings).read_keys(); };
  EXPECT_NO_THROW(read());
  settings.secret_file = files.write("short", "0123456789abcdef");
  EXPECT_THROW(read(), std::runtime_error);
  settings.secret_file = files.write("open", secret, 0644);
  EXPECT_THROW(read(), std::runtime_error);
  settings.secret_file =
      files.write("pem", "-----BEGIN PUBLIC KEY-----\nrubbish\n-----END PUBLIC KEY-----\n");
  EXPECT_THROW(read(), std::runtime_error);
  settings.secret_file = files.write("small", rsa_pair(1024).public_pem);
  EXPECT_THROW(read(), std::runtime_error);
  settings.secret_file = files.write("curve", ec_pair("P-384").public_pem);
  EXPECT_THROW(read(), std::runtime_error);
  settings.secret_file = "/nowhere";
  EXPECT_THROW(read(), std::runtime_error);
  settings.secret_file.clear();
  EXPECT_THROW(read(), std::runtime_error);
}

}  // namespace
}  // namespace tickcast::access::testing
