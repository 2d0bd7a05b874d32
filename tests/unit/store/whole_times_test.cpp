#include "store/whole_times.hpp"

#include "store/row_batch.hpp"
#include "support.hpp"

namespace tickcast::store {
namespace {

/// Times of all trades of X, read in pieces of `limit`; "|" stands between two pieces.
std::string in_pieces(const history& of, range which) {
  std::string told;
  const auto topic = *protocol::parse_topic("trade.X");
  for (int pieces = 0; pieces < 1000; ++pieces) {
    row_batch piece;
    const auto next = read_piece(of, topic, which, piece);
    if (!next) return next.error().message;
    piece.each(
        [&](const std::string&, const protocol::trade& row) { told += std::to_string(row.time_ns) + " "; },
        [](const auto&...) {}, [](const auto&...) {});
    if (!*next) return told;
    told += "| ";
    which.from_ns = **next;
  }
  return "without end";
}

TEST(whole_times, never_parts_rows_of_one_time) {
  tick_store kept(by_hand(""));
  std::vector<protocol::trade> rows;
  for (const std::int64_t time_ns : {1, 2, 2, 3, 4, 4, 4, 4, 4, 5}) rows.push_back(trade_at(time_ns));
  ASSERT_TRUE(kept.merge_trades("X", rows));
  const range all{.limit = 3};
  EXPECT_EQ(in_pieces(kept, all), "1 | 2 2 | 3 | 4 4 4 4 4 | 5 | ") << "one time may be more than a piece";
  EXPECT_EQ(in_pieces(kept, {.limit = 1}), "1 | 2 2 | 3 | 4 4 4 4 4 | 5 | ");
  EXPECT_EQ(in_pieces(kept, {.limit = 100}), "1 2 2 3 4 4 4 4 4 5 | ");
  EXPECT_EQ(in_pieces(kept, {.from_ns = 2, .to_ns = 4, .limit = 2}), "2 2 | 3 | ");
  EXPECT_EQ(in_pieces(kept, {.from_ns = 6, .limit = 2}), "");
}

/// Their times, and "+" when there are more.
std::string stretch_of(const history& of, const range& which) {
  const auto found =
      read_stretch<protocol::trade>(which, [&](const range& part) { return of.trades("X", part); });
  if (!found) return found.error().message;
  std::string told;
  for (const auto& row : found->rows) told += std::to_string(row.time_ns) + " ";
  return told + (found->more ? "+" : "");
}

TEST(whole_times, says_whether_a_range_has_more_than_its_limit) {
  tick_store kept(by_hand(""));
  std::vector<protocol::trade> rows;
  for (const std::int64_t time_ns : {1, 2, 2, 3, 4, 4, 4}) rows.push_back(trade_at(time_ns));
  ASSERT_TRUE(kept.merge_trades("X", rows));
  EXPECT_EQ(stretch_of(kept, {.limit = 7, .which = keep::oldest}), "1 2 2 3 4 4 4 ");
  EXPECT_EQ(stretch_of(kept, {.limit = 6, .which = keep::oldest}), "1 2 2 3 +");
  EXPECT_EQ(stretch_of(kept, {.limit = 2, .which = keep::oldest}), "1 +");
  EXPECT_EQ(stretch_of(kept, {.from_ns = 4, .limit = 2, .which = keep::oldest}), "4 4 4 +")
      << "one time may be more than the limit";
  EXPECT_EQ(stretch_of(kept, {.limit = 2, .which = keep::newest}), "4 4 +");
  EXPECT_EQ(stretch_of(kept, {.limit = 7, .which = keep::newest}), "1 2 2 3 4 4 4 ");
  EXPECT_EQ(stretch_of(kept, {.from_ns = 5, .limit = 2}), "");
}

TEST(whole_times, reads_quotes_and_bars_too) {
  tick_store kept(by_hand(""));
  ASSERT_TRUE(kept.merge_quotes("X", std::vector{quote_at(7)}));
  ASSERT_TRUE(kept.merge_bars("1m@bid", "X", std::vector{bar_at(60)}));
  row_batch batch;
  EXPECT_EQ(*read_piece(kept, *protocol::parse_topic("quote.X"), {}, batch), 8);
  EXPECT_EQ(*read_piece(kept, *protocol::parse_topic("bar.1m@bid.X"), {}, batch), 61);
  EXPECT_EQ(batch.topics(), (std::vector<std::string>{"quote.X", "bar.1m@bid.X"}));
}

}  // namespace
}  // namespace tickcast::store
