#include "store/recovery.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/store/support.hpp"

namespace tickcast::store {
namespace {

class after_a_crash : public testing::Test {
protected:
  after_a_crash() { open(by_hand(directory(), clock_)); }

  std::string directory() const { return scratch_.path() + "/" + std::to_string(lives_); }
  void open(const settings& with) {
    store_.reset();
    store_ = std::make_unique<tick_store>(with);
    lane_ = store_->open_lane();
    lane_->name(0, "BTCUSDT");
    lane_->name(1, "ETHUSDT");
  }
  void flush() {
    lane_->commit();
    store_->turn();
  }
  void trades(std::uint32_t symbol, std::uint64_t from, std::uint64_t to) {
    for (auto i = from; i < to; ++i)
      lane_->append(symbol, i, trade_at(start_ns + static_cast<std::int64_t>(i) * second_ns, i));
  }
  // What lies in the directory after a flush is what a killed process leaves.
  void crash(std::size_t journal_bytes = 1 << 20) {
    const auto before = directory();
    ++lives_;
    copy_whole(before, directory());
    auto with = by_hand(directory(), clock_);
    with.journal_bytes = journal_bytes;
    open(with);
  }
  // The database deletes files of its own in the background: a copy that missed one is made again.
  static void copy_whole(const std::string& from, const std::string& to) {
    for (int tries = 0; tries < 20; ++tries) {
      std::error_code failed;
      std::filesystem::remove_all(to);
      std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, failed);
      if (!failed) return;
    }
    FAIL() << "the directory cannot be copied";
  }
  struct seen {
    std::vector<std::pair<std::string, std::uint64_t>> rows;
    recovery all;
  };
  seen recovered() {
    seen found{{}, must(store_->recovered())};
    recovered_row row;
    while (must(found.all.rows->next(row)))
      found.rows.emplace_back(found.all.symbols[row.symbol].name, row.position);
    return found;
  }

  scratch_directory scratch_;
  int lives_ = 0;
  std::shared_ptr<std::int64_t> clock_ = std::make_shared<std::int64_t>(start_ns);
  std::unique_ptr<tick_store> store_;
  std::shared_ptr<lane> lane_;
};

TEST_F(after_a_crash, a_new_store_has_nothing_to_recover) {
  const auto found = recovered();
  EXPECT_TRUE(found.all.symbols.empty());
  EXPECT_TRUE(found.all.offsets.empty());
  EXPECT_TRUE(found.rows.empty());
}

TEST_F(after_a_crash, each_symbol_has_its_checkpoint_and_the_rows_after_it_in_the_order_of_arrival) {
  trades(0, 1, 4);
  trades(1, 1, 3);
  flush();
  lane_->checkpoint(0, 3, "btc at 3");
  trades(1, 3, 4);
  trades(0, 4, 6);
  lane_->append(1, 4, quote_at(start_ns));
  flush();
  crash();
  const auto found = recovered();
  ASSERT_EQ(found.all.symbols.size(), 2U);
  EXPECT_EQ(found.all.symbols[0].name, "BTCUSDT");
  EXPECT_EQ(found.all.symbols[0].checkpoint, "btc at 3");
  EXPECT_EQ(found.all.symbols[0].position, 3U);
  EXPECT_TRUE(found.all.symbols[0].whole);
  EXPECT_FALSE(found.all.symbols[1].has_checkpoint);
  EXPECT_TRUE(found.all.symbols[1].whole);
  using pair = std::pair<std::string, std::uint64_t>;
  EXPECT_EQ(
      found.rows,
      (std::vector<pair>{
          {"ETHUSDT", 1}, {"ETHUSDT", 2}, {"ETHUSDT", 3}, {"BTCUSDT", 4}, {"BTCUSDT", 5}, {"ETHUSDT", 4}}));
}

TEST_F(after_a_crash, rows_come_back_with_everything_that_was_in_them) {
  const auto text = with_text_id(start_ns + 5, "d3f1-42");
  auto correction = trade_at(start_ns + 9, 7, "0.000000001", "-3");
  lane_->append(0, 1, text);
  lane_->append(0, 2, quote_at(start_ns - 7));
  lane_->cancel(0, 3, text);
  lane_->correct(0, 4, correction);
  flush();
  crash();
  auto found = must(store_->recovered());
  recovered_row row;
  ASSERT_TRUE(must(found.rows->next(row)));
  EXPECT_EQ(row.kind, row_kind::trade);
  EXPECT_EQ(row.trade, text);
  ASSERT_TRUE(must(found.rows->next(row)));
  EXPECT_EQ(row.kind, row_kind::quote);
  EXPECT_EQ(row.quote, quote_at(start_ns - 7));
  ASSERT_TRUE(must(found.rows->next(row)));
  EXPECT_EQ(row.kind, row_kind::cancel);
  EXPECT_EQ(row.trade, text);
  ASSERT_TRUE(must(found.rows->next(row)));
  EXPECT_EQ(row.kind, row_kind::correct);
  EXPECT_EQ(row.trade, correction);
  EXPECT_FALSE(must(found.rows->next(row)));
}

TEST_F(after_a_crash, offsets_stand_for_the_rows_that_were_flushed) {
  const auto other = store_->open_lane();
  lane_->offset("sub", 10);
  other->offset("sub", 14);
  other->offset("pull", 3);
  other->commit();
  flush();
  lane_->offset("sub", 99);
  lane_->commit();
  crash();
  const auto found = recovered();
  ASSERT_EQ(found.all.offsets.size(), 2U);
  EXPECT_EQ(found.all.offsets[0].feed, "pull");
  EXPECT_EQ(found.all.offsets[1].feed, "sub");
  EXPECT_EQ(found.all.offsets[1].lowest, 10U);
  EXPECT_EQ(found.all.offsets[1].highest, 14U);
}

TEST_F(after_a_crash, a_second_crash_before_a_new_checkpoint_takes_nothing_away) {
  lane_->checkpoint(0, 0, "empty");
  trades(0, 1, 100);
  flush();
  crash();
  const auto once = recovered();
  trades(0, 100, 120);
  flush();
  crash();
  const auto twice = recovered();
  EXPECT_EQ(once.rows.size(), 99U);
  EXPECT_EQ(twice.rows.size(), 119U);
  EXPECT_TRUE(twice.all.symbols[0].whole);
  EXPECT_EQ(must(store_->trades("BTCUSDT", {})).size(), 119U);
}

TEST_F(after_a_crash, states_are_as_they_were_flushed) {
  lane_->state("signal.x", "1");
  flush();
  lane_->state("signal.x", "2");
  lane_->commit();
  crash();
  EXPECT_EQ(recovered().all.states, (std::map<std::string, std::string, std::less<>>{{"signal.x", "1"}}));
}

TEST_F(after_a_crash, nothing_is_left_to_replay_after_an_orderly_close) {
  trades(0, 1, 50);
  lane_->checkpoint(0, 49, "at 49");
  trades(1, 1, 5);
  lane_->checkpoint(1, 2, "at 2");
  trades(1, 5, 7);
  lane_->commit();
  must(store_->close());
  crash();
  const auto found = recovered();
  EXPECT_TRUE(found.rows.empty());
  EXPECT_TRUE(found.all.symbols[0].whole);
  EXPECT_FALSE(found.all.symbols[1].whole) << "rows after the checkpoint are in blocks only";
  EXPECT_EQ(must(store_->trades("ETHUSDT", {})).size(), 6U);
  lane_->checkpoint(1, 6, "at 6");
  flush();
  crash();
  EXPECT_TRUE(recovered().all.symbols[1].whole);
}

TEST_F(after_a_crash, the_journal_keeps_its_bound_and_says_whose_rows_it_gave_up) {
  crash(64 << 10);
  std::uint64_t position = 0;
  lane_->checkpoint(1, 0, "never renewed");
  trades(1, 1, 2);
  for (int i = 0; i < 200; ++i) {
    trades(0, position + 1, position + 101);
    lane_->checkpoint(0, position += 100, "renewed");
    flush();
    ASSERT_LT(store_->read_figures().journal_bytes, 2U * (64 << 10));
  }
  crash(64 << 10);
  const auto found = recovered();
  EXPECT_TRUE(found.all.symbols[0].whole);
  EXPECT_FALSE(found.all.symbols[1].whole);
  EXPECT_EQ(must(store_->trades("BTCUSDT", {.limit = 100'000})).size(), 20'000U);
  EXPECT_EQ(must(store_->trades("ETHUSDT", {})).size(), 1U);
}

TEST_F(after_a_crash, rows_that_a_lane_dropped_break_the_symbols_record) {
  std::uint64_t position = 1;
  lane_->checkpoint(0, 0, "empty");
  while (lane_->append(0, position, trade_at(start_ns, position))) ++position;
  flush();
  crash();
  const auto found = recovered();
  EXPECT_FALSE(found.all.symbols[0].whole);
  EXPECT_TRUE(found.all.symbols[1].whole);
  EXPECT_EQ(store_->holes(data_kind::trade, "BTCUSDT", start_ns, start_ns + 1).size(), 1U);
}

}  // namespace
}  // namespace tickcast::store
