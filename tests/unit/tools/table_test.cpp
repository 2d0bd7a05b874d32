#include "tools/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/topic_table.hpp"

namespace tickcast::tools {
namespace {

using ::testing::HasSubstr;

TEST(table, aligns_words_left_and_figures_right) {
  table t({{"TOPIC"}, {"SEQ", true}, {"STATE"}});
  t.add({"trade.A", "7", "live"});
  t.add({"b", "12345", "-"});
  EXPECT_EQ(t.print(),
            "TOPIC      SEQ  STATE\n"
            "trade.A      7  live\n"
            "b        12345  -\n");
}

TEST(table, counts_characters_and_not_bytes) {
  table t({{"A"}, {"B"}});
  t.add({"äöü", "x"});
  EXPECT_EQ(t.print(), "A    B\näöü  x\n");
}

TEST(table, shows_no_control_characters) {
  table t({{"A"}});
  t.add({"\x1b[31m\n\x7f"});
  EXPECT_EQ(t.print(), "A\n?[31m??\n");
}

TEST(table, a_row_of_another_width_is_a_bug) {
  table t({{"A"}});
  EXPECT_THROW(t.add({"1", "2"}), std::invalid_argument);
}

TEST(topic_table, lists_topics_sorted_with_their_number) {
  const auto text = print_topics(R"({"topics":[
    {"topic":"trade.B","kind":"trade","shard":1,"epoch":"k3","seq":41,"subscribers":2,"feed":"pull","state":"live"},
    {"topic":"monitor.a","kind":"other","shard":null,"epoch":"k3","seq":1,"subscribers":0,"feed":""}]})");
  ASSERT_TRUE(text) << text.error();
  EXPECT_EQ(*text,
            "TOPIC      KIND   SHARD  EPOCH  SEQ  SUBSCRIBERS  FEED  STATE\n"
            "monitor.a  other      -  k3       1            0  -     -\n"
            "trade.B    trade      1  k3      41            2  pull  live\n"
            "2 topics\n");
}

TEST(topic_table, without_topics_there_is_only_the_header) {
  EXPECT_THAT(*print_topics(R"({"topics":[]})"), HasSubstr("\n0 topics\n"));
}

TEST(topic_table, tells_when_a_part_of_the_server_did_not_answer) {
  EXPECT_THAT(*print_topics(R"({"complete":false,"topics":[]})"), HasSubstr("\n0 topics; not all"));
  EXPECT_THAT(*print_topics(R"({"complete":true,"topics":[]})"), HasSubstr("\n0 topics\n"));
}

TEST(topic_table, says_what_is_wrong_with_an_answer) {
  EXPECT_THAT(print_topics("<html>").error(), HasSubstr("no JSON"));
  EXPECT_THAT(print_topics("[]").error(), HasSubstr("no list of topics"));
  EXPECT_THAT(print_topics("{}").error(), HasSubstr("no list of topics"));
  EXPECT_THAT(print_topics(R"({"topics":5})").error(), HasSubstr("no list of topics"));
  EXPECT_THAT(print_topics(R"({"topics":[5]})").error(), HasSubstr("no topic"));
}

}  // namespace
}  // namespace tickcast::tools
