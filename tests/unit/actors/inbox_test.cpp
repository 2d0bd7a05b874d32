#include "actors/users/inbox.hpp"

#include <gtest/gtest.h>

#include "actors/users/user_state.hpp"

namespace tickcast::actors {
namespace {

std::vector<std::uint64_t> seqs(const std::vector<kept_message*>& of) {
  std::vector<std::uint64_t> result;
  for (const auto* each : of) result.push_back(each->at.seq);
  return result;
}

class inbox_of_five : public testing::Test {
protected:
  inbox_of_five() {
    for (int i = 1; i <= 5; ++i) box.add("k", std::to_string(i), i * 1000);
  }
  protocol::message_position at(std::uint64_t seq) const { return {box.position().epoch, seq}; }

  inbox box;
};

TEST_F(inbox_of_five, numbers_messages_from_one_within_its_epoch) {
  EXPECT_EQ(box.position().seq, 5u);
  EXPECT_FALSE(box.position().epoch.empty());
  EXPECT_EQ(seqs(box.behind({})), (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
}

TEST_F(inbox_of_five, a_device_gets_what_it_has_not_seen_acknowledged_or_not) {
  ASSERT_NE(box.acknowledge(box.position().epoch, 4), nullptr);
  EXPECT_EQ(seqs(box.behind(at(2))), (std::vector<std::uint64_t>{3, 4, 5}));
  EXPECT_EQ(seqs(box.behind({})), (std::vector<std::uint64_t>{1, 2, 3, 5}));
  EXPECT_TRUE(box.behind(at(5)).empty());
}

TEST_F(inbox_of_five, a_position_of_an_epoch_that_is_not_kept_is_none) {
  ASSERT_NE(box.acknowledge(box.position().epoch, 1), nullptr);
  EXPECT_EQ(seqs(box.behind(protocol::message_position{"older", 3})),
            (std::vector<std::uint64_t>{2, 3, 4, 5}));
  EXPECT_EQ(box.missing(protocol::message_position{"older", 3}),
            (std::pair<std::uint64_t, std::uint64_t>{0, 0}));
}

TEST_F(inbox_of_five, acknowledges_each_message_once) {
  EXPECT_EQ(box.acknowledge("other", 1), nullptr);
  EXPECT_EQ(box.acknowledge(box.position().epoch, 6), nullptr);
  ASSERT_NE(box.acknowledge(box.position().epoch, 1), nullptr);
  EXPECT_EQ(box.acknowledge(box.position().epoch, 1), nullptr);
  EXPECT_EQ(box.waiting(), 4u);
}

TEST_F(inbox_of_five, tells_what_a_device_has_missed_for_good) {
  EXPECT_EQ(box.trim(2).size(), 3u);
  EXPECT_EQ(box.missing(at(1)), (std::pair<std::uint64_t, std::uint64_t>{2, 3}));
  EXPECT_EQ(box.missing(at(3)), (std::pair<std::uint64_t, std::uint64_t>{0, 0}));
  EXPECT_EQ(box.missing({}), (std::pair<std::uint64_t, std::uint64_t>{0, 0}));
  EXPECT_EQ(box.trim(0).size(), 2u);
  EXPECT_EQ(box.missing(at(4)), (std::pair<std::uint64_t, std::uint64_t>{5, 5}));
}

TEST_F(inbox_of_five, lets_old_ones_go) {
  EXPECT_EQ(box.expire(3000).size(), 2u);
  EXPECT_EQ(box.size(), 3u);
}

TEST_F(inbox_of_five, only_what_was_sent_and_is_not_acknowledged_is_due) {
  const auto now = std::chrono::steady_clock::now();
  EXPECT_EQ(box.next_due(), std::chrono::steady_clock::time_point::max());
  for (auto* each : box.behind(at(3))) {
    ++each->sendings;
    each->due = now + std::chrono::seconds(each->at.seq);
  }
  EXPECT_EQ(box.next_due(), now + std::chrono::seconds(4));
  EXPECT_EQ(seqs(box.due(now + std::chrono::seconds(5))), (std::vector<std::uint64_t>{4, 5}));
  box.acknowledge(box.position().epoch, 4);
  EXPECT_EQ(seqs(box.due(now + std::chrono::seconds(5))), (std::vector<std::uint64_t>{5}));
}

TEST(inbox, what_an_earlier_life_left_keeps_its_place_and_new_ones_begin_an_epoch) {
  inbox box;
  kept_message old;
  old.at = {"k1", 7};
  box.restore(kept_message(old));
  box.add("k", "1", 2000);
  EXPECT_NE(box.position().epoch, "k1");
  EXPECT_EQ(box.position().seq, 1u);
  EXPECT_EQ(seqs(box.behind({})), (std::vector<std::uint64_t>{7, 1}));
  EXPECT_EQ(seqs(box.behind(protocol::message_position{"k1", 7})), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(seqs(box.behind(protocol::message_position{"k1", 6})), (std::vector<std::uint64_t>{7, 1}));
}

TEST(kept_message, is_read_as_it_was_written) {
  kept_message one;
  one.at = {"k3", 41};
  one.kind = "fill";
  one.data = R"({"price":0.10})";
  one.time_us = 1723075200123456;
  const auto read = kept_message::from_bytes(one.to_bytes());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at.epoch, "k3");
  EXPECT_EQ(read->at.seq, 41u);
  EXPECT_EQ(read->data, one.data);
  EXPECT_EQ(read->time_us, one.time_us);
  for (const auto* rubbish : {"", "x", "\x95\x01\x02\x03\x04\x05", "\x80"})
    EXPECT_FALSE(kept_message::from_bytes(rubbish));
}

TEST(message_key, holds_users_with_slashes) {
  EXPECT_EQ(user_of_key(message_key("a/b", {"k3", 7})), "a/b");
  EXPECT_EQ(user_of_key("user/only"), "");
  EXPECT_EQ(user_of_key("event/x"), "");
  EXPECT_LT(message_key("u", {"k3", 9}), message_key("u", {"k3", 10}));
}

}  // namespace
}  // namespace tickcast::actors
