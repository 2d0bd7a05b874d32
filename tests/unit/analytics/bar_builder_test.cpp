#include "analytics/bar_builder.hpp"

#include <gtest/gtest.h>

#include "tests/unit/analytics/bar_stream.hpp"
#include "tests/unit/analytics/local_time.hpp"

namespace tickcast::tests {
namespace {

using analytics::bar_builder;
using protocol::decimal;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t millisecond = 1'000'000;

class bars : public testing::Test {
protected:
  bar_builder::step give(std::int64_t time_ns, const char* price, const char* size = "1") {
    return stream_.give(time_ns, price, size);
  }
  static decimal d(const char* text) { return decimal::parse(text).value(); }
  protocol::bar newest() const { return stream_.builder.newest().value(); }

  bar_stream stream_{"1m"};
};

TEST_F(bars, begin_with_the_first_trade_at_a_multiple_of_the_interval) {
  EXPECT_FALSE(stream_.builder.newest());
  give(125 * second, "10");
  EXPECT_EQ(newest().time_ns, 120 * second);
  EXPECT_EQ(newest().open, d("10"));
  EXPECT_FALSE(newest().closed);
}

TEST_F(bars, follow_price_and_add_volume_and_value_exactly) {
  for (int i = 0; i < 10; ++i) give((120 + i) * second, "10", "0.1");
  give(131 * second, "12.5", "0.000000001");
  give(132 * second, "9", "1");
  EXPECT_EQ(newest().open, d("10"));
  EXPECT_EQ(newest().high, d("12.5"));
  EXPECT_EQ(newest().low, d("9"));
  EXPECT_EQ(newest().close, d("9"));
  EXPECT_EQ(newest().volume, d("2.000000001"));
  EXPECT_EQ(newest().value, d("19.0000000125"));
  EXPECT_EQ(newest().trades, 12U);
  EXPECT_EQ(newest().rev, 0U);
}

TEST_F(bars, end_before_the_first_instant_of_the_next) {
  give(120 * second, "1");
  EXPECT_FALSE(give(180 * second - 1, "2").closes);
  EXPECT_TRUE(give(180 * second, "3").closes);
  const auto before = stream_.bars.at(120 * second);
  EXPECT_TRUE(before.closed);
  EXPECT_EQ(before.close, d("2"));
  EXPECT_EQ(newest().time_ns, 180 * second);
  EXPECT_EQ(newest().trades, 1U);
}

TEST_F(bars, leave_intervals_without_trades_out) {
  give(0, "1");
  EXPECT_TRUE(give(600 * second, "2").closes);
  EXPECT_EQ(newest().time_ns, 600 * second);
  EXPECT_EQ(stream_.bars.size(), 2U);
}

TEST_F(bars, go_by_the_times_of_trades_not_by_their_order_of_arrival) {
  give(150 * second, "3");
  give(121 * second, "5");
  give(170 * second, "4");
  give(160 * second, "9");
  EXPECT_EQ(newest().open, d("5"));
  EXPECT_EQ(newest().close, d("4"));
  EXPECT_EQ(newest().high, d("9"));
}

TEST_F(bars, take_of_trades_of_one_time_the_first_to_come_as_open_and_the_last_as_close) {
  give(130 * second, "3");
  give(130 * second, "5");
  give(130 * second, "4");
  EXPECT_EQ(newest().open, d("3"));
  EXPECT_EQ(newest().close, d("4"));
}

TEST_F(bars, without_lateness_are_not_changed_by_a_late_trade) {
  give(150 * second, "1");
  give(180 * second, "1");
  EXPECT_EQ(give(179 * second, "99").does, bar_builder::effect::left_out);
  EXPECT_EQ(newest().high, d("1"));
  EXPECT_EQ(stream_.bars.at(120 * second).high, d("1"));
}

TEST_F(bars, count_time_before_1970_too) {
  give(-second, "1");
  EXPECT_EQ(newest().time_ns, -60 * second);
}

TEST_F(bars, planning_changes_nothing) {
  give(0, "1");
  const analytics::calendar hours;
  analytics::session_cursor sessions(hours);
  ASSERT_TRUE(stream_.builder.plan(second, d("7"), d("1"), 1, 0, sessions));
  ASSERT_TRUE(stream_.builder.plan(61 * second, d("7"), d("1"), 1, 0, sessions));
  EXPECT_EQ(newest().high, d("1"));
  EXPECT_EQ(newest().time_ns, 0);
}

TEST_F(bars, refuse_a_volume_or_a_value_that_no_longer_fits) {
  give(0, "1", "9000000000000000000");
  const analytics::calendar hours;
  analytics::session_cursor sessions(hours);
  EXPECT_FALSE(stream_.builder.plan(0, d("1"), d("9000000000000000000"), 1, 0, sessions));
  EXPECT_FALSE(stream_.builder.plan(0, d("9000000000000000000"), d("2"), 1, 0, sessions));
  EXPECT_FALSE(stream_.builder.plan(60 * second, d("9000000000000000000"), d("2"), 1, 0, sessions));
  EXPECT_EQ(newest().volume, d("9000000000000000000"));
}

TEST_F(bars, close_by_the_clock_and_are_revised_by_what_still_falls_into_them) {
  give(150 * second, "1");
  EXPECT_EQ(stream_.builder.closes_at(), 180 * second);
  stream_.close_by(180 * second - 1);
  EXPECT_FALSE(newest().closed);
  stream_.close_by(180 * second);
  EXPECT_TRUE(stream_.bars.at(120 * second).closed);
  EXPECT_EQ(stream_.bars.at(120 * second).rev, 0U);
  const auto step = give(179 * second, "2");
  EXPECT_EQ(step.does, bar_builder::effect::joins) << "the clock was early: the trade is in order";
  EXPECT_TRUE(newest().closed);
  EXPECT_EQ(newest().rev, 1U);
  EXPECT_EQ(newest().close, d("2"));
  EXPECT_FALSE(give(180 * second, "3").closes) << "it is closed already";
}

TEST(late_trades, revise_a_closed_bar_within_the_lateness) {
  bar_stream stream("1s", 2000);
  stream.give(0, "10", "1");
  stream.give(second, "20", "1");
  EXPECT_EQ(stream.bars.at(0).rev, 0U);
  EXPECT_TRUE(stream.bars.at(0).closed);
  EXPECT_EQ(stream.give(900 * millisecond, "15", "2").does, bar_builder::effect::revises);
  const auto& bar = stream.bars.at(0);
  EXPECT_TRUE(bar.closed);
  EXPECT_EQ(bar.rev, 1U);
  EXPECT_EQ(bar.close, bar_stream::d("15"));
  EXPECT_EQ(bar.open, bar_stream::d("10"));
  EXPECT_EQ(bar.volume, bar_stream::d("3"));
  EXPECT_EQ(bar.value, bar_stream::d("40"));
  EXPECT_EQ(bar.trades, 2U);
  stream.give(3 * second, "20");
  EXPECT_EQ(stream.give(second, "7").does, bar_builder::effect::revises) << "just within";
  EXPECT_EQ(stream.give(second - 1, "7").does, bar_builder::effect::left_out) << "just beyond";
}

TEST(late_trades, make_the_bar_that_was_not_there) {
  bar_stream stream("1s", 5000);
  stream.give(0, "10");
  stream.give(4 * second, "20");
  EXPECT_EQ(stream.give(2 * second, "15").does, bar_builder::effect::inserts);
  EXPECT_TRUE(stream.bars.at(2 * second).closed);
  EXPECT_EQ(stream.bars.at(2 * second).rev, 0U);
  EXPECT_EQ(stream.give(2 * second + 1, "16").does, bar_builder::effect::revises);
  EXPECT_EQ(stream.bars.at(2 * second).rev, 1U);
  EXPECT_EQ(stream.give(second, "17").does, bar_builder::effect::inserts);
  EXPECT_EQ(stream.give(500 * millisecond, "18").does, bar_builder::effect::revises);
}

TEST(late_trades, keep_bars_open_to_the_clock_for_as_long) {
  bar_stream stream("1s", 2000);
  stream.give(0, "10");
  EXPECT_EQ(stream.builder.closes_at(), 3 * second);
}

TEST(tick_bars, are_complete_with_the_trade_that_fills_them) {
  bar_stream stream("3t");
  stream.give(0, "1");
  stream.give(0, "2");
  EXPECT_TRUE(stream.give(0, "3").completes);
  EXPECT_TRUE(stream.builder.newest()->closed);
  EXPECT_FALSE(stream.give(0, "4").closes);
  EXPECT_FALSE(stream.builder.newest()->closed);
  EXPECT_EQ(stream.builder.newest()->time_ns, 1000) << "a name of its own: a microsecond later";
  EXPECT_EQ(stream.builder.newest()->trades, 1U);
  EXPECT_EQ(stream.builder.closes_at(), std::numeric_limits<std::int64_t>::max()) << "no clock fills it";
}

TEST(tick_bars, go_by_the_order_of_arrival) {
  bar_stream stream("2t");
  stream.give(5 * second + 1, "1");
  stream.give(4 * second, "2");
  EXPECT_EQ(stream.bars.at(5 * second).close, bar_stream::d("2"));
  EXPECT_EQ(stream.give(second, "3").does, bar_builder::effect::begins) << "nothing is late";
  EXPECT_EQ(stream.builder.newest()->time_ns, 5 * second + 1000);
}

TEST(volume_bars, never_split_a_trade) {
  bar_stream stream("10v");
  stream.give(0, "1", "6");
  EXPECT_TRUE(stream.give(1000, "2", "7").completes);
  EXPECT_EQ(stream.bars.at(0).volume, bar_stream::d("13"));
  EXPECT_TRUE(stream.give(2000, "3", "25").completes) << "fills one by itself";
  EXPECT_EQ(stream.bars.at(2000).volume, bar_stream::d("25"));
  EXPECT_FALSE(stream.give(3000, "3", "9.999").completes);
  EXPECT_TRUE(stream.give(3001, "3", "0.001").completes);
}

TEST(value_bars, close_when_price_times_size_reaches_theirs) {
  bar_stream stream("1000q");
  EXPECT_FALSE(stream.give(0, "100", "9.99").completes);
  EXPECT_TRUE(stream.give(1, "100", "0.01").completes);
  EXPECT_EQ(stream.bars.at(0).value, bar_stream::d("1000"));
}

TEST(session_bars, take_the_closing_auction_and_close_with_it) {
  const auto hours =
      analytics::calendar::make(protocol::parse_trading_hours("0930-1600").value(), "America/New_York")
          .value();
  bar_stream stream("1m", 0, 1000, hours);
  const char* zone = "America/New_York";
  const auto last_minute = at("2024-11-27 15:59", zone);
  stream.give(at("2024-11-27 15:59:30", zone), "10");
  EXPECT_TRUE(stream.give(at("2024-11-27 16:00:03", zone), "11", "500").completes);
  EXPECT_TRUE(stream.bars.at(last_minute).closed);
  EXPECT_EQ(stream.bars.at(last_minute).close, bar_stream::d("11"));
  stream.give(at("2024-11-27 16:00:05", zone), "11", "1");
  EXPECT_EQ(stream.bars.at(last_minute).rev, 1U);
  EXPECT_EQ(stream.bars.at(last_minute).volume, bar_stream::d("502"));
  stream.give(at("2024-11-29 08:00", zone), "12");
  EXPECT_EQ(stream.builder.newest()->time_ns, at("2024-11-29 09:30", zone)) << "before the open";
}

}  // namespace
}  // namespace tickcast::tests
