#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/store/support.hpp"

namespace tickcast::store {
namespace {

constexpr auto always = std::numeric_limits<std::int64_t>::min();

class retained : public testing::Test {
protected:
  void open(const retentions& kept) {
    store_.reset();
    auto with = by_hand(scratch_.path(), clock_);
    with.kept = kept;
    store_ = std::make_unique<tick_store>(with);
    lane_ = store_->open_lane();
    lane_->name(0, "BTCUSDT");
    lane_->name(1, "ETHUSDT");
  }
  // A trade, a quote and a bar each hour.
  void days(std::uint32_t symbol, std::int64_t from, std::int64_t to, std::int64_t begin_ns = start_ns) {
    for (auto hour = from * 24; hour < to * 24; ++hour) {
      const auto time_ns = begin_ns + hour * 3600 * second_ns;
      lane_->append(symbol, ++position_, trade_at(time_ns, static_cast<std::uint64_t>(hour) + 1));
      lane_->append(symbol, ++position_, quote_at(time_ns));
      lane_->append(symbol, "1h", bar_at(time_ns));
    }
    lane_->commit();
    store_->turn();
  }
  std::vector<protocol::trade> trades(const char* symbol = "BTCUSDT") {
    return must(store_->trades(symbol, {.limit = 100'000}));
  }
  std::size_t quotes() { return must(store_->quotes("BTCUSDT", {.limit = 100'000})).size(); }
  std::vector<protocol::bar> bars() { return must(store_->bars("1h", "BTCUSDT", {.limit = 100'000})); }

  scratch_directory scratch_;
  std::shared_ptr<std::int64_t> clock_ = std::make_shared<std::int64_t>(start_ns + 1000 * day_ns);
  std::unique_ptr<tick_store> store_;
  std::shared_ptr<lane> lane_;
  std::uint64_t position_ = 0;
};

TEST_F(retained, rows_older_than_their_kinds_age_go_and_all_others_stay) {
  open({{10, 0}, {20, 0}, {0, 0}});
  days(0, 0, 30);
  store_->clean();
  const auto left = trades();
  // Blocks go whole: of the one on the border all is left.
  const auto border = start_ns + (30 * 24 - 1) * 3600 * second_ns - 10 * day_ns;
  ASSERT_GE(left.size(), 10U * 24);
  ASSERT_LT(left.size(), 10U * 24 + 17);
  EXPECT_GT(left.front().time_ns + 17 * 3600 * second_ns, border);
  EXPECT_GE(quotes(), 20U * 24);
  EXPECT_LT(quotes(), 20U * 24 + 17);
  EXPECT_EQ(bars().size(), 30U * 24);
  EXPECT_EQ(store_->complete_from_ns(data_kind::trade, "BTCUSDT", ""), border);
  EXPECT_EQ(store_->complete_from_ns(data_kind::bar, "BTCUSDT", "1h"), always);
  EXPECT_GT(store_->read_figures().deleted_rows, 0U);
}

TEST_F(retained, what_went_stays_gone_when_it_is_opened_again) {
  open({{10, 0}, {20, 0}, {0, 0}});
  days(0, 0, 30);
  store_->clean();
  const auto left = trades();
  const auto from = store_->complete_from_ns(data_kind::trade, "BTCUSDT", "");
  must(store_->close());
  open({{10, 0}, {20, 0}, {0, 0}});
  EXPECT_EQ(trades(), left);
  EXPECT_EQ(store_->complete_from_ns(data_kind::trade, "BTCUSDT", ""), from);
  store_->clean();
  EXPECT_EQ(trades(), left);
}

TEST_F(retained, age_counts_from_a_symbols_own_newest_row_so_that_old_recordings_stay) {
  open({{10, 0}, {10, 0}, {0, 0}});
  days(0, 0, 5, start_ns - 3000 * day_ns);
  days(1, 0, 5);
  store_->clean();
  EXPECT_EQ(trades("BTCUSDT").size(), 5U * 24);
  EXPECT_EQ(trades("ETHUSDT").size(), 5U * 24);
}

TEST_F(retained, a_row_from_the_future_deletes_nothing) {
  open({{10, 0}, {10, 0}, {0, 0}});
  *clock_ = start_ns + 5 * day_ns;
  days(0, 0, 5);
  lane_->append(0, ++position_, trade_at(start_ns + 50'000 * day_ns, 1));
  lane_->commit();
  store_->turn();
  store_->clean();
  EXPECT_EQ(trades().size(), 5U * 24 + 1);
}

TEST_F(retained, a_symbol_that_is_not_written_any_more_goes_by_the_wall_clock) {
  open({{10, 0}, {10, 0}, {0, 0}});
  days(0, 0, 5);
  must(store_->close());
  open({{10, 0}, {10, 0}, {0, 0}});
  *clock_ += 9 * day_ns;
  store_->clean();
  EXPECT_EQ(trades().size(), 5U * 24);
  *clock_ += 2 * day_ns;
  days(1, 0, 1);
  store_->clean();
  EXPECT_TRUE(trades().empty());
  EXPECT_EQ(store_->symbols(), (std::vector<std::string>{"BTCUSDT", "ETHUSDT"})) << "its bars are kept";
}

TEST_F(retained, bars_go_by_age_too) {
  open({{0, 0}, {0, 0}, {7, 0}});
  days(0, 0, 30);
  store_->clean();
  EXPECT_EQ(bars().size(), 7U * 24 + 1);
  EXPECT_EQ(trades().size(), 30U * 24);
  EXPECT_EQ(store_->complete_from_ns(data_kind::bar, "BTCUSDT", "1h"), bars().front().time_ns);
}

TEST_F(retained, above_a_size_the_oldest_of_all_symbols_go_first) {
  open({});
  days(0, 0, 60);
  days(1, 30, 60);
  must(store_->close());
  open({});
  const auto all = store_->read_figures().trade_bytes;
  ASSERT_GT(all, 2000U);
  store_->set_kept({{0, all / 2}, {0, 0}, {0, store_->read_figures().bar_bytes / 2}});
  store_->clean();
  EXPECT_LE(store_->read_figures().trade_bytes, all / 2);
  EXPECT_GT(store_->read_figures().trade_bytes, all / 3);
  ASSERT_FALSE(trades("BTCUSDT").empty());
  ASSERT_FALSE(trades("ETHUSDT").empty());
  EXPECT_NEAR(
      static_cast<double>(trades("BTCUSDT").front().time_ns - trades("ETHUSDT").front().time_ns) / day_ns, 0,
      1.0);
  EXPECT_LT(bars().size(), 60U * 24 * 3 / 4);
  EXPECT_EQ(quotes(), 60U * 24);
}

TEST_F(retained, late_rows_and_corrections_go_with_their_time) {
  open({{10, 0}, {10, 0}, {0, 0}});
  days(0, 0, 30);
  lane_->append(0, ++position_, trade_at(start_ns + day_ns, 5000));
  lane_->append(0, ++position_, trade_at(start_ns + 29 * day_ns, 5001));
  lane_->cancel(0, ++position_, trade_at(start_ns + day_ns, 25));
  lane_->cancel(0, ++position_, trade_at(start_ns + 28 * day_ns, 24 * 28));
  lane_->commit();
  store_->turn();
  store_->clean();
  const auto ids = ids_of(trades());
  EXPECT_EQ(std::count(ids.begin(), ids.end(), 5000), 0);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), 5001), 1);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), 24 * 28), 0);
  must(store_->close());
  open({{10, 0}, {10, 0}, {0, 0}});
  EXPECT_EQ(ids_of(trades()), ids);
}

}  // namespace
}  // namespace tickcast::store
