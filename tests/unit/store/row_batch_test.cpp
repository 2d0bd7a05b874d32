#include "store/row_batch.hpp"

#include "support.hpp"

namespace tickcast::store {
namespace {

TEST(row_batch, gathers_by_symbol_and_brings_all_in) {
  tick_store kept(by_hand(""));
  row_batch batch;
  batch.on_trade("A", trade_at(1), {});
  batch.on_trade("B", trade_at(1), {});
  batch.on_trade("A", trade_at(2), {});
  batch.on_quote("A", quote_at(3), {});
  batch.on_bar("A", "1m", bar_at(0), {});
  EXPECT_EQ(batch.topics(), (std::vector<std::string>{"trade.A", "trade.B", "quote.A", "bar.1m.A"}));
  const auto first = batch.merge_into(kept);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->rows, 5u);
  EXPECT_EQ(first->fresh, 5u);
  const auto second = batch.merge_into(kept);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->rows, 5u);
  EXPECT_EQ(second->fresh, 0u) << "they are there already";
  EXPECT_EQ(kept.trades("A", {})->size(), 2u);
  EXPECT_EQ(kept.bars("1m", "A", {})->size(), 1u);
}

TEST(row_batch, is_full_only_between_two_times) {
  std::vector<std::size_t> pieces;
  row_batch batch(3, [&] {
    pieces.push_back(batch.rows());
    batch.clear();
  });
  for (const std::int64_t time_ns : {1, 2, 3, 3, 3, 2, 4, 5}) batch.on_trade("A", trade_at(time_ns), {});
  EXPECT_EQ(pieces, std::vector<std::size_t>{6}) << "the third 3 and the 2 belong to what came before 4";
  EXPECT_EQ(batch.rows(), 2u);
}

TEST(row_batch, never_holds_more_than_twice_its_size) {
  std::size_t most = 0;
  row_batch batch(3, [&] {
    most = std::max(most, batch.rows());
    batch.clear();
  });
  for (int i = 0; i < 100; ++i) batch.on_trade("A", trade_at(7), {});
  EXPECT_EQ(most, 6u);
}

TEST(row_batch, refuses_what_is_no_row_of_history) {
  row_batch batch;
  batch.on_event("monitor.cpu", "1", {});
  batch.on_amendment("A", {}, {});
  for (int i = 0; i < 20; ++i) batch.on_refused({protocol::errc::malformed, "line"}, {});
  EXPECT_EQ(batch.rows(), 0u);
  EXPECT_EQ(batch.refused(), 22u);
  EXPECT_EQ(batch.complaints().size(), row_batch::most_complaints);
  batch.clear();
  EXPECT_EQ(batch.refused(), 22u) << "they stay counted";
}

TEST(row_batch, says_which_name_is_none) {
  tick_store kept(by_hand(""));
  row_batch batch;
  batch.on_trade("no symbol", trade_at(1), {});
  EXPECT_FALSE(batch.merge_into(kept));
}

}  // namespace
}  // namespace tickcast::store
