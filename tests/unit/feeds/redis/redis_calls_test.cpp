#include "feeds/redis/redis_calls.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>

namespace tickcast::feeds {
namespace {

using nlohmann::json;
using protocol::error_code;
using namespace std::chrono_literals;

class redis_calls_test : public testing::Test {
protected:
  redis_calls_test() {
    settings.redis.claims = {{"order.place", "orders"}};
    settings.redis.waiting = 3;
    settings.service.calls = 5;
    settings.service.call_ms = 1000;
  }

  std::shared_ptr<actors::call_errand> caller() {
    answers.emplace_back();
    return std::make_shared<actors::call_errand>(
        [this, at = answers.size() - 1](const actors::call_errand::result& how) { answers[at] = how; });
  }
  void put(bool waits = true, const char* user = "42") {
    access::identity who;
    who.user = user;
    calls.put({"order.place", R"({"n":1})", "k3f",
               std::make_shared<const access::standing>(who, access::rule_set::compile({})),
               waits ? caller() : nullptr},
              now);
  }

  config::config settings;
  /// Those that are still open at the end get one, too.
  std::vector<std::optional<actors::call_errand::result>> answers;
  redis_calls calls{settings};
  redis_calls::clock::time_point now = redis_calls::clock::now();
};

TEST_F(redis_calls_test, a_message_goes_to_its_list_and_the_answer_back) {
  put();
  const auto out = calls.take(10);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].list, "orders");
  const auto said = json::parse(out[0].payload);
  EXPECT_EQ(said["user"], "42");
  EXPECT_EQ(said["data"]["n"], 1);
  EXPECT_FALSE(calls.answer("c17", {"1"}));
  EXPECT_TRUE(calls.answer(said["id"].get<std::string>(), {R"("done")"}));
  EXPECT_EQ(answers[0]->value().data, R"("done")");
  EXPECT_FALSE(calls.answer(said["id"].get<std::string>(), {"2"}));
  EXPECT_EQ(calls.counters().answers_unknown, 2U);
}

TEST_F(redis_calls_test, no_name_is_one_of_another_life) {
  put();
  redis_calls later(settings);
  EXPECT_FALSE(later.answer(json::parse(calls.take(1)[0].payload)["id"].get<std::string>(), {"1"}));
}

TEST_F(redis_calls_test, anonymous_clients_have_no_user_and_unanswered_messages_no_id) {
  put(false, "");
  const auto said = json::parse(calls.take(1)[0].payload);
  EXPECT_FALSE(said.contains("user"));
  EXPECT_FALSE(said.contains("id"));
  EXPECT_EQ(calls.counters().open, 0U);
}

TEST_F(redis_calls_test, no_more_wait_than_may) {
  for (int i = 0; i < 4; ++i) put();
  EXPECT_EQ(answers[3]->error().code, error_code::too_many_requests);
  EXPECT_EQ(calls.counters().waiting, 3U);
  EXPECT_EQ(calls.take(10).size(), 3U);
  for (int i = 0; i < 3; ++i) put();
  // Five are open.
  EXPECT_EQ(answers[6]->error().code, error_code::too_many_requests);
  EXPECT_EQ(calls.counters().refused, 2U);
}

TEST_F(redis_calls_test, a_time_that_is_over_says_whether_it_may_have_been_done) {
  put();
  calls.take(1);
  put();
  calls.expire(now + 999ms);
  EXPECT_FALSE(answers[0]);
  calls.expire(now + 1000ms);
  EXPECT_EQ(answers[0]->error().code, error_code::no_answer);
  EXPECT_EQ(answers[1]->error().code, error_code::internal);
  EXPECT_TRUE(calls.take(10).empty()) << "it was told that it is not done";
  EXPECT_EQ(calls.counters().overdue, 2U);
}

TEST_F(redis_calls_test, what_redis_refuses_is_refused) {
  put();
  calls.was_refused(calls.take(1)[0].number, "WRONGTYPE");
  EXPECT_EQ(answers[0]->error().code, error_code::not_available);
}

}  // namespace
}  // namespace tickcast::feeds
