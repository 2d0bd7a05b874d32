#include "tools/table.hpp"

#include <gtest/gtest.h>

namespace tickcast::tools {
namespace {

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

}  // namespace
}  // namespace tickcast::tools
