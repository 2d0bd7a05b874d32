#include "store/lane.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "store/bar_codec.hpp"
#include "tests/unit/store/support.hpp"

namespace tickcast::store {
namespace {

struct drained {
  std::vector<std::pair<std::uint32_t, std::string>> names;
  std::vector<protocol::trade> trades;
  std::vector<protocol::quote> quotes;
  std::vector<std::uint64_t> positions;
  std::vector<row_kind> kinds;
  std::vector<std::pair<std::string, std::string>> notes;
};

drained drain(lane& from) {
  drained all;
  from.drain([&](std::uint32_t symbol, std::string_view name) { all.names.emplace_back(symbol, name); },
             [&](const word* row) {
               all.kinds.push_back(kind_of(row));
               all.positions.push_back(position_of(row));
               if (kind_of(row) <= row_kind::correct) {
                 unpack(row, all.trades.emplace_back());
               } else if (kind_of(row) == row_kind::quote) {
                 unpack(row, all.quotes.emplace_back());
               } else {
                 all.notes.emplace_back(first_of(row), second_of(row));
               }
             });
  return all;
}

TEST(lane, hands_over_what_was_committed_and_nothing_else) {
  lane way(1 << 16, {});
  way.name(0, "BTCUSDT");
  ASSERT_TRUE(way.append(0, 1, trade_at(start_ns, 11)));
  EXPECT_TRUE(drain(way).trades.empty());
  way.commit();
  ASSERT_TRUE(way.append(0, 2, trade_at(start_ns + 1, 12)));
  EXPECT_EQ(ids_of(drain(way).trades), std::vector<std::uint64_t>{11});
  way.commit();
  EXPECT_EQ(ids_of(drain(way).trades), std::vector<std::uint64_t>{12});
}

TEST(lane, carries_every_kind_of_row_unchanged) {
  lane way(1 << 16, {});
  const auto text = with_text_id(start_ns, "d3f1-42");
  const auto quote = quote_at(start_ns + 2);
  way.append(3, 1, text);
  way.cancel(3, 2, text);
  way.correct(3, 3, trade_at(start_ns, 5, "1.5", "2"));
  way.append(3, 4, quote);
  way.append(3, "1m", bar_at(start_ns));
  way.checkpoint(3, 4, "bytes of the engine");
  way.state("key", "value");
  way.offset("sub", 77);
  way.commit();
  const auto all = drain(way);
  EXPECT_EQ(all.kinds, (std::vector{row_kind::trade, row_kind::cancel, row_kind::correct, row_kind::quote,
                                    row_kind::bar, row_kind::checkpoint, row_kind::state, row_kind::offset}));
  EXPECT_EQ(all.positions, (std::vector<std::uint64_t>{1, 2, 3, 4, 0, 4, 0, 77}));
  EXPECT_EQ(all.trades, (std::vector{text, text, trade_at(start_ns, 5, "1.5", "2")}));
  EXPECT_EQ(all.quotes, std::vector{quote});
  ASSERT_EQ(all.notes.size(), 4U);
  EXPECT_EQ(all.notes[0].first, "1m");
  EXPECT_EQ(must(decode_bar(all.notes[0].second)), bar_at(start_ns));
  EXPECT_EQ(all.notes[1].second, "bytes of the engine");
  EXPECT_EQ(all.notes[2], (std::pair<std::string, std::string>{"key", "value"}));
  EXPECT_EQ(all.notes[3].first, "sub");
}

TEST(lane, that_is_full_drops_counts_and_says_of_what_span) {
  lane way(4096, {});
  std::uint64_t taken = 0;
  while (way.append(7, taken + 1, trade_at(start_ns + static_cast<std::int64_t>(taken), 1))) ++taken;
  EXPECT_EQ(taken, way.capacity_bytes() / (trade_words * sizeof(word)));
  way.append(7, taken + 2, trade_at(start_ns - 500, 1));
  EXPECT_EQ(way.dropped_rows(), 2U);
  way.commit();
  EXPECT_EQ(drain(way).trades.size(), taken);
  const auto losses = way.take_losses();
  ASSERT_EQ(losses.size(), 1U);
  EXPECT_EQ(losses[0].symbol, 7U);
  EXPECT_EQ(losses[0].span, (hole{start_ns - 500, start_ns + static_cast<std::int64_t>(taken), 2}));
  EXPECT_TRUE(way.take_losses().empty());
  EXPECT_TRUE(way.append(7, taken + 3, trade_at(start_ns, 1)));
}

TEST(lane, rings_once_when_it_becomes_half_full) {
  int rung = 0;
  lane way(4096, [&] { ++rung; });
  for (int i = 0; i < 60; ++i) {
    way.append(0, 1, trade_at(start_ns, 1));
    way.commit();
  }
  EXPECT_EQ(rung, 1);
  drain(way);
  for (int i = 0; i < 60; ++i) {
    way.append(0, 1, trade_at(start_ns, 1));
    way.commit();
  }
  EXPECT_EQ(rung, 2);
}

TEST(lane, keeps_order_and_loses_nothing_between_two_threads) {
  lane way(1 << 14, {});
  constexpr std::uint64_t rows = 300'000;
  std::jthread producer([&] {
    for (std::uint64_t i = 1; i <= rows; ++i) {
      const auto row = i % 7 == 0 ? with_text_id(start_ns, std::string(i % 30, 'a')) : trade_at(start_ns, i);
      while (!way.append(0, i, row)) way.commit();
      if (i % 5 == 0) way.commit();
    }
    way.commit();
  });
  std::uint64_t seen = 0;
  while (seen < rows)
    way.drain([](auto, auto) {},
              [&](const word* row) {
                ASSERT_EQ(position_of(row), ++seen);
                ASSERT_EQ(id_text_of(row).size(), seen % 7 == 0 ? seen % 30 : 0);
              });
}

}  // namespace
}  // namespace tickcast::store
