#include "feeds/playback.hpp"

#include <gtest/gtest.h>

#include <set>

#include "feeds/source.hpp"
#include "tests/unit/feeds/files.hpp"

namespace tickcast::feeds {
namespace {

using test::scratch;

constexpr std::int64_t second = 1'000'000'000;

TEST(playback, merges_files_by_time_and_keeps_each_files_order) {
  scratch files;
  playback p({{files.write("v_a.csv", "unix_s,price,qty\n10,1,1\n30,1,1\n20,1,1\n40,1,1\n"),
               files.write("v_b.csv", "unix_s,bid,ask\n10,1,2\n25,1,2\n35,1,2\n")},
              {},
              false});
  std::string order;
  for (; p.peek() != nullptr; p.pop()) {
    order += std::string(p.peek()->symbol) + std::to_string(p.peek()->time_ns / second) + " ";
  }
  EXPECT_EQ(order, "A10 B10 B25 A30 A20 B35 A40 ");
  EXPECT_EQ(p.rows(), 7u);
  EXPECT_EQ(p.time_columns(), "unix_s");
}

TEST(playback, numbers_its_rows_from_one) {
  scratch files;
  playback p({{files.write("v_a.csv", "unix_s,price,qty\n10,1,1\nbad,1,1\n20,1,1\n")}, {}, false});
  ASSERT_NE(p.peek(), nullptr);
  EXPECT_EQ(p.number(), 1u);
  p.pop();
  ASSERT_NE(p.peek(), nullptr);
  EXPECT_EQ(p.number(), 2u) << "a row that could not be read takes no number";
  EXPECT_EQ(p.skipped(), 1u);
}

TEST(playback, begins_anywhere_with_the_numbers_it_would_have_had) {
  scratch files;
  const auto trades = files.write("v_a.csv", "unix_s,trade_id,price,qty\n10,1,1,1\nbad,1,1,1\n30,2,1,1\n");
  const auto quotes = files.write("v_b.csv", "unix_s,bid,ask\n20,1,2\n");
  playback p({{trades, quotes}, {}, false});
  EXPECT_FALSE(p.skip_to(3, 1)) << "one row at a time";
  EXPECT_TRUE(p.skip_to(3, 100));
  EXPECT_EQ(p.number(), 3u);
  EXPECT_EQ(p.peek()->time_ns, 30 * second);
  EXPECT_FALSE(p.skip_to(5, 100)) << "there is no fifth";
  EXPECT_EQ(p.peek(), nullptr);
  EXPECT_EQ(p.rows(), 3u);

  playback looped({{trades, quotes}, {}, true});
  playback whole({{trades, quotes}, {}, true});
  ASSERT_TRUE(looped.skip_to(8, 100));
  for (int i = 1; i < 8; ++i, whole.pop()) ASSERT_NE(whole.peek(), nullptr);
  EXPECT_EQ(looped.number(), whole.number());
  EXPECT_EQ(looped.peek()->time_ns, whole.peek()->time_ns) << "in the third pass, with its times";
}

TEST(playback, loops_forward_in_time_with_ids_that_were_never_used) {
  scratch files;
  playback p(
      {{files.write("v_a.csv", "unix_s,trade_id,price,qty\n12,101,1,1\n10,100,1,1\n15,103,1,1\n15,x7,1,1\n"),
        files.write("v_q.csv", "unix_s,bid,ask\n11,1,2\n")},
       {},
       true});
  std::int64_t latest_of_pass = 0;
  std::int64_t latest = 0;
  std::set<std::string> ids;
  const int passes = 4;
  for (int i = 0; i < 5 * passes; ++i, p.pop()) {
    auto* row = p.peek();
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(p.number(), static_cast<std::uint64_t>(i + 1));
    if (i % 5 == 0) latest_of_pass = latest;
    EXPECT_GE(row->time_ns, latest_of_pass) << "row " << i;
    latest = std::max(latest, row->time_ns);
    if (const auto* trade = std::get_if<protocol::trade>(&row->value)) {
      EXPECT_EQ(trade->time_ns, row->time_ns);
      const auto id =
          trade->id.is == protocol::trade_id::kind::text ? *trade->id.text : std::to_string(trade->id.number);
      EXPECT_TRUE(ids.insert(id).second) << id << " came twice";
    } else {
      EXPECT_EQ(std::get<protocol::quote>(row->value).time_ns, row->time_ns);
    }
  }
  EXPECT_EQ(p.pass(), 4u);
  EXPECT_EQ(ids.size(), 4u * passes);
}

TEST(playback, counts_bad_rows_over_all_passes) {
  scratch files;
  playback p({{files.write("v_a.csv", "unix_s,price,qty\n10,1,1\nbad,1,1\n")}, {}, true});
  for (int i = 0; i < 3; ++i, p.pop()) ASSERT_NE(p.peek(), nullptr);
  EXPECT_EQ(p.skipped(), 3u);
}

TEST(playback, that_loops_over_nothing_ends) {
  scratch files;
  playback p({{files.write("v_a.csv", "unix_s,price,qty\nbad,1,1\n")}, {}, true});
  EXPECT_EQ(p.peek(), nullptr);
}

TEST(playback, stops_looping_before_times_overflow) {
  scratch files;
  playback p({{files.write("v_a.csv", "unix_s,price,qty\n0,1,1\n5000000000,1,1\n")}, {}, true});
  EXPECT_THROW(
      {
        for (int i = 0; i < 10; ++i, p.pop()) p.peek();
      },
      feed_error);
}

TEST(playback, names_each_files_column_when_they_differ) {
  scratch files;
  playback p({{files.write("v_a.csv", "trade_ms,price,qty\n"), files.write("v_b.csv", "recv_ns,bid,ask\n")},
              {},
              false});
  EXPECT_EQ(p.time_columns(), "trade_ms (v_a.csv), recv_ns (v_b.csv)");
}

TEST(playback, needs_a_file) {
  EXPECT_THROW(playback({{}, {}, false}), feed_error);
}

}  // namespace
}  // namespace tickcast::feeds
