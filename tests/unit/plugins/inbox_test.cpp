#include "plugins/runner/inbox.hpp"

#include <gtest/gtest.h>

#include "protocol/topic.hpp"

namespace tickcast::plugins {
namespace {

message update(std::uint64_t seq) {
  static const auto topic = std::make_shared<const topic_ref>(protocol::parse_topic("trade.X").value());
  return {topic, seq, protocol::trade{}};
}

std::vector<std::uint64_t> seqs(const std::vector<message>& of) {
  std::vector<std::uint64_t> result;
  for (const auto& each : of) result.push_back(each.seq);
  return result;
}

class an_inbox : public testing::Test {
protected:
  std::shared_ptr<vitals> seen = std::make_shared<vitals>();
  std::unique_ptr<inbox> letters = std::make_unique<inbox>(3, seen);
  std::vector<message> taken;
};

TEST_F(an_inbox, drops_the_oldest_updates_above_its_bound_and_counts_them) {
  for (std::uint64_t seq = 1; seq <= 5; ++seq) letters->put(update(seq));
  EXPECT_EQ(seen->dropped, 2U);
  EXPECT_EQ(seen->waiting, 3U);
  EXPECT_EQ(letters->take(taken, 10), 2U);
  EXPECT_EQ(seqs(taken), (std::vector<std::uint64_t>{3, 4, 5}));
  letters->handled(3);
  EXPECT_EQ(seen->waiting, 0U);
  EXPECT_EQ(letters->take(taken, 10), 0U) << "told once";
}

TEST_F(an_inbox, never_drops_what_is_no_update) {
  letters->put({update(0).topic, 7, std::make_shared<const topic_history>()});
  for (std::uint64_t seq = 8; seq <= 12; ++seq) letters->put(update(seq));
  letters->take(taken, 10);
  EXPECT_EQ(seqs(taken), (std::vector<std::uint64_t>{7, 10, 11, 12}));
}

TEST_F(an_inbox, turns_questions_away_beyond_its_bound) {
  for (std::size_t i = 0; i < inbox::most_others; ++i)
    ASSERT_TRUE(letters->put({nullptr, 0, question{i, "a", "1"}}));
  EXPECT_FALSE(letters->put({nullptr, 0, question{0, "a", "1"}}));
  EXPECT_TRUE(letters->put(update(1)));
}

TEST_F(an_inbox, names_the_topics_that_lost_something_once_it_is_empty) {
  for (std::uint64_t seq = 1; seq <= 4; ++seq) letters->put(update(seq));
  EXPECT_TRUE(letters->lossy_topics().empty());
  letters->take(taken, 10);
  EXPECT_EQ(letters->lossy_topics(), std::vector<std::string>{"trade.X"});
  EXPECT_TRUE(letters->lossy_topics().empty());
}

TEST_F(an_inbox, counts_what_nobody_handled_as_dropped) {
  for (std::uint64_t seq = 1; seq <= 3; ++seq) letters->put(update(seq));
  letters->take(taken, 1);
  letters->lost(1);
  letters.reset();
  EXPECT_EQ(seen->dropped, 3U);
  EXPECT_EQ(seen->waiting, 0U);
}

TEST(handler_times, tell_quantiles_within_a_quarter_of_an_octave) {
  handler_times times;
  for (int i = 0; i < 98; ++i) times.add(1000);
  times.add(1'000'000);
  times.add(5'000'000'000);
  EXPECT_GE(times.quantile_ns(0.5), 1000);
  EXPECT_LE(times.quantile_ns(0.5), 1250);
  EXPECT_GE(times.quantile_ns(0.99), 1'000'000);
  EXPECT_LE(times.quantile_ns(0.99), 1'250'000);
  EXPECT_EQ(times.quantile_ns(1), 5'000'000'000);
  EXPECT_EQ(times.longest_ns(), 5'000'000'000);
}

}  // namespace
}  // namespace tickcast::plugins
