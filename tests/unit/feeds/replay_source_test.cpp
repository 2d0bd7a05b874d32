#include "feeds/replay_source.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "feeds/pace.hpp"
#include "tests/unit/feeds/files.hpp"
#include "tests/unit/feeds/recorder.hpp"
#include "tests/unit/feeds/virtual_clock.hpp"

namespace tickcast::feeds {
namespace {

using test::recorder;
using test::running;
using test::scratch;
using test::virtual_clock;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t millisecond = 1'000'000;

replay_options options(std::vector<std::string> files, double speed, bool loop = false) {
  return {"replay", {std::move(files), {}, loop}, speed};
}

/// When, since the begin, each sleep ended.
std::vector<std::int64_t> wake_ups(virtual_clock& clock, source& s, recorder& out) {
  std::vector<std::int64_t> result;
  const auto begin = clock.steady_ns();
  clock.on_sleep([&](virtual_clock& c) { result.push_back(c.steady_ns() - begin); });
  stop_signal stop;
  s.run(stop, out);
  clock.on_sleep(nullptr);
  return result;
}

TEST(replay_source, keeps_the_recordings_own_pace) {
  scratch files;
  virtual_clock clock;
  recorder out;
  replay_source s(
      options({files.write("v_a.csv", "unix_s,price,qty\n100,1,1\n101,2,1\n101,3,1\n104,4,1\n")}, 1), clock);
  EXPECT_EQ(wake_ups(clock, s, out), (std::vector<std::int64_t>{1 * second, 4 * second}));
  const auto items = out.items();
  ASSERT_EQ(items.size(), 4u);
  for (std::size_t i = 0; i < items.size(); ++i) EXPECT_EQ(items[i].feed_seq, i + 1);
  EXPECT_EQ(items[3].trade().time_ns, 104 * second) << "values keep their recorded time";
  EXPECT_EQ(items[3].symbol, "A");
  EXPECT_GE(out.flushes(), 3u) << "what is due goes out before each sleep";
}

TEST(replay_source, plays_ten_times_faster) {
  scratch files;
  virtual_clock clock;
  recorder out;
  replay_source s(options({files.write("v_a.csv", "unix_s,price,qty\n100,1,1\n101,2,1\n104,4,1\n")}, 10),
                  clock);
  EXPECT_EQ(wake_ups(clock, s, out), (std::vector<std::int64_t>{100 * millisecond, 400 * millisecond}));
}

TEST(replay_source, does_not_drift_when_it_wakes_up_late) {
  scratch files;
  virtual_clock clock;
  clock.oversleep_by(3 * millisecond);
  recorder out;
  std::string text = "unix_s,price,qty\n";
  for (int i = 0; i <= 50; ++i) text += std::to_string(100 + i) + ",1,1\n";
  replay_source s(options({files.write("v_a.csv", text)}, 1), clock);
  EXPECT_EQ(wake_ups(clock, s, out).back(), 50 * second + 3 * millisecond);
}

TEST(replay_source, sends_rows_whose_time_runs_back_at_once) {
  scratch files;
  virtual_clock clock;
  recorder out;
  replay_source s(
      options({files.write("v_a.csv", "unix_s,price,qty\n100,1,1\n103,2,1\n101,3,1\n104,4,1\n")}, 1), clock);
  EXPECT_EQ(wake_ups(clock, s, out), (std::vector<std::int64_t>{3 * second, 4 * second}));
  EXPECT_EQ(out.items()[2].trade().time_ns, 101 * second);
}

TEST(replay_source, never_sleeps_at_full_speed) {
  scratch files;
  virtual_clock clock;
  recorder out;
  replay_source s(options({files.write("v_a.csv", "unix_s,price,qty\n100,1,1\n9999,2,1\n")}, 0), clock);
  EXPECT_TRUE(wake_ups(clock, s, out).empty());
  EXPECT_EQ(out.count(), 2u);
}

TEST(replay_source, stops_in_the_middle_and_goes_on_there) {
  scratch files;
  virtual_clock clock;
  recorder out;
  replay_source s(options({files.write("v_a.csv", "unix_s,price,qty\n100,1,1\n200,2,1\n300,3,1\n")}, 1),
                  clock);
  {
    stop_signal stop;
    clock.on_sleep([&](virtual_clock&) { stop.request(); });
    s.run(stop, out);
    EXPECT_EQ(out.count(), 1u);
  }
  clock.on_sleep(nullptr);
  stop_signal go;
  s.run(go, out);
  const auto items = out.items();
  ASSERT_EQ(items.size(), 3u);
  EXPECT_EQ(items[1].trade().time_ns, 200 * second);
  EXPECT_EQ(items[2].feed_seq, 3u);
}

TEST(replay_source, goes_on_behind_a_failure) {
  scratch files;
  virtual_clock clock;
  recorder out;
  out.throw_at(2);
  replay_source s(options({files.write("v_a.csv", "unix_s,price,qty\n100,1,1\n200,2,1\n300,3,1\n")}, 0),
                  clock);
  stop_signal stop;
  EXPECT_THROW(s.run(stop, out), std::runtime_error);
  EXPECT_EQ(out.flushes(), 1u) << "what had gathered goes out";
  s.run(stop, out);
  EXPECT_EQ(out.count(), 3u);
}

TEST(replay_source, waits_for_credit_at_full_speed) {
  scratch files;
  std::string text = "unix_s,price,qty\n";
  const std::size_t rows = 5000;
  for (std::size_t i = 0; i < rows; ++i) text += "100,1,1\n";
  system_clock clock;
  recorder out;
  out.grant_up_to(1000);
  replay_source s(options({files.write("v_a.csv", text)}, 0), clock);
  running thread(s, out);
  ASSERT_TRUE(out.wait_until_out_of_credit());
  EXPECT_LT(out.count(), 1000u + 512u) << "at most one turn beyond the credit";
  out.grant_up_to(rows + 1);
  thread.join();
  EXPECT_EQ(thread.failure(), "");
  EXPECT_EQ(out.count(), rows);
}

TEST(replay_source, ends_at_once_when_told_to_while_it_sleeps) {
  scratch files;
  system_clock clock;
  recorder out;
  replay_source s(options({files.write("v_a.csv", "unix_s,price,qty\n100,1,1\n100000,2,1\n")}, 1), clock);
  running thread(s, out);
  ASSERT_TRUE(out.wait_for_items(1));
  const auto begin = std::chrono::steady_clock::now();
  thread.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  EXPECT_EQ(out.count(), 1u);
}

TEST(replay_source, says_at_opening_what_is_missing) {
  scratch files;
  system_clock clock;
  replay_source s(options({files.path("none.csv")}, 1), clock);
  EXPECT_THROW(s.open(), feed_error);
}

TEST(pace, bears_times_at_both_ends_of_the_range) {
  pace p(0.001);
  EXPECT_EQ(p.due_ns(0, 7), 7);
  EXPECT_GT(p.due_ns(INT64_MAX, 7), second);
}

}  // namespace
}  // namespace tickcast::feeds
