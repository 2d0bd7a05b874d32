#include "net/api/past.hpp"

#include <gtest/gtest.h>

#include "tests/support/kept_history.hpp"
#include "tests/unit/actors/world.hpp"

namespace tickcast::net::api {
namespace {

using protocol::bar;
using protocol::trade;

constexpr std::int64_t s = 1'000'000'000;

bar make_bar(std::int64_t second, bool closed = true) {
  bar made;
  made.time_ns = second * s;
  made.close = protocol::decimal::from_integer(second);
  made.closed = closed;
  return made;
}

std::vector<std::int64_t> seconds(const std::vector<bar>& rows) {
  std::vector<std::int64_t> result;
  for (const auto& each : rows) result.push_back(each.time_ns / s);
  return result;
}
std::vector<std::uint64_t> ids(const std::vector<trade>& rows) {
  std::vector<std::uint64_t> result;
  for (const auto& each : rows) result.push_back(each.id.number);
  return result;
}

class past_test : public testing::Test {
protected:
  /// A topic that shows the bars of these seconds, the last one forming.
  static actors::topic_sight shows(std::int64_t first, std::int64_t last) {
    actors::bar_view view;
    for (auto second = first; second <= last; ++second) {
      view.bars.make_room();
      view.bars.push(make_bar(second, second != last));
    }
    return {"e", 7, std::make_shared<actors::topic_view>(std::move(view))};
  }
  void store(std::int64_t first, std::int64_t last) {
    for (auto second = first; second <= last; ++second)
      past.all_bars[{"1s", "A"}].push_back(make_bar(second));
  }
  std::vector<std::int64_t> read(const actors::topic_sight& now, const store::range& which) {
    return seconds(joined_bars(past, "1s", "A", now).read(which).value());
  }
  page<bar> read_a_page(const actors::topic_sight& now, const store::range& which) {
    return read_page<bar>(joined_bars(past, "1s", "A", now), which).value();
  }

  tests::kept_history past;
};

TEST_F(past_test, stored_and_shown_bars_are_joined_without_hole_or_double) {
  store(1, 8);  // what the topic shows is stored as well, but for the youngest
  const auto now = shows(5, 10);
  EXPECT_EQ(read(now, {}), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

TEST_F(past_test, the_limit_keeps_the_end_that_is_asked_for) {
  store(1, 8);
  const auto now = shows(5, 10);
  EXPECT_EQ(read(now, {.limit = 3}), (std::vector<std::int64_t>{8, 9, 10}));
  EXPECT_EQ(read(now, {.limit = 7}), (std::vector<std::int64_t>{4, 5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(read(now, {.limit = 3, .which = store::keep::oldest}), (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(read(now, {.limit = 6, .which = store::keep::oldest}),
            (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
}

TEST_F(past_test, the_range_excludes_its_end) {
  store(1, 8);
  const auto now = shows(5, 10);
  EXPECT_EQ(read(now, {.from_ns = 3 * s, .to_ns = 6 * s}), (std::vector<std::int64_t>{3, 4, 5}));
  EXPECT_EQ(read(now, {.from_ns = 6 * s, .to_ns = 6 * s}), std::vector<std::int64_t>{});
  EXPECT_EQ(read(now, {.to_ns = 3 * s}), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(read(now, {.from_ns = 9 * s}), (std::vector<std::int64_t>{9, 10}));
}

TEST_F(past_test, without_a_topic_there_is_what_is_stored_and_without_a_store_what_is_shown) {
  store(1, 3);
  EXPECT_EQ(read({}, {}), (std::vector<std::int64_t>{1, 2, 3}));
  past.all_bars.clear();
  EXPECT_EQ(read(shows(5, 6), {}), (std::vector<std::int64_t>{5, 6}));
}

TEST_F(past_test, what_the_topic_shows_outranks_what_is_stored) {
  store(1, 8);
  past.all_bars[{"1s", "A"}][5].close = protocol::decimal::from_integer(999);
  const auto rows = joined_bars(past, "1s", "A", shows(5, 10)).read({}).value();
  EXPECT_EQ(rows[5].close, protocol::decimal::from_integer(6));
}

TEST_F(past_test, pages_followed_back_meet_every_bar_once_and_end) {
  store(1, 8);
  const auto now = shows(5, 10);
  std::vector<std::int64_t> met;
  store::range which{.limit = 3};
  for (int pages = 0; pages < 10; ++pages) {
    const auto one = read_a_page(now, which);
    const auto times = seconds(one.rows);
    met.insert(met.begin(), times.begin(), times.end());
    if (!one.previous_us) break;
    which.to_ns = *one.previous_us * 1000;
  }
  EXPECT_EQ(met, (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

TEST_F(past_test, pages_followed_forward_meet_every_bar_once_and_end) {
  store(1, 8);
  const auto now = shows(5, 10);
  std::vector<std::int64_t> met;
  store::range which{.from_ns = 2 * s, .limit = 4, .which = store::keep::oldest};
  std::optional<std::int64_t> before;
  for (int pages = 0; pages < 10; ++pages) {
    const auto one = read_a_page(now, which);
    if (pages == 0) before = one.previous_us;
    const auto times = seconds(one.rows);
    met.insert(met.end(), times.begin(), times.end());
    if (!one.next_us) break;
    which.from_ns = *one.next_us * 1000;
  }
  EXPECT_EQ(met, (std::vector<std::int64_t>{2, 3, 4, 5, 6, 7, 8, 9, 10}));
  ASSERT_TRUE(before) << "second 1 lies before";
  EXPECT_EQ(read(now, {.to_ns = *before * 1000}), std::vector<std::int64_t>{1});
}

TEST_F(past_test, a_page_within_a_range_tells_what_lies_around_it) {
  store(1, 8);
  const auto now = shows(5, 10);
  const auto middle = read_a_page(now, {.from_ns = 4 * s, .to_ns = 7 * s, .which = store::keep::oldest});
  EXPECT_EQ(seconds(middle.rows), (std::vector<std::int64_t>{4, 5, 6}));
  EXPECT_EQ(middle.next_us, 7'000'000);
  EXPECT_EQ(middle.previous_us, 3'000'001);
  const auto all = read_a_page(now, {});
  EXPECT_EQ(all.previous_us, std::nullopt);
  EXPECT_EQ(all.next_us, std::nullopt);
}

TEST_F(past_test, a_store_that_fails_says_so) {
  past.broken = true;
  EXPECT_EQ(joined_bars(past, "1s", "A", {}).read({}).error().message, "the disk is gone");
}

class past_trades_test : public testing::Test {
protected:
  /// The topic shows these, and `seq` updates have made it so.
  static actors::topic_sight shows(const std::vector<trade>& trades, std::uint64_t seq = 1000) {
    actors::trade_view view;
    for (const auto& each : trades) {
      view.last.make_room(each);
      view.last.push(each);
    }
    return {"e", seq, std::make_shared<actors::topic_view>(std::move(view))};
  }
  std::vector<std::uint64_t> read(const actors::topic_sight& now, const store::range& which = {}) {
    return ids(joined_trades(past, "A", now).read(which).value());
  }
  static trade at(std::int64_t second, std::uint64_t id) { return tests::make_trade(second, "1", "1", id); }
  static std::vector<trade> row(std::int64_t first, std::int64_t last) {
    std::vector<trade> result;
    for (auto second = first; second <= last; ++second)
      result.push_back(at(second, static_cast<std::uint64_t>(second)));
    return result;
  }

  tests::kept_history past;
};

TEST_F(past_trades_test, the_youngest_trades_come_from_the_topic_each_once) {
  past.all_trades["A"] = row(1, 6);
  EXPECT_EQ(read(shows(row(4, 9))), (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(read(shows(row(4, 9)), {.limit = 4}), (std::vector<std::uint64_t>{6, 7, 8, 9}));
  EXPECT_EQ(read(shows(row(4, 9)), {.limit = 2, .which = store::keep::oldest}),
            (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(read(shows(row(4, 9)), {.from_ns = 6 * s, .limit = 3, .which = store::keep::oldest}),
            (std::vector<std::uint64_t>{6, 7, 8}));
}

TEST_F(past_trades_test, equal_trades_without_ids_are_counted_not_merged) {
  past.all_trades["A"] = {at(5, 0), at(5, 0)};
  EXPECT_EQ(read(shows({at(5, 0), at(5, 0), at(5, 0)})).size(), 3u) << "the third is not stored yet";
  EXPECT_EQ(read(shows({at(5, 0), at(5, 0)})).size(), 2u);
}

TEST_F(past_trades_test, a_trade_that_the_store_left_out_because_it_was_cancelled_stays_out) {
  past.all_trades["A"] = {at(1, 1), at(3, 3)};
  EXPECT_EQ(read(shows({at(1, 1), at(2, 2), at(3, 3), at(4, 4)})), (std::vector<std::uint64_t>{1, 3, 4}));
}

TEST_F(past_trades_test, what_was_stored_after_the_look_is_left_out_so_that_updates_go_on_from_it) {
  past.all_trades["A"] = row(1, 10);
  EXPECT_EQ(read(shows(row(3, 7))), (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(read(shows(row(3, 7)), {.limit = 3}), (std::vector<std::uint64_t>{5, 6, 7}));
  auto shown = row(1, 50);
  past.all_trades["A"] = shown;
  past.all_trades["A"].push_back(at(50, 51));  // of the same moment
  EXPECT_EQ(read(shows(shown, 50)).size(), 50u);
}

TEST_F(past_trades_test, a_store_that_does_not_reach_to_what_is_shown_is_made_to_catch_up) {
  past.all_trades["A"] = row(1, 30);
  int times = 0;
  const auto catch_up = [&] {
    ++times;
    past.all_trades["A"] = row(1, 70);
  };
  const joined_trades joined(past, "A", shows(row(51, 100)), catch_up);
  EXPECT_EQ(joined.read({.limit = 200})->size(), 100u);
  EXPECT_EQ(joined.read({.limit = 20})->size(), 20u);
  EXPECT_EQ(times, 1);
  const joined_trades met(past, "A", shows(row(51, 100)), catch_up);
  EXPECT_EQ(met.read({.limit = 200})->size(), 100u);
  EXPECT_EQ(times, 1) << "they meet";
}

TEST_F(past_trades_test, trades_of_one_microsecond_are_never_parted) {
  past.all_trades["A"] = {at(1, 1), at(2, 2), at(2, 3), at(2, 4), at(3, 5)};
  const joined_trades joined(past, "A", {});
  std::vector<std::uint64_t> met;
  store::range which{.from_ns = 0, .limit = 2, .which = store::keep::oldest};
  for (int pages = 0; pages < 10; ++pages) {
    const auto one = read_page<trade>(joined, which).value();
    for (const auto id : ids(one.rows)) met.push_back(id);
    if (!one.next_us) break;
    which.from_ns = *one.next_us * 1000;
  }
  EXPECT_EQ(met, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));

  met.clear();
  which = {.limit = 2};
  for (int pages = 0; pages < 10; ++pages) {
    const auto one = read_page<trade>(joined, which).value();
    const auto page_ids = ids(one.rows);
    met.insert(met.begin(), page_ids.begin(), page_ids.end());
    if (!one.previous_us) break;
    which.to_ns = *one.previous_us * 1000;
  }
  EXPECT_EQ(met, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
}

}  // namespace
}  // namespace tickcast::net::api
