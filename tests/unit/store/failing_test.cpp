#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/unit/store/support.hpp"

namespace tickcast::store {
namespace {

using state = condition::state;

class failing : public testing::Test {
protected:
  void open(settings with) {
    store_.reset();
    store_ = std::make_unique<tick_store>(std::move(with));
    lane_ = store_->open_lane();
    lane_->name(0, "BTCUSDT");
  }
  void write(std::uint64_t rows) {
    for (const auto until = last_ + rows; last_ < until;) {
      ++last_;
      lane_->append(0, last_, trade_at(start_ns + static_cast<std::int64_t>(last_) * second_ns, last_));
    }
    lane_->commit();
    store_->turn();
  }
  std::size_t readable() { return must(store_->trades("BTCUSDT", {.limit = 10'000'000})).size(); }
  void wait_a_second() { *clock_ += second_ns; }

  scratch_directory scratch_;
  std::shared_ptr<std::int64_t> clock_ = std::make_shared<std::int64_t>(start_ns);
  std::unique_ptr<tick_store> store_;
  std::shared_ptr<lane> lane_;
  std::uint64_t last_ = 0;
};

/// While it lives no file of this process can grow.
class no_more_room {
public:
  no_more_room() {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit none{1, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  no_more_room(const no_more_room&) = delete;
  no_more_room& operator=(const no_more_room&) = delete;
  ~no_more_room() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
  rlimit before_{};
};

TEST_F(failing, files_that_cannot_grow_are_a_state_and_reads_go_on_from_memory) {
  open(by_hand(scratch_.path(), clock_));
  write(100);
  ASSERT_EQ(store_->condition().is, state::ok);
  {
    const no_more_room now;
    write(100);
    EXPECT_EQ(store_->condition().is, state::failing);
    EXPECT_NE(store_->condition().why, "");
    EXPECT_FALSE(store_->merge_trades("BTCUSDT", std::vector{trade_at(start_ns, 1'000'000)}));
    write(100);
    wait_a_second();
    write(100);
    EXPECT_EQ(store_->condition().is, state::failing);
    EXPECT_EQ(readable(), 400U);
    EXPECT_GT(store_->read_figures().failed_flushes, 1U);
    EXPECT_GT(store_->read_figures().backlog_bytes, 0U);
    lane_->commit();
    auto answer = store_->sync();
    store_->turn();
    EXPECT_FALSE(answer.get());
  }
  wait_a_second();
  write(100);
  EXPECT_EQ(store_->condition().is, state::ok) << store_->condition().why;
  EXPECT_EQ(store_->read_figures().backlog_bytes, 0U);
  EXPECT_EQ(store_->read_figures().lost_rows, 0U);
  must(store_->close());
  open(by_hand(scratch_.path(), clock_));
  EXPECT_EQ(readable(), 500U);
}

TEST_F(failing, what_does_not_fit_into_the_backlog_is_counted_and_is_a_hole) {
  auto with = by_hand(scratch_.path(), clock_);
  with.backlog_bytes = 4000;
  open(with);
  lane_->checkpoint(0, 0, "empty");
  write(100);
  {
    const no_more_room now;
    for (int i = 0; i < 50; ++i) write(100);
    EXPECT_EQ(readable(), 5100U) << "memory has them";
    EXPECT_LE(store_->read_figures().backlog_bytes, with.backlog_bytes);
  }
  wait_a_second();
  write(100);
  ASSERT_EQ(store_->condition().is, state::ok) << store_->condition().why;
  const auto lost = store_->read_figures().lost_rows;
  EXPECT_GT(lost, 0U);
  const auto holes = store_->holes(data_kind::trade, "BTCUSDT", 0, start_ns + day_ns);
  ASSERT_FALSE(holes.empty());
  must(store_->close());
  open(by_hand(scratch_.path(), clock_));
  EXPECT_EQ(readable(), last_ - lost);
  EXPECT_EQ(store_->holes(data_kind::trade, "BTCUSDT", 0, start_ns + day_ns), holes);
  const auto found = must(store_->recovered());
  ASSERT_FALSE(found.symbols.empty());
  EXPECT_FALSE(found.symbols[0].whole);
}

TEST_F(failing, a_directory_that_cannot_be_opened_is_a_state_and_what_came_meanwhile_moves_in_when_it_can) {
  const auto place = scratch_.path() + "/data";
  // What an earlier life left there.
  open(by_hand(place, clock_));
  write(50);
  lane_->checkpoint(0, last_, "of an earlier life");
  lane_->offset("sub", 5);
  lane_->state("old", "1");
  write(3);
  must(store_->close());
  store_.reset();
  std::filesystem::rename(place, scratch_.path() + "/away");
  std::ofstream(place) << "a file";

  open(by_hand(place, clock_));
  EXPECT_EQ(store_->condition().is, state::failing);
  EXPECT_NE(store_->condition().why.find(place), std::string::npos) << store_->condition().why;
  EXPECT_TRUE(must(store_->recovered()).symbols.empty());
  lane_->state("new", "2");
  lane_->append(0, "1m", bar_at(start_ns));
  write(100);
  lane_->append(0, ++last_, trade_at(start_ns, 70'000));
  lane_->cancel(0, ++last_, trade_at(start_ns, 60));
  EXPECT_FALSE(store_->sync().wait_for(std::chrono::seconds(0)) == std::future_status::ready);
  write(1);
  EXPECT_EQ(readable(), 101U);
  wait_a_second();
  write(1);
  EXPECT_EQ(store_->condition().is, state::failing);

  std::filesystem::remove(place);
  std::filesystem::rename(scratch_.path() + "/away", place);
  wait_a_second();
  write(1);
  EXPECT_EQ(store_->condition().is, state::ok) << store_->condition().why;
  write(1);
  const auto before = must(store_->trades("BTCUSDT", {.limit = 10'000}));
  EXPECT_EQ(before.size(), 53U + 104U);
  EXPECT_EQ(store_->state("old"), "1");
  must(store_->close());
  open(by_hand(place, clock_));
  EXPECT_EQ(must(store_->trades("BTCUSDT", {.limit = 10'000})), before);
  EXPECT_EQ(must(store_->bars("1m", "BTCUSDT", {})).size(), 1U);
  EXPECT_EQ(store_->state("new"), "2");
  const auto found = must(store_->recovered());
  ASSERT_FALSE(found.symbols.empty());
  EXPECT_FALSE(found.symbols[0].has_checkpoint) << "positions have begun anew since";
  EXPECT_FALSE(found.symbols[0].whole);
  EXPECT_TRUE(found.offsets.empty());
}

/// A file system of 24 MB of its own, in a mount namespace of its own: the test starts itself again there.
constexpr const char* small_disk = "TICKCAST_SMALL_DISK";

TEST_F(failing, a_full_disk_is_told_as_such_and_overcome) {
  const auto* disk = std::getenv(small_disk);
  if (!disk) {
    const auto command = "unshare -m sh -c 'mount -t tmpfs -o size=24m tmpfs " + scratch_.path() + " && " +
                         small_disk + "=" + scratch_.path() + " exec " +
                         std::filesystem::read_symlink("/proc/self/exe").string() +
                         " --gtest_filter=failing.a_full_disk_is_told_as_such_and_overcome'";
    if (std::system("unshare -m true 2>/dev/null") != 0)
      GTEST_SKIP() << "only root may mount a file system to fill";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return;
  }
  const auto ballast = std::string(disk) + "/ballast";
  std::ofstream(ballast) << std::string(std::size_t{12} << 20, 'x');
  auto with = by_hand(std::string(disk) + "/store", clock_);
  with.block_rows = 1024;
  open(with);
  for (int i = 0; i < 20'000 && store_->condition().is == state::ok; ++i) write(500);
  ASSERT_EQ(store_->condition().is, state::failing);
  EXPECT_NE(store_->condition().why.find("full"), std::string::npos) << store_->condition().why;
  write(500);
  EXPECT_EQ(readable(), last_);
  std::filesystem::remove(ballast);
  for (int i = 0; i < 100 && store_->condition().is != state::ok; ++i) {
    wait_a_second();
    write(1);
    ::usleep(50'000);
  }
  ASSERT_EQ(store_->condition().is, state::ok) << store_->condition().why;
  EXPECT_EQ(store_->read_figures().lost_rows, 0U);
  must(store_->close());
  open(by_hand(std::string(disk) + "/store", clock_));
  EXPECT_EQ(readable(), last_);
}

}  // namespace
}  // namespace tickcast::store
