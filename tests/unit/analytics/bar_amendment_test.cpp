#include <gtest/gtest.h>

#include "analytics/bar_builder.hpp"
#include "tests/unit/analytics/bar_stream.hpp"

namespace tickcast::tests {
namespace {

using refusal = analytics::bar_builder::refusal;

constexpr std::int64_t second = 1'000'000'000;

protocol::decimal d(const char* text) {
  return bar_stream::d(text);
}

TEST(cancelled_trade, leaves_the_forming_bar_as_if_it_had_never_been) {
  bar_stream stream("1m");
  stream.give(1 * second, "10", "1");
  stream.give(2 * second, "99", "5");
  stream.give(3 * second, "11", "2");
  const auto bar = stream.amend(1, true).value();
  EXPECT_EQ(bar.high, d("11"));
  EXPECT_EQ(bar.volume, d("3"));
  EXPECT_EQ(bar.value, d("32"));
  EXPECT_EQ(bar.trades, 2U);
  EXPECT_EQ(bar.rev, 0U) << "it is still forming";
  EXPECT_EQ(stream.amend(0, true)->open, d("11"));
  EXPECT_FALSE(stream.builder.newest()->closed);
}

TEST(cancelled_trade, makes_a_revision_of_a_closed_bar) {
  bar_stream stream("1s");
  stream.give(0, "10", "1");
  stream.give(1, "12", "1");
  for (int i = 1; i < 20; ++i) stream.give(i * second, "20", "1");
  const auto bar = stream.amend(1, true).value();
  EXPECT_EQ(bar.time_ns, 0);
  EXPECT_EQ(bar.rev, 1U);
  EXPECT_TRUE(bar.closed);
  EXPECT_EQ(bar.close, d("10"));
  EXPECT_EQ(bar.trades, 1U);
  const auto empty = stream.amend(0, true).value();
  EXPECT_EQ(empty.rev, 2U);
  EXPECT_EQ(empty.trades, 0U);
  EXPECT_TRUE(empty.volume.is_zero());
  EXPECT_EQ(empty.close, d("10")) << "the last prices stand";
}

TEST(cancelled_trade, leaves_an_emptied_forming_bar_to_the_next_trade) {
  bar_stream stream("1m");
  stream.give(5 * second, "10", "1");
  ASSERT_TRUE(stream.amend(0, true));
  stream.give(1 * second, "3", "2");
  EXPECT_EQ(stream.builder.newest()->open, d("3"));
  EXPECT_EQ(stream.builder.newest()->high, d("3"));
  EXPECT_EQ(stream.builder.newest()->trades, 1U);
}

TEST(corrected_trade, counts_as_it_stands_now) {
  bar_stream stream("1m");
  stream.give(1 * second, "10", "1");
  stream.give(2 * second, "11", "1");
  const auto bar = stream.amend(0, false, "12", "0.5").value();
  EXPECT_EQ(bar.open, d("12"));
  EXPECT_EQ(bar.high, d("12"));
  EXPECT_EQ(bar.low, d("11"));
  EXPECT_EQ(bar.volume, d("1.5"));
  EXPECT_EQ(bar.value, d("17"));
  EXPECT_EQ(bar.trades, 2U);
  EXPECT_EQ(stream.amend(0, true)->value, d("11")) << "what is taken back is what stood";
}

TEST(amended_trade, of_a_bar_with_more_trades_than_are_kept_can_be_changed_inside_of_it) {
  bar_stream stream("1m", 0, 4);
  stream.give(0, "10");
  stream.give(1, "30");
  stream.give(2, "1");
  for (int i = 3; i < 10; ++i) stream.give(i, "20", "2");
  const auto corrected = stream.amend(7, false, "21", "3").value();
  EXPECT_EQ(corrected.value, d("344"));
  EXPECT_EQ(corrected.volume, d("18"));
  const auto cancelled = stream.amend(7, true).value();
  EXPECT_EQ(cancelled.value, d("281"));
  EXPECT_EQ(cancelled.trades, 9U);
  EXPECT_EQ(stream.amend(9, true).error(), refusal::beyond) << "the close: what was before it is not known";
  EXPECT_EQ(stream.builder.newest()->trades, 9U);
}

TEST(amended_trade, that_was_too_late_for_its_bar_changes_none) {
  bar_stream stream("1s");
  stream.give(0, "10");
  stream.give(second, "20");
  stream.give(1, "11");
  EXPECT_EQ(stream.amend(2, true).error(), refusal::not_in_any);
}

TEST(amended_trade, that_would_overflow_a_sum_is_refused) {
  bar_stream stream("1m");
  stream.give(0, "1", "9000000000000000000");
  stream.give(1, "1", "1");
  EXPECT_EQ(stream.amend(1, false, "1", "9000000000000000000").error(), refusal::no_room);
}

TEST(amended_trade, changes_the_tick_bar_it_is_in_and_cuts_no_other_anew) {
  bar_stream stream("2t");
  stream.give(0, "1");
  stream.give(0, "2");
  stream.give(0, "3");
  const auto forming = stream.amend(2, false, "5", "1").value();
  EXPECT_EQ(forming.open, d("5"));
  EXPECT_EQ(stream.amend(0, true).error(), refusal::beyond) << "bars of ticks that are over stand";
}

}  // namespace
}  // namespace tickcast::tests
