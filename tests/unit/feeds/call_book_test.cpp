#include "feeds/call_book.hpp"

#include <gtest/gtest.h>

namespace tickcast::feeds {
namespace {

using namespace std::chrono_literals;
using actors::call_errand;

const auto start = call_book::clock::time_point{} + 1h;

routed_message way(const std::string& peer) {
  routed_message made;
  made.peer = peer;
  return made;
}

class three_workers : public testing::Test {
protected:
  three_workers() {
    for (const auto* peer : {"a", "b", "c"})
      book.claim(way(peer), protocol::encoding::json, peer, {"x"}, start);
  }
  std::string choice(int user) { return book.choose("x", "user" + std::to_string(user))->way.peer; }

  call_book book;
};

TEST_F(three_workers, share_the_users_evenly_and_each_user_stays) {
  std::map<std::string, int> users;
  for (int i = 0; i < 3000; ++i) {
    ++users[choice(i)];
    EXPECT_EQ(choice(i), choice(i));
  }
  for (const auto& [peer, count] : users) EXPECT_NEAR(count, 1000, 150) << peer;
}

TEST_F(three_workers, one_that_goes_moves_its_own_users_alone) {
  std::vector<std::string> before;
  for (int i = 0; i < 500; ++i) before.push_back(choice(i));
  book.lose("b");
  for (int i = 0; i < 500; ++i) {
    const auto now = choice(i);
    EXPECT_NE(now, "b");
    if (before[static_cast<std::size_t>(i)] != "b") {
      EXPECT_EQ(now, before[static_cast<std::size_t>(i)]);
    }
  }
}

TEST_F(three_workers, take_only_what_they_have_claimed) {
  EXPECT_EQ(book.choose("y", "u"), nullptr);
  book.claim(way("b"), protocol::encoding::json, "b", {"y"}, start);
  EXPECT_EQ(book.choose("y", "u")->way.peer, "b");
  book.unclaim("b", {"y"});
  EXPECT_EQ(book.choose("y", "u"), nullptr);
  book.unclaim("a", {});
  book.unclaim("b", {});
  EXPECT_EQ(book.types(), std::set<std::string>{"x"});
  book.unclaim("c", {"x"});
  EXPECT_TRUE(book.types().empty());
}

TEST_F(three_workers, a_call_is_closed_once_and_by_its_worker_alone) {
  auto* by = book.choose("x", "u");
  const auto back = std::make_shared<call_errand>(nullptr);
  const auto id = book.open(*by, back, start + 1s);
  EXPECT_EQ(by->open, 1u);
  EXPECT_EQ(book.close("somebody", id), nullptr);
  for (const auto* wrong : {"", "c", "7", "c99", "cx", "c1x"})
    EXPECT_EQ(book.close(by->way.peer, wrong), nullptr);
  EXPECT_EQ(book.close(by->way.peer, id), back);
  EXPECT_EQ(book.close(by->way.peer, id), nullptr);
  EXPECT_EQ(by->open, 0u);
  EXPECT_EQ(book.open_calls(), 0u);
}

TEST_F(three_workers, a_lost_worker_gives_its_calls_back) {
  std::map<std::string, std::size_t> open;
  for (int i = 0; i < 30; ++i) {
    auto* by = book.choose("x", std::to_string(i));
    book.open(*by, std::make_shared<call_errand>(nullptr), start + 1s);
    ++open[by->way.peer];
  }
  EXPECT_EQ(book.lose("c").size(), open["c"]);
  EXPECT_EQ(book.open_calls(), 30 - open["c"]);
  EXPECT_TRUE(book.lose("c").empty());
}

TEST_F(three_workers, calls_are_overdue_in_their_order) {
  auto* by = book.choose("x", "u");
  const auto late = std::make_shared<call_errand>(nullptr);
  const auto early = std::make_shared<call_errand>(nullptr);
  book.open(*by, late, start + 2s);
  book.open(*by, early, start + 1s);
  EXPECT_TRUE(book.overdue(start).empty());
  EXPECT_EQ(book.overdue(start + 1s), std::vector{early});
  EXPECT_EQ(by->open, 1u);
  EXPECT_EQ(book.overdue(start + 3s), std::vector{late});
  EXPECT_EQ(book.open_calls(), 0u);
}

TEST_F(three_workers, are_silent_when_they_were_not_heard) {
  book.heard("a", start + 5s);
  EXPECT_EQ(book.silent_since(start + 1s), (std::vector<std::string>{"b", "c"}));
  EXPECT_TRUE(book.silent_since(start).empty());
}

}  // namespace
}  // namespace tickcast::feeds
