#include "store/store.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/store/support.hpp"

namespace tickcast::store {
namespace {

/// What holds in memory alone holds with a database too.
class any_store : public testing::TestWithParam<bool> {
protected:
  any_store() { open(); }

  void open() {
    store_.reset();
    store_ = std::make_unique<tick_store>(by_hand(GetParam() ? directory_.path() : "", clock_));
    lane_ = store_->open_lane();
    lane_->name(0, "BTCUSDT");
    lane_->name(1, "ETHUSDT");
  }
  void flush() {
    lane_->commit();
    store_->turn();
  }
  void trades(std::int64_t from, std::int64_t to, std::int64_t step_ns = second_ns) {
    for (auto i = from; i < to; ++i)
      lane_->append(0, ++position_, trade_at(start_ns + i * step_ns, static_cast<std::uint64_t>(i) + 1));
  }
  std::vector<std::uint64_t> read(const range& which) {
    return ids_of(must(store_->trades("BTCUSDT", which)));
  }

  scratch_directory directory_;
  std::shared_ptr<std::int64_t> clock_ = std::make_shared<std::int64_t>(start_ns);
  std::unique_ptr<tick_store> store_;
  std::shared_ptr<lane> lane_;
  std::uint64_t position_ = 0;
};

INSTANTIATE_TEST_SUITE_P(store, any_store, testing::Values(false, true),
                         [](const auto& with) { return with.param ? "database" : "memory"; });

TEST_P(any_store, reads_from_either_end_of_a_range_always_in_ascending_order) {
  trades(0, 100);
  flush();
  EXPECT_EQ(read({.limit = 3}), (std::vector<std::uint64_t>{98, 99, 100}));
  EXPECT_EQ(read({.limit = 3, .which = keep::oldest}), (std::vector<std::uint64_t>{1, 2, 3}));
  const auto from = start_ns + 10 * second_ns;
  const auto to = start_ns + 50 * second_ns;
  EXPECT_EQ(read({from, to, 2, keep::oldest}), (std::vector<std::uint64_t>{11, 12}));
  EXPECT_EQ(read({from, to, 2, keep::newest}), (std::vector<std::uint64_t>{49, 50}));
  EXPECT_EQ(read({from, to, 1000, keep::newest}).size(), 40U);
  EXPECT_EQ(read({from, from + 1, 1000, keep::newest}), std::vector<std::uint64_t>{11});
  EXPECT_TRUE(read({from, from, 1000, keep::newest}).empty());
  EXPECT_TRUE(read({.limit = 0}).empty());
}

TEST_P(any_store, rows_of_one_time_come_in_the_order_in_which_they_arrived) {
  for (std::uint64_t i = 1; i <= 100; ++i) lane_->append(0, i, trade_at(start_ns, i));
  flush();
  const auto rows = read({});
  ASSERT_EQ(rows.size(), 100U);
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
  EXPECT_EQ(read({.limit = 2}), (std::vector<std::uint64_t>{99, 100}));
  EXPECT_EQ(read({.limit = 2, .which = keep::oldest}), (std::vector<std::uint64_t>{1, 2}));
}

TEST_P(any_store, what_is_not_committed_or_not_flushed_cannot_be_read_yet) {
  trades(0, 1);
  store_->turn();
  EXPECT_TRUE(read({}).empty());
  lane_->commit();
  EXPECT_TRUE(read({}).empty());
  store_->turn();
  EXPECT_EQ(read({}).size(), 1U);
}

TEST_P(any_store, late_rows_stand_where_they_belong) {
  trades(0, 100);
  flush();
  lane_->append(0, ++position_, trade_at(start_ns + 10 * second_ns + 1, 1000));
  lane_->append(0, ++position_, trade_at(start_ns + 10 * second_ns + 1, 1001));
  lane_->append(0, ++position_, trade_at(start_ns - day_ns, 1002));
  flush();
  lane_->append(0, ++position_, trade_at(start_ns + 10 * second_ns, 1003));
  flush();
  EXPECT_EQ(read({start_ns + 10 * second_ns, start_ns + 12 * second_ns, 100, keep::newest}),
            (std::vector<std::uint64_t>{11, 1003, 1000, 1001, 12}));
  EXPECT_EQ(read({.limit = 2, .which = keep::oldest}), (std::vector<std::uint64_t>{1002, 1}));
  EXPECT_EQ(read({start_ns, start_ns + 12 * second_ns, 3, keep::newest}),
            (std::vector<std::uint64_t>{1000, 1001, 12}));
  EXPECT_EQ(read({.limit = 1000}).size(), 104U);
  EXPECT_EQ(store_->read_figures().late, 4U);
}

TEST_P(any_store, late_rows_by_the_thousand_are_all_there) {
  trades(0, 100);
  flush();
  for (std::int64_t i = 0; i < 3000; ++i) {
    lane_->append(0, ++position_,
                  trade_at(start_ns + (i % 90) * second_ns + 7, 1000 + static_cast<std::uint64_t>(i)));
    if (i % 10 == 0) flush();
  }
  flush();
  EXPECT_EQ(read({.limit = 10'000}).size(), 3100U);
  EXPECT_EQ(read({start_ns + second_ns, start_ns + 2 * second_ns, 10'000, keep::newest}).size(), 35U);
}

TEST_P(any_store, a_cancelled_trade_is_left_out_and_a_corrected_one_is_as_corrected) {
  trades(0, 100);
  lane_->append(0, ++position_, with_text_id(start_ns + 200 * second_ns, "a-1"));
  flush();
  lane_->cancel(0, ++position_, trade_at(start_ns, 5));
  lane_->correct(0, ++position_, trade_at(start_ns, 7, "1.25", "3"));
  auto correction = with_text_id(start_ns, "a-1");
  correction.price = number("2.5");
  lane_->correct(0, ++position_, correction);
  flush();
  EXPECT_EQ(read({.limit = 7, .which = keep::oldest}), (std::vector<std::uint64_t>{1, 2, 3, 4, 6, 7, 8}));
  const auto corrected =
      must(store_->trades("BTCUSDT", {start_ns + 6 * second_ns, start_ns + 7 * second_ns}));
  ASSERT_EQ(corrected.size(), 1U);
  EXPECT_EQ(corrected[0].price, number("1.25"));
  EXPECT_EQ(corrected[0].size, number("3"));
  EXPECT_EQ(corrected[0].time_ns, start_ns + 6 * second_ns);
  EXPECT_EQ(must(store_->trades("BTCUSDT", {.limit = 1}))[0].price, number("2.5"));
  lane_->correct(0, ++position_, trade_at(start_ns, 5, "9", "9"));
  flush();
  EXPECT_EQ(read({.limit = 1000}).size(), 100U);
}

TEST_P(any_store, a_limit_counts_the_trades_that_stand) {
  trades(0, 1000);
  flush();
  for (std::uint64_t id = 200; id <= 1000; ++id) lane_->cancel(0, ++position_, trade_at(start_ns, id));
  flush();
  EXPECT_EQ(read({.limit = 3}), (std::vector<std::uint64_t>{197, 198, 199}));
  EXPECT_EQ(read({start_ns + 150 * second_ns, start_ns + 900 * second_ns, 1000, keep::oldest}).size(), 49U);
}

TEST_P(any_store, keeps_the_newest_revision_of_each_bar) {
  for (int i = 0; i < 300; ++i) lane_->append(0, "1m", bar_at(start_ns + i * 60 * second_ns));
  lane_->append(0, "5m", bar_at(start_ns));
  flush();
  lane_->append(0, "1m", bar_at(start_ns + 5 * 60 * second_ns, "7", 2));
  lane_->append(0, "1m", bar_at(start_ns + 5 * 60 * second_ns, "6", 1));
  flush();
  EXPECT_EQ(store_->intervals("BTCUSDT"), (std::vector<std::string>{"1m", "5m"}));
  const auto all = must(store_->bars("1m", "BTCUSDT", {.limit = 1000}));
  ASSERT_EQ(all.size(), 300U);
  EXPECT_EQ(all[5].close, number("7"));
  EXPECT_EQ(all[5].rev, 2U);
  EXPECT_TRUE(all[5].closed);
  const auto newest = must(store_->bars("1m", "BTCUSDT", {.limit = 2}));
  ASSERT_EQ(newest.size(), 2U);
  EXPECT_EQ(newest[1].time_ns, start_ns + 299 * 60 * second_ns);
  EXPECT_EQ(must(store_->bars("1m", "BTCUSDT", {.limit = 2, .which = keep::oldest}))[1].time_ns,
            start_ns + 60 * second_ns);
}

TEST_P(any_store, an_unknown_symbol_or_interval_has_no_rows) {
  trades(0, 3);
  flush();
  EXPECT_TRUE(must(store_->trades("NOBODY", {})).empty());
  EXPECT_TRUE(must(store_->quotes("BTCUSDT", {})).empty());
  EXPECT_TRUE(must(store_->bars("1m", "BTCUSDT", {})).empty());
  EXPECT_EQ(store_->symbols(), std::vector<std::string>{"BTCUSDT"});
}

TEST_P(any_store, symbols_do_not_mix_nor_do_lanes_numbers) {
  const auto other = store_->open_lane();
  other->name(0, "XRPUSDT");
  trades(0, 20);
  for (std::int64_t i = 0; i < 20; ++i) {
    lane_->append(1, 1, quote_at(start_ns + i));
    other->append(0, 1, trade_at(start_ns + i, 500));
  }
  other->commit();
  flush();
  EXPECT_EQ(read({.limit = 100}).size(), 20U);
  EXPECT_EQ(must(store_->quotes("ETHUSDT", {.limit = 100})).size(), 20U);
  EXPECT_EQ(ids_of(must(store_->trades("XRPUSDT", {.limit = 100}))), std::vector<std::uint64_t>(20, 500));
  EXPECT_EQ(store_->symbols(), (std::vector<std::string>{"BTCUSDT", "ETHUSDT", "XRPUSDT"}));
}

TEST_P(any_store, the_last_state_under_a_key_stands) {
  EXPECT_EQ(store_->state("monitor.cpu"), std::nullopt);
  lane_->state("monitor.cpu", "1");
  lane_->state("monitor.cpu", "2");
  lane_->state("gone", "3");
  lane_->state("gone", "");
  flush();
  EXPECT_EQ(store_->state("monitor.cpu"), "2");
  EXPECT_EQ(store_->state("gone"), std::nullopt);
}

TEST_P(any_store, dropped_rows_leave_a_hole_that_reads_can_ask_for) {
  const auto time_of_next = [&] { return start_ns + static_cast<std::int64_t>(position_); };
  while (lane_->append(0, position_, trade_at(time_of_next(), 1))) ++position_;
  const auto lost = time_of_next();
  flush();
  EXPECT_EQ(store_->holes(data_kind::trade, "BTCUSDT", start_ns, lost + 1),
            (std::vector{hole{lost, lost, 1}}));
  EXPECT_TRUE(store_->holes(data_kind::trade, "BTCUSDT", start_ns, lost).empty());
  EXPECT_TRUE(store_->holes(data_kind::quote, "BTCUSDT", start_ns, lost + 1).empty());
  EXPECT_EQ(store_->read_figures().dropped_rows, 1U);
}

TEST_P(any_store, a_sync_is_answered_when_all_that_was_committed_before_is_kept) {
  trades(0, 3);
  lane_->commit();
  auto answer = store_->sync();
  EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  store_->turn();
  EXPECT_TRUE(answer.get());
  EXPECT_EQ(read({}).size(), 3U);
  must(store_->close());
  EXPECT_FALSE(store_->sync().get());
}

TEST_P(any_store, memory_is_bounded_and_the_rest_is_left_to_the_database) {
  auto with = by_hand(GetParam() ? directory_.path() + "/2" : "", clock_);
  with.memory_bytes = 64 << 10;
  tick_store small(with);
  const auto lane = small.open_lane();
  lane->name(0, "BTCUSDT");
  for (std::uint64_t i = 1; i <= 50'000; ++i) {
    lane->append(0, i, trade_at(start_ns + static_cast<std::int64_t>(i) * second_ns, i));
    lane->append(0, "1s", bar_at(start_ns + static_cast<std::int64_t>(i) * second_ns));
    if (i % 500 == 0) {
      lane->commit();
      small.turn();
      EXPECT_LT(small.read_figures().memory_bytes, 2 * with.memory_bytes);
    }
  }
  const auto rows = must(small.trades("BTCUSDT", {.limit = 100'000}));
  const auto bars = must(small.bars("1s", "BTCUSDT", {.limit = 100'000}));
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(rows.back().id.number, 50'000U);
  if (GetParam()) {
    EXPECT_EQ(rows.size(), 50'000U);
    EXPECT_EQ(bars.size(), 50'000U);
    EXPECT_EQ(small.complete_from_ns(data_kind::trade, "BTCUSDT", ""),
              std::numeric_limits<std::int64_t>::min());
  } else {
    EXPECT_LT(rows.size(), 20'000U);
    EXPECT_LT(bars.size(), 1'000U);
    EXPECT_EQ(small.complete_from_ns(data_kind::trade, "BTCUSDT", ""), rows.front().time_ns - second_ns + 1);
    EXPECT_EQ(small.complete_from_ns(data_kind::bar, "BTCUSDT", "1s"), bars.front().time_ns);
  }
}

TEST_P(any_store, rows_leave_memory_when_they_are_old) {
  trades(0, 6400);
  flush();
  const auto before = store_->read_figures().memory_bytes;
  *clock_ += 25 * 3600 * second_ns;
  flush();
  EXPECT_LT(store_->read_figures().memory_bytes, before / 10);
  // What no block has yet stays.
  if (GetParam())
    EXPECT_EQ(read({}).size(), 1000U);
  else
    EXPECT_LT(read({}).size(), 16U);
}

TEST_P(any_store, a_short_block_that_waited_is_joined_with_the_next) {
  for (int i = 0; i < 8; ++i) {
    trades(i, i + 1);
    flush();
    *clock_ += 1000 * second_ns;
    flush();
  }
  EXPECT_EQ(read({}), (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8}));
}

class with_database : public any_store {};
INSTANTIATE_TEST_SUITE_P(store, with_database, testing::Values(true), [](const auto&) { return "database"; });

TEST_P(with_database, everything_is_there_again_when_it_is_opened_again) {
  trades(0, 100);
  for (int i = 0; i < 50; ++i) {
    lane_->append(1, 1, quote_at(start_ns + i * second_ns));
    lane_->append(1, "1m", bar_at(start_ns + i * 60 * second_ns));
  }
  flush();
  lane_->append(0, ++position_, trade_at(start_ns + second_ns, 1000));
  lane_->cancel(0, ++position_, trade_at(start_ns, 5));
  lane_->state("key", "value");
  flush();
  const auto before = must(store_->trades("BTCUSDT", {.limit = 1000}));
  ASSERT_EQ(before.size(), 100U);
  must(store_->close());
  open();
  EXPECT_EQ(must(store_->trades("BTCUSDT", {.limit = 1000})), before);
  EXPECT_EQ(must(store_->quotes("ETHUSDT", {.limit = 1000})).size(), 50U);
  EXPECT_EQ(must(store_->bars("1m", "ETHUSDT", {.limit = 1000})).size(), 50U);
  EXPECT_EQ(store_->intervals("ETHUSDT"), std::vector<std::string>{"1m"});
  EXPECT_EQ(store_->symbols(), (std::vector<std::string>{"BTCUSDT", "ETHUSDT"}));
  EXPECT_EQ(store_->state("key"), "value");
  EXPECT_EQ(store_->read_figures().journal_bytes, 0U);
}

TEST_P(with_database, goes_on_where_it_ended) {
  trades(0, 40);
  lane_->append(0, "1m", bar_at(start_ns, "1", 3));
  flush();
  must(store_->close());
  open();
  trades(40, 80);
  lane_->append(0, ++position_, trade_at(start_ns + 5 * second_ns, 1000));
  lane_->append(0, "1m", bar_at(start_ns, "2", 2));
  lane_->append(0, "1m", bar_at(start_ns + 60 * second_ns, "3"));
  flush();
  const auto rows = read({.limit = 1000});
  ASSERT_EQ(rows.size(), 81U);
  EXPECT_EQ(rows[6], 1000U);
  EXPECT_EQ(rows[80], 80U);
  const auto bars = must(store_->bars("1m", "BTCUSDT", {}));
  ASSERT_EQ(bars.size(), 2U);
  EXPECT_EQ(bars[0].rev, 3U);
  EXPECT_EQ(bars[1].close, number("3"));
}

}  // namespace
}  // namespace tickcast::store
