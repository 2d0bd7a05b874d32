#include "access/topic_classes.hpp"

#include <gtest/gtest.h>

namespace tickcast::access::testing {
namespace {

config::topic_class_section made(std::string name, std::vector<std::string> topics, std::uint32_t history) {
  config::topic_class_section result;
  result.name = std::move(name);
  result.topics = std::move(topics);
  result.history = history;
  return result;
}

TEST(topic_classes, the_first_that_fits_counts) {
  const topic_classes classes({made("rooms", {"chat.*", "room.?"}, 50), made("all", {"*"}, 5)});
  EXPECT_EQ(classes.of("chat.lobby").name, "rooms");
  EXPECT_EQ(classes.of("room.1").history, 50U);
  EXPECT_EQ(classes.of("room.12").name, "all");
}

TEST(topic_classes, what_none_fits_has_the_defaults) {
  const topic_classes classes({made("rooms", {"chat.*"}, 50)});
  const auto& none = classes.of("monitor.cpu");
  EXPECT_EQ(none.name, "");
  EXPECT_EQ(none.history, 0U);
  EXPECT_TRUE(none.retained);
  EXPECT_FALSE(none.recoverable || none.publish || none.presence || none.stored);
}

}  // namespace
}  // namespace tickcast::access::testing
