#include "access/rules.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

namespace tickcast::access::testing {
namespace {

using config::rule_audience;
using config::rule_section;

identity user(std::string id, std::vector<std::string> groups = {}) {
  identity who;
  who.user = std::move(id);
  who.groups = std::move(groups);
  who.by = proof::token;
  return who;
}

class rules : public ::testing::Test {
protected:
  rule_section& rule(outcome is, std::vector<std::string> topics) {
    auto& made = all.emplace_back();
    made.name = fmt::format("rule-{}", all.size());
    made.outcome = is;
    made.topics = std::move(topics);
    return made;
  }
  outcome check(const identity& who, std::string_view topic, action what = action::subscribe) const {
    return rule_set::compile(all)->standing_of(who)->check(what, topic).is;
  }

  std::vector<rule_section> all;
};

TEST_F(rules, without_any_the_market_is_open_and_what_is_personal_is_not) {
  EXPECT_EQ(check({}, "trade.BTCUSDT"), outcome::allow);
  EXPECT_EQ(check({}, "trade.BTCUSDT", action::history), outcome::allow);
  EXPECT_EQ(check({}, "trade.BTCUSDT", action::publish), outcome::deny);
  EXPECT_EQ(check({}, "trade.BTCUSDT", action::presence), outcome::deny);
  EXPECT_EQ(check({}, "admin.log"), outcome::deny);
  EXPECT_EQ(check({}, "user.42"), outcome::deny);
  EXPECT_EQ(check({}, "user."), outcome::deny);
  EXPECT_EQ(check(user("42"), "user.42"), outcome::allow);
  EXPECT_EQ(check(user("42"), "user.42", action::history), outcome::allow);
  EXPECT_EQ(check(user("42"), "user.42", action::publish), outcome::deny);
  EXPECT_EQ(check(user("42"), "user.421"), outcome::deny);
  EXPECT_EQ(check(user("42"), "user.43"), outcome::deny);
}

TEST_F(rules, deny_wins_wherever_it_stands) {
  rule(outcome::allow, {"trade.*"});
  rule(outcome::deny, {"trade.BTC*"});
  rule(outcome::allow, {"trade.BTCUSDT"});
  EXPECT_EQ(check({}, "trade.BTCUSDT"), outcome::deny);
  EXPECT_EQ(check({}, "trade.ETHUSDT"), outcome::allow);
  EXPECT_EQ(check({}, "quote.BTCUSDT"), outcome::allow);
}

TEST_F(rules, allow_is_more_than_allow_in_part_and_that_is_more_than_delayed) {
  rule(outcome::delayed, {"*"});
  rule(outcome::allow, {"quote.*"}).fields = {"bid"};
  rule(outcome::allow, {"*"}).groups = {"paid"};
  EXPECT_EQ(check({}, "trade.BTCUSDT"), outcome::delayed);
  EXPECT_EQ(check(user("1", {"paid"}), "trade.BTCUSDT"), outcome::allow);
  const auto compiled = rule_set::compile(all);
  const auto part = compiled->standing_of({})->check(action::subscribe, "quote.BTCUSDT");
  EXPECT_EQ(part.is, outcome::allow);
  ASSERT_TRUE(part.fields);
  EXPECT_EQ(*part.fields, std::vector<std::string>{"bid"});
  EXPECT_EQ(part.rule, "rule-2");
  EXPECT_FALSE(compiled->standing_of(user("1", {"paid"}))->check(action::subscribe, "quote.BTCUSDT").fields);
}

TEST_F(rules, who_gets_the_same_gets_the_same_form) {
  rule(outcome::allow, {"quote.A"}).fields = {"bid", "ask"};
  rule(outcome::allow, {"quote.B"}).fields = {"ask", "bid", "ask"};
  rule(outcome::allow, {"quote.C"}).fields = {"bid"};
  rule(outcome::delayed, {"trade.*"}).delay_ms = 5000;
  const auto compiled = rule_set::compile(all);
  const auto form = [&](std::string_view topic) {
    return compiled->standing_of({})->check(action::subscribe, topic).form;
  };
  EXPECT_EQ(form("quote.A"), form("quote.B"));
  EXPECT_NE(form("quote.A"), form("quote.C"));
  EXPECT_TRUE(compiled->mask(form("quote.A").mask).shows("ask"));
  EXPECT_FALSE(compiled->mask(form("quote.C").mask).shows("ask"));
  EXPECT_EQ(form("trade.A"), (topic_form{0, 5000}));
  EXPECT_TRUE(form("bar.1m.A").in_full());
}

TEST_F(rules, an_indicator_needs_all_of_its_bars_and_comes_as_late) {
  rule(outcome::allow, {"bar.1m.PART"}).fields = {"close"};
  rule(outcome::deny, {"bar.1m.NONE"});
  rule(outcome::delayed, {"bar.1m.LATE"}).delay_ms = 5000;
  const auto who = rule_set::compile(all)->standing_of({});
  const auto grant = [&](const char* topic) {
    return who->grant(action::subscribe, protocol::parse_topic(topic).value());
  };
  EXPECT_FALSE(grant("indicator.1m.sma(1).PART"));
  EXPECT_FALSE(grant("indicator.1m.sma(1).NONE"));
  EXPECT_EQ(grant("indicator.1m.sma(1).LATE"), (topic_form{0, 5000}));
  EXPECT_EQ(grant("indicator.5m.sma(1).LATE"), topic_form{});
  EXPECT_EQ(grant("bar.1m.LATE"), (topic_form{0, 5000}));
}

TEST_F(rules, rules_are_for_whom_they_name) {
  rule(outcome::deny, {"*"});
  all.back().who = rule_audience::anonymous;
  EXPECT_EQ(check({}, "trade.A"), outcome::deny);
  EXPECT_EQ(check(user("1"), "trade.A"), outcome::allow);
  all.back().who = rule_audience::signed_in;
  EXPECT_EQ(check({}, "trade.A"), outcome::allow);
  EXPECT_EQ(check(user("1"), "trade.A"), outcome::deny);
  all.back().who = rule_audience::anyone;
  all.back().users = {"1", "2"};
  EXPECT_EQ(check({}, "trade.A"), outcome::allow);
  EXPECT_EQ(check(user("2"), "trade.A"), outcome::deny);
  EXPECT_EQ(check(user("3"), "trade.A"), outcome::allow);
  all.back().users.clear();
  all.back().claims = {{"tier", "free"}};
  auto who = user("1");
  EXPECT_EQ(check(who, "trade.A"), outcome::allow);
  who.claims["tier"] = {"silver", "free"};
  EXPECT_EQ(check(who, "trade.A"), outcome::deny);
}

TEST_F(rules, actions_are_told_apart) {
  auto& one = rule(outcome::allow, {"chat.*"});
  one.actions = {"publish", "presence"};
  EXPECT_EQ(check({}, "chat.room", action::publish), outcome::allow);
  EXPECT_EQ(check({}, "chat.room", action::presence), outcome::allow);
  EXPECT_EQ(check({}, "other.room", action::publish), outcome::deny);
  one.outcome = outcome::deny;
  EXPECT_EQ(check({}, "chat.room", action::subscribe), outcome::allow);
}

TEST_F(rules, personal_topics_are_opened_only_by_a_glob_that_names_them) {
  rule(outcome::allow, {"*", "use*", "????.*", "a*"});
  EXPECT_EQ(check({}, "user.42"), outcome::deny);
  EXPECT_EQ(check({}, "admin.log"), outcome::deny);
  rule(outcome::allow, {"user.*", "admin.log"}).groups = {"staff"};
  EXPECT_EQ(check(user("1"), "user.42"), outcome::deny);
  EXPECT_EQ(check(user("1", {"staff"}), "user.42"), outcome::allow);
  EXPECT_EQ(check(user("1", {"staff"}), "admin.log"), outcome::allow);
  EXPECT_EQ(check(user("1", {"staff"}), "admin.keys"), outcome::deny);
  rule(outcome::deny, {"*"}).groups = {"locked"};
  EXPECT_EQ(check(user("1", {"locked"}), "user.1"), outcome::deny) << "one's own too";
}

TEST_F(rules, a_check_among_fifty_is_cheap) {
  for (int i = 0; i < 50; ++i) {
    auto& one = rule(i % 10 == 0 ? outcome::deny : outcome::allow, {fmt::format("bar.{}m.SYM{}*", i, i)});
    if (i % 5 == 0) one.topics.push_back(fmt::format("*.X{}?", i));
  }
  const auto who = rule_set::compile(all)->standing_of(user("1"));
  constexpr int rounds = 20'000;
  int allowed = 0;
  auto best = std::chrono::nanoseconds::max();
  for (int run = 0; run < 5; ++run) {
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i)
      allowed += who->check(action::subscribe, "trade.BINANCE:BTCUSDT").is == outcome::allow;
    best = std::min<std::chrono::nanoseconds>(best, (std::chrono::steady_clock::now() - began) / rounds);
  }
  EXPECT_EQ(allowed, 5 * rounds);
  RecordProperty("ns_a_check", static_cast<int>(best.count()));
  std::printf("a check among 50 rules: %d ns\n", static_cast<int>(best.count()));
  // Ten times the aim, so that sanitizers and a busy machine do not matter.
  EXPECT_LT(best, std::chrono::microseconds(10));
}

}  // namespace
}  // namespace tickcast::access::testing
