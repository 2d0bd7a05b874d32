#include "store/archive.hpp"

#include <gtest/gtest.h>

#include "tests/unit/store/support.hpp"

namespace tickcast::store {
namespace {

class an_archive : public testing::Test {
protected:
  static protocol::trade trade_at(std::int64_t second) {
    return {start_ns + second * second_ns, number("1.5"), number("2"), protocol::side::buy, {}};
  }
  /// Rows through a lane, flushed.
  void append(std::int64_t from, std::int64_t count) {
    for (auto i = from; i < from + count; ++i)
      lane_->append(0, static_cast<std::uint64_t>(i + 1), trade_at(i));
    lane_->commit();
    store_->turn();
  }
  void SetUp() override {
    store_ = std::make_unique<tick_store>(by_hand(directory_.path()));
    lane_ = store_->open_lane();
    lane_->name(0, "X");
  }
  std::shared_ptr<const archive> open() { return archive::open(directory_.path()).value(); }

  const range all_{.limit = 100'000};
  scratch_directory directory_;
  std::unique_ptr<tick_store> store_;
  std::shared_ptr<lane> lane_;
};

TEST_F(an_archive, shows_what_was_flushed_when_it_was_opened_while_the_writer_goes_on) {
  append(0, 100);  // blocks of sixteen, and rows that are in the journal alone
  const auto then = open();
  append(100, 500);
  const auto later = open();
  EXPECT_EQ(then->trades("X", all_).value().size(), 100U);
  EXPECT_EQ(later->trades("X", all_).value(), store_->trades("X", all_).value());
  EXPECT_EQ(then->symbols(), std::vector<std::string>{"X"});
}

TEST_F(an_archive, changes_nothing_and_outlives_the_writer) {
  append(0, 100);
  lane_->append(0, "1m", protocol::bar{start_ns, {}, {}, {}, {}, {}, 1, true});
  lane_->commit();
  store_->turn();
  const auto then = open();
  ASSERT_TRUE(store_->close());
  store_.reset();
  EXPECT_EQ(then->trades("X", all_).value().size(), 100U);
  EXPECT_EQ(then->bars("1m", "X", all_).value().size(), 1U);
  EXPECT_EQ(then->intervals("X"), std::vector<std::string>{"1m"});
  const tick_store again(by_hand(directory_.path()));
  EXPECT_EQ(again.trades("X", all_).value().size(), 100U);
}

TEST(archive, says_so_when_nothing_is_there) {
  const scratch_directory empty;
  const auto opened = archive::open(empty.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, protocol::errc::storage);
}

}  // namespace
}  // namespace tickcast::store
