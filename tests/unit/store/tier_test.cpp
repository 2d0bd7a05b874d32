#include "store/tier.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/store/support.hpp"

namespace tickcast::store {
namespace {

/// A tier whose trades are one a second, from the first second on, and that is complete from another on.
class steady_tier final : public tier {
public:
  steady_tier(std::int64_t first_s, std::int64_t complete_from_s, std::int64_t end_s)
      : first_s_(first_s), complete_from_s_(complete_from_s), end_s_(end_s) {}

  protocol::expected<std::vector<protocol::trade>> trades(std::string_view,
                                                          const range& which) const override {
    if (broken) return protocol::unexpected(protocol::error{protocol::errc::storage, "broken"});
    ++asked;
    std::vector<protocol::trade> rows;
    for (auto at = first_s_; at < end_s_; ++at)
      if (at * second_ns >= which.from_ns && at * second_ns < which.to_ns)
        rows.push_back(trade_at(at * second_ns, static_cast<std::uint64_t>(at)));
    if (rows.size() > which.limit && which.which == keep::newest)
      rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(which.limit));
    rows.resize(std::min(rows.size(), which.limit));
    return rows;
  }
  protocol::expected<std::vector<protocol::quote>> quotes(std::string_view, const range&) const override {
    return {};
  }
  protocol::expected<std::vector<protocol::bar>> bars(std::string_view, std::string_view,
                                                      const range&) const override {
    return {};
  }
  std::vector<std::string> symbols() const override { return {"S" + std::to_string(first_s_), "T"}; }
  std::vector<std::string> intervals(std::string_view) const override { return {"1m"}; }
  std::int64_t complete_from_ns(data_kind, std::string_view, std::string_view) const override {
    return complete_from_s_ * second_ns;
  }

  mutable int asked = 0;
  bool broken = false;

private:
  const std::int64_t first_s_;
  const std::int64_t complete_from_s_;
  const std::int64_t end_s_;
};

class three_tiers : public testing::Test {
protected:
  std::shared_ptr<steady_tier> near_ = std::make_shared<steady_tier>(95, 100, 110);
  std::shared_ptr<steady_tier> middle_ = std::make_shared<steady_tier>(40, 50, 105);
  std::shared_ptr<steady_tier> far_ = std::make_shared<steady_tier>(0, 0, 60);
  tiered_history all_{{near_, middle_, far_}};

  std::vector<std::uint64_t> read(const range& which) { return ids_of(must(all_.trades("T", which))); }
};

TEST_F(three_tiers, answer_as_one_without_a_double_or_a_hole) {
  const auto rows = read({.limit = 1000});
  ASSERT_EQ(rows.size(), 110U);
  for (std::size_t i = 0; i < rows.size(); ++i) ASSERT_EQ(rows[i], i);
  EXPECT_EQ(read({45 * second_ns, 103 * second_ns, 1000, keep::oldest}).size(), 58U);
}

TEST_F(three_tiers, are_asked_from_the_end_that_is_kept_until_there_is_enough) {
  EXPECT_EQ(read({.limit = 12}).front(), 98U);
  EXPECT_EQ(near_->asked, 1);
  EXPECT_EQ(middle_->asked, 1);
  EXPECT_EQ(far_->asked, 0);
  EXPECT_EQ(read({.limit = 3, .which = keep::oldest}), (std::vector<std::uint64_t>{0, 1, 2}));
  EXPECT_EQ(near_->asked, 1);
  EXPECT_EQ(far_->asked, 1);
}

TEST_F(three_tiers, fail_together_only_when_the_broken_one_is_needed) {
  far_->broken = true;
  EXPECT_TRUE(all_.trades("T", {.limit = 60}));
  EXPECT_EQ(all_.trades("T", {.limit = 61}).error().message, "broken");
}

TEST_F(three_tiers, know_the_symbols_of_all) {
  EXPECT_EQ(all_.symbols(), (std::vector<std::string>{"S0", "S40", "S95", "T"}));
  EXPECT_EQ(all_.intervals("T"), std::vector<std::string>{"1m"});
}

TEST(store_as_a_tier, says_from_when_on_it_is_complete_so_that_another_can_answer_for_the_rest) {
  scratch_directory scratch;
  const auto clock = std::make_shared<std::int64_t>(start_ns);
  auto with = by_hand(scratch.path(), clock);
  with.kept.trades.days = 1;
  const auto store = std::make_shared<tick_store>(with);
  const auto remote = std::make_shared<tick_store>(by_hand("", clock));
  std::vector<protocol::trade> rows;
  for (std::int64_t i = 0; i < 100; ++i)
    rows.push_back(trade_at(start_ns + i * 3600 * second_ns, static_cast<std::uint64_t>(i) + 1));
  must(remote->merge_trades("T", rows));
  must(store->merge_trades("T", rows));
  *clock = rows.back().time_ns;
  store->clean();
  ASSERT_LT(must(store->trades("T", {})).size(), 60U);
  const tiered_history both({store, remote});
  EXPECT_EQ(must(both.trades("T", {.limit = 1000})), rows);
}

}  // namespace
}  // namespace tickcast::store
