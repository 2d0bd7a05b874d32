#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "store/merge.hpp"
#include "tests/unit/store/support.hpp"

namespace tickcast::store {
namespace {

TEST(merging, a_trade_with_an_id_is_there_when_time_and_id_are) {
  const std::vector present{trade_at(5, 1), trade_at(5, 2), with_text_id(6, "a")};
  const std::vector brought{trade_at(5, 2, "9"), trade_at(5, 3),       trade_at(5, 3),
                            trade_at(6, 2),      with_text_id(6, "a"), with_text_id(6, "b")};
  EXPECT_EQ(what_is_new(brought, present),
            (std::vector{trade_at(5, 3), trade_at(6, 2), with_text_id(6, "b")}));
}

TEST(merging, of_equal_rows_without_ids_the_more_frequent_side_counts) {
  const std::vector present{trade_at(5), trade_at(5), trade_at(5, 0, "1")};
  EXPECT_TRUE(what_is_new(std::vector{trade_at(5)}, present).empty());
  EXPECT_EQ(what_is_new(std::vector{trade_at(5), trade_at(5), trade_at(5)}, present),
            std::vector{trade_at(5)});
  EXPECT_EQ(what_is_new(std::vector{quote_at(5), quote_at(5)}, std::vector{quote_at(5)}),
            std::vector{quote_at(5)});
}

class imported : public testing::TestWithParam<bool> {
protected:
  imported() : store_(std::make_unique<tick_store>(by_hand(GetParam() ? scratch_.path() : "", clock_))) {}

  static std::vector<protocol::trade> trades(std::int64_t from, std::int64_t to) {
    std::vector<protocol::trade> rows;
    for (auto i = from; i < to; ++i)
      rows.push_back(trade_at(start_ns + i * second_ns, static_cast<std::uint64_t>(i) + 1));
    return rows;
  }
  std::vector<protocol::trade> all() { return must(store_->trades("BTCUSDT", {.limit = 1'000'000})); }

  scratch_directory scratch_;
  std::shared_ptr<std::int64_t> clock_ = std::make_shared<std::int64_t>(start_ns);
  std::unique_ptr<tick_store> store_;
};
INSTANTIATE_TEST_SUITE_P(store, imported, testing::Values(false, true),
                         [](const auto& with) { return with.param ? "database" : "memory"; });

TEST_P(imported, rows_come_in_any_order_and_a_second_time_changes_nothing) {
  auto rows = trades(0, 20'000);
  std::reverse(rows.begin(), rows.end());
  EXPECT_EQ(must(store_->merge_trades("BTCUSDT", rows)), 20'000U);
  const auto read = all();
  EXPECT_EQ(read, trades(0, 20'000));
  EXPECT_EQ(must(store_->merge_trades("BTCUSDT", rows)), 0U);
  EXPECT_EQ(all(), read);
  EXPECT_EQ(store_->read_figures().imported, 20'000U);
}

TEST_P(imported, pieces_fill_the_gaps_between_others) {
  std::vector<protocol::trade> odd;
  std::vector<protocol::trade> even;
  for (const auto& row : trades(0, 5000)) (row.id.number % 2 ? odd : even).push_back(row);
  must(store_->merge_trades("BTCUSDT", trades(10'000, 11'000)));
  must(store_->merge_trades("BTCUSDT", odd));
  EXPECT_EQ(must(store_->merge_trades("BTCUSDT", even)), even.size());
  auto expected = trades(0, 5000);
  for (const auto& row : trades(10'000, 11'000)) expected.push_back(row);
  EXPECT_EQ(all(), expected);
}

TEST_P(imported, live_rows_go_on_after_what_was_imported_and_before_it) {
  const auto lane = store_->open_lane();
  lane->name(0, "BTCUSDT");
  lane->append(0, 1, trade_at(start_ns + 100 * second_ns, 101));
  lane->commit();
  store_->turn();
  EXPECT_EQ(must(store_->merge_trades("BTCUSDT", trades(0, 200))), 199U);
  lane->append(0, 2, trade_at(start_ns + 150 * second_ns + 1, 9999));
  lane->append(0, 3, trade_at(start_ns + 200 * second_ns, 201));
  lane->commit();
  store_->turn();
  auto expected = trades(0, 201);
  expected.insert(expected.begin() + 151, trade_at(start_ns + 150 * second_ns + 1, 9999));
  EXPECT_EQ(all(), expected);
}

TEST_P(imported, bars_stay_where_a_higher_revision_is_there) {
  const auto at = [](int minute) { return start_ns + minute * 60 * second_ns; };
  must(store_->merge_bars("1m", "BTCUSDT", std::vector{bar_at(at(0), "1", 2), bar_at(at(1), "1")}));
  EXPECT_EQ(must(store_->merge_bars(
                "1m", "BTCUSDT", std::vector{bar_at(at(0), "2", 1), bar_at(at(1), "2"), bar_at(at(2), "2")})),
            2U);
  const auto bars = must(store_->bars("1m", "BTCUSDT", {}));
  ASSERT_EQ(bars.size(), 3U);
  EXPECT_EQ(bars[0], bar_at(at(0), "1", 2));
  EXPECT_EQ(bars[1], bar_at(at(1), "2"));
  EXPECT_EQ(must(store_->merge_bars("1m", "BTCUSDT", bars)), 0U);
}

TEST_P(imported, what_is_no_symbol_or_no_interval_is_refused) {
  EXPECT_EQ(store_->merge_trades("no symbol", trades(0, 1)).error().code, protocol::errc::bad_field);
  EXPECT_EQ(store_->merge_bars("7 minutes", "BTCUSDT", std::vector{bar_at(start_ns)}).error().code,
            protocol::errc::bad_field);
  EXPECT_TRUE(store_->symbols().empty());
}

TEST(an_import, survives_being_opened_again) {
  scratch_directory scratch;
  std::vector<protocol::trade> rows;
  for (std::int64_t i = 0; i < 3000; ++i)
    rows.push_back(trade_at(start_ns + i, static_cast<std::uint64_t>(i) + 1));
  {
    tick_store store(by_hand(scratch.path()));
    must(store.merge_trades("BTCUSDT", rows));
    must(store.merge_bars("1m", "BTCUSDT", std::vector{bar_at(start_ns)}));
  }
  tick_store store(by_hand(scratch.path()));
  EXPECT_EQ(must(store.trades("BTCUSDT", {.limit = 10'000})), rows);
  EXPECT_EQ(store.intervals("BTCUSDT"), std::vector<std::string>{"1m"});
}

TEST(many_threads, write_read_import_and_delete_at_the_same_time) {
  scratch_directory scratch;
  settings with;
  with.directory = scratch.path();
  with.flush = std::chrono::milliseconds(1);
  with.block_rows = 64;
  with.memory_bytes = 64 << 10;
  tick_store store(with);
  constexpr std::uint64_t rows = 60'000;
  std::atomic<bool> written{false};
  const auto producer = [&](std::uint32_t number) {
    const auto lane = store.open_lane();
    lane->name(0, "LIVE" + std::to_string(number));
    for (std::uint64_t i = 1; i <= rows; ++i) {
      while (!lane->append(0, i, trade_at(start_ns + static_cast<std::int64_t>(i) * 1000, i))) std::abort();
      if (i % 50 == 0) lane->commit();
      if (i % 5000 == 0) must(store.sync().get());
    }
    lane->commit();
  };
  std::vector<std::jthread> readers;
  for (int each = 0; each < 2; ++each)
    readers.emplace_back([&] {
      while (!written) {
        for (const auto* symbol : {"LIVE0", "LIVE1"}) {
          const auto read = ids_of(must(store.trades(symbol, {.limit = 3000})));
          for (std::size_t i = 1; i < read.size(); ++i) ASSERT_EQ(read[i], read[i - 1] + 1);
          const auto oldest = ids_of(must(store.trades(symbol, {.limit = 100, .which = keep::oldest})));
          for (std::size_t i = 0; i < oldest.size(); ++i) ASSERT_EQ(oldest[i], i + 1);
        }
      }
    });
  std::jthread importer([&] {
    for (std::int64_t day = 0; !written; ++day) {
      std::vector<protocol::quote> quotes;
      for (int i = 0; i < 500; ++i)
        quotes.push_back(quote_at(start_ns - (day % 20) * day_ns + i * second_ns));
      must(store.merge_quotes("LIVE0", quotes));
    }
  });
  {
    std::jthread first([&] { producer(0); });
    std::jthread second([&] { producer(1); });
  }
  must(store.sync().get());
  written = true;
  importer.join();
  readers.clear();
  for (const auto* symbol : {"LIVE0", "LIVE1"})
    EXPECT_EQ(must(store.trades(symbol, {.limit = 1'000'000})).size(), rows);
  EXPECT_EQ(must(store.quotes("LIVE0", {.limit = 1'000'000})).size() % 500, 0U);
}

}  // namespace
}  // namespace tickcast::store
