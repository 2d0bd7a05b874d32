#include <gtest/gtest.h>

#include "tickcast/test_kit.hpp"

namespace {

using namespace tickcast::plugins;

const parameters a_and_b{{"first", "A"}, {"second", "B"}, {"limit", "2"}};

TEST(spread_alert, tells_when_the_spread_leaves_the_band_and_when_it_is_back) {
  test_kit kit(a_and_b);
  kit.trade("A", "100");
  kit.trade("B", "99");
  EXPECT_TRUE(kit.published().empty());
  kit.trade("B", "97");
  kit.trade("A", "101");
  kit.trade("A", "98.5");
  const auto alerts = kit.published("signal.spread");
  ASSERT_EQ(alerts.size(), 2U);
  EXPECT_EQ(alerts[0].value["spread"], 3.0);
  EXPECT_EQ(alerts[0].value["wide"], true);
  EXPECT_EQ(alerts[1].value["wide"], false);
  EXPECT_EQ(kit.counter("alerts"), 2U);
  EXPECT_EQ(kit.gauge("spread"), 1.5);
}

TEST(spread_alert, keeps_its_state_over_a_reload) {
  test_kit kit(a_and_b);
  kit.trade("A", "100");
  kit.trade("B", "90");
  kit.reload();
  kit.trade("A", "101");
  EXPECT_EQ(kit.published().size(), 1U);  // still wide, and told already
  kit.trade("A", "90");
  EXPECT_EQ(kit.published().size(), 2U);
}

TEST(spread_alert, says_what_is_wrong_with_its_parameters) {
  EXPECT_THROW(test_kit kit({{"first", "A"}}), std::runtime_error);
  EXPECT_THROW(test_kit kit({{"first", "A"}, {"second", "B"}, {"limit", "-1"}}), std::runtime_error);
  EXPECT_THROW(test_kit kit({{"first", "A"}, {"second", "B"}, {"limit", "1"}, {"lmit", "1"}}),
               std::runtime_error);
}

}  // namespace
