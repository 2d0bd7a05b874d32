#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tickcast/test_kit.hpp"

namespace {

using namespace tickcast::plugins;
using namespace std::chrono_literals;

TEST(vwap_deviation, weighs_prices_with_their_volume) {
  test_kit kit({{"symbol", "X"}, {"threshold_bp", "100"}});
  kit.trade("X", "100", "3");
  kit.trade("X", "104", "1");  // the average is 101: 297 basis points above it
  const auto signals = kit.published("signal.vwap.X");
  ASSERT_EQ(signals.size(), 1U);
  EXPECT_EQ(signals[0].value["vwap"], 101.0);
  EXPECT_EQ(signals[0].value["side"], "above");
  EXPECT_NEAR(signals[0].value["deviation_bp"], (104.0 / 101 - 1) * 1e4, 1e-9);
}

TEST(vwap_deviation, forgets_what_has_left_the_window) {
  test_kit kit({{"symbol", "X"}, {"threshold_bp", "100"}, {"window_s", "10"}});
  kit.trade("X", "100", "1000");
  kit.advance(11s);
  kit.trade("X", "200", "1");
  EXPECT_TRUE(kit.published().empty());
  EXPECT_EQ(kit.gauge("deviation_bp"), 0.0);
}

TEST(vwap_deviation, gives_the_same_signals_for_the_same_recording) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("vwap_" + std::to_string(std::rand()) + "_x.csv");
  {
    std::string rows = "trade_ms,symbol,price,qty\n";
    for (int n = 0; n < 2000; ++n)
      rows +=
          std::to_string(1'723'075'200'000 + n * 100) + ",X," + std::to_string(100 + (n * n) % 17) + ",1\n";
    auto* const out = std::fopen(file.c_str(), "w");
    std::fputs(rows.c_str(), out);
    std::fclose(out);
  }
  const auto run = [&] {
    test_kit kit({{"symbol", "X"}, {"threshold_bp", "50"}});
    EXPECT_EQ(kit.play({file.string()}), 2000U);
    std::vector<std::string> told;
    for (const auto& each : kit.published()) told.push_back(std::to_string(each.time_ns) + each.value.dump());
    return told;
  };
  const auto once = run();
  EXPECT_GT(once.size(), 100U);
  EXPECT_EQ(once, run());
  std::filesystem::remove(file);
}

}  // namespace
