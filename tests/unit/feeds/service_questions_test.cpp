#include "feeds/service_questions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace tickcast::feeds {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(service_questions, have_one_who_answers_each_type) {
  service_questions all;
  all.add("get_quote", "history", {});
  all.add("get_history", "history", {});
  EXPECT_NE(all.find("get_quote"), nullptr);
  EXPECT_EQ(all.find("get_coffee"), nullptr);
  EXPECT_EQ(all.types(), "get_history, get_quote");
  try {
    all.add("get_quote", "my plugin", {});
    FAIL() << "a second one was taken";
  } catch (const std::invalid_argument& why) {
    EXPECT_THAT(why.what(), AllOf(HasSubstr("history"), HasSubstr("my plugin"), HasSubstr("get_quote")));
  }
}

TEST(service_way, is_gone_once_and_never_left_unused) {
  std::vector<std::string> answers;
  const auto asked = [](const char* id) {
    protocol::service_request made;
    made.type = "x";
    made.id = id;
    return made;
  };
  const auto back = [&](std::string bytes) { answers.push_back(std::move(bytes)); };
  {
    const service_way way(asked("1"), back);
    const auto copy = way;
    copy.reply("{}");
    way.refuse(protocol::error_code::internal, "too late");
  }
  EXPECT_THAT(answers, ElementsAre(HasSubstr(R"("reply","id":1)")));
  answers.clear();
  { const service_way way(asked("2"), back); }
  EXPECT_THAT(answers, ElementsAre(AllOf(HasSubstr(R"("error","id":2)"), HasSubstr(R"("temporary":true)"))));
}

}  // namespace
}  // namespace tickcast::feeds
