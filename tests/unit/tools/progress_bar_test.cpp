#include "tools/progress_bar.hpp"

#include <gtest/gtest.h>

namespace tickcast::tools {
namespace {

TEST(progress_text, tells_how_far_the_work_is) {
  EXPECT_EQ(progress_text("a.csv", 0, 0), "a.csv  [                              ]   0%  0 rows");
  EXPECT_EQ(progress_text("a.csv", 0.5, 1'234'567),
            "a.csv  [###############               ]  50%  1,234,567 rows");
  EXPECT_EQ(progress_text("a.csv", 1, 7), "a.csv  [##############################] 100%  7 rows");
}

TEST(progress_text, keeps_within_its_bounds) {
  EXPECT_EQ(progress_text("a", 1.5, 1), progress_text("a", 1, 1));
  EXPECT_EQ(progress_text("a", -1, 1), progress_text("a", 0, 1));
  EXPECT_LT(progress_text(std::string(500, 'x'), 0.5, 1'000'000'000).size(), 110u);
}

}  // namespace
}  // namespace tickcast::tools
