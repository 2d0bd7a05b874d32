#include "analytics/bar_builder.hpp"

#include <gtest/gtest.h>

namespace tickcast::tests {
namespace {

using analytics::bar_builder;
using protocol::decimal;

constexpr std::int64_t second = 1'000'000'000;

class bars : public testing::Test {
protected:
  bar_builder::step give(std::int64_t time_ns, const char* price, const char* size = "1") {
    protocol::trade trade;
    trade.time_ns = time_ns;
    trade.price = decimal::parse(price).value();
    trade.size = decimal::parse(size).value();
    const auto step = builder_.plan(trade).value();
    builder_.commit(trade, step);
    return step;
  }
  static decimal d(const char* text) { return decimal::parse(text).value(); }

  bar_builder builder_{60 * second};
};

TEST_F(bars, begin_with_the_first_trade_at_a_multiple_of_the_interval) {
  EXPECT_FALSE(builder_.forming());
  give(125 * second, "10");
  EXPECT_EQ(builder_.forming()->time_ns, 120 * second);
  EXPECT_EQ(builder_.forming()->open, d("10"));
  EXPECT_FALSE(builder_.forming()->closed);
}

TEST_F(bars, follow_price_and_add_volume_exactly) {
  for (int i = 0; i < 10; ++i) give((120 + i) * second, "10", "0.1");
  give(131 * second, "12.5", "0.000000001");
  give(132 * second, "9", "1");
  const auto bar = *builder_.forming();
  EXPECT_EQ(bar.open, d("10"));
  EXPECT_EQ(bar.high, d("12.5"));
  EXPECT_EQ(bar.low, d("9"));
  EXPECT_EQ(bar.close, d("9"));
  EXPECT_EQ(bar.volume, d("2.000000001"));
  EXPECT_EQ(bar.trades, 12U);
}

TEST_F(bars, end_before_the_first_instant_of_the_next) {
  give(120 * second, "1");
  EXPECT_FALSE(give(180 * second - 1, "2").closes);
  const auto before = builder_.as_closed();
  EXPECT_TRUE(give(180 * second, "3").closes);
  EXPECT_TRUE(before.closed);
  EXPECT_EQ(before.close, d("2"));
  EXPECT_EQ(builder_.forming()->time_ns, 180 * second);
  EXPECT_EQ(builder_.forming()->trades, 1U);
}

TEST_F(bars, leave_intervals_without_trades_out) {
  give(0, "1");
  EXPECT_TRUE(give(600 * second, "2").closes);
  EXPECT_EQ(builder_.forming()->time_ns, 600 * second);
}

TEST_F(bars, are_not_changed_by_a_late_trade) {
  give(180 * second, "1");
  EXPECT_TRUE(give(179 * second, "99").late);
  EXPECT_EQ(builder_.forming()->high, d("1"));
}

TEST_F(bars, take_trades_out_of_order_within_their_interval) {
  give(170 * second, "1");
  EXPECT_FALSE(give(121 * second, "5").late);
  EXPECT_EQ(builder_.forming()->close, d("5"));
}

TEST_F(bars, count_time_before_1970_too) {
  give(-second, "1");
  EXPECT_EQ(builder_.forming()->time_ns, -60 * second);
}

TEST_F(bars, planning_changes_nothing) {
  give(0, "1");
  protocol::trade trade;
  trade.time_ns = second;
  trade.price = d("7");
  trade.size = d("1");
  ASSERT_TRUE(builder_.plan(trade));
  EXPECT_EQ(builder_.forming()->high, d("1"));
}

TEST_F(bars, refuse_a_volume_that_no_longer_fits) {
  give(0, "1", "9000000000000000000");
  protocol::trade trade;
  trade.price = d("1");
  trade.size = d("9000000000000000000");
  EXPECT_FALSE(builder_.plan(trade));
  EXPECT_EQ(builder_.forming()->volume, d("9000000000000000000"));
}

}  // namespace
}  // namespace tickcast::tests
