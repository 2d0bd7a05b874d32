// A process that writes numbered rows is killed at random moments; what it leaves must be whole.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <thread>

#include "tests/unit/store/kill.hpp"

namespace tickcast::store {
namespace {

pid_t start_child(const std::string& directory) {
  const auto child = ::fork();
  if (child == 0) {
    ::execl(TICKCAST_KILL_CHILD, "store_kill_child", directory.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  return child;
}

void check_rows(const tick_store& store, std::uint64_t safe) {
  auto rows = must(store.trades("BTCUSDT", {.limit = 100'000'000}));
  ASSERT_TRUE(std::is_sorted(rows.begin(), rows.end(),
                             [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; }));
  auto ids = ids_of(rows);
  std::sort(ids.begin(), ids.end());
  for (std::size_t i = 0; i < ids.size(); ++i) ASSERT_EQ(ids[i], i + 1) << "a row is missing, or there twice";
  for (const auto& row : rows) ASSERT_EQ(row, numbered(row.id.number));
  ASSERT_GE(ids.size(), safe) << "a row was lost that a sync had said is safe";
  ASSERT_EQ(ids.size() % rows_of_turn, 0U) << "a turn was torn";
}

void check_recovery(const tick_store& store, std::uint64_t rows) {
  auto found = must(store.recovered());
  ASSERT_EQ(found.symbols.size(), 1U);
  const auto& symbol = found.symbols[0];
  ASSERT_TRUE(symbol.whole);
  ASSERT_EQ(symbol.position, rows / rows_to_checkpoint * rows_to_checkpoint);
  if (symbol.has_checkpoint) {
    ASSERT_EQ(symbol.checkpoint, std::to_string(symbol.position));
  }
  auto position = symbol.position;
  recovered_row row;
  while (must(found.rows->next(row))) {
    ASSERT_EQ(row.position, ++position);
    ASSERT_EQ(row.trade, numbered(position));
  }
  ASSERT_EQ(position, rows);
  ASSERT_EQ(found.offsets.size(), 1U);
  ASSERT_EQ(found.offsets[0].highest, rows);
}

TEST(kill, at_any_moment_costs_no_row_that_was_flushed) {
  scratch_directory scratch;
  shared_number safe(scratch.path() + "/safe");
  std::mt19937 random(std::random_device{}());
  for (int kill = 0; kill < 50 && !HasFatalFailure(); ++kill) {
    const auto before = (*safe).load();
    const auto child = start_child(scratch.path());
    ASSERT_GT(child, 0);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while ((*safe).load() == before && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 40'000));
    ASSERT_EQ(::waitpid(child, nullptr, WNOHANG), 0) << "the child ended by itself";
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ASSERT_GT((*safe).load(), before);
    // A copy is looked at: closing it in order would leave nothing of what the next child has to cope with.
    const auto copy = scratch.path() + "/copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(scratch.path() + "/store", copy, std::filesystem::copy_options::recursive);
    tick_store store(settings_of_kill(copy, false));
    ASSERT_EQ(store.condition().is, condition::state::ok) << store.condition().why;
    check_rows(store, (*safe).load());
    if (HasFatalFailure()) return;
    check_recovery(store, last_row(store));
  }
}

}  // namespace
}  // namespace tickcast::store
