#pragma once
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "tests/unit/store/support.hpp"

// What the process that is killed and the one that looks at what it left agree on.
namespace tickcast::store {

inline constexpr std::uint64_t rows_of_turn = 50;
inline constexpr std::uint64_t rows_to_checkpoint = 700;

/// A number in a file, which outlives the process that writes it.
class shared_number {
public:
  explicit shared_number(const std::string& file) {
    const int opened = ::open(file.c_str(), O_RDWR | O_CREAT, 0600);
    if (opened < 0 || ::ftruncate(opened, sizeof(value_type)) != 0) throw std::runtime_error(file);
    void* mapped = ::mmap(nullptr, sizeof(value_type), PROT_READ | PROT_WRITE, MAP_SHARED, opened, 0);
    ::close(opened);
    if (mapped == MAP_FAILED) throw std::runtime_error(file);
    value_ = static_cast<value_type*>(mapped);
  }
  shared_number(const shared_number&) = delete;
  shared_number& operator=(const shared_number&) = delete;
  ~shared_number() { ::munmap(value_, sizeof(value_type)); }
  std::atomic<std::uint64_t>& operator*() noexcept { return *value_; }

private:
  using value_type = std::atomic<std::uint64_t>;
  value_type* value_ = nullptr;
};

inline settings settings_of_kill(const std::string& directory, bool threads) {
  settings with;
  with.directory = directory;
  with.flush = std::chrono::milliseconds(2);
  with.block_rows = 64;
  with.journal_bytes = 2 << 20;
  with.threads = threads;
  return with;
}

inline protocol::trade numbered(std::uint64_t number) {
  // Now and then a row is late, so that late blocks are part of it.
  const auto time = static_cast<std::int64_t>(number % 13 == 0 ? number - 12 : number);
  return trade_at(start_ns + time * 1'000'000, number);
}

inline std::uint64_t last_row(const tick_store& of) {
  std::uint64_t last = 0;
  for (const auto& row : must(of.trades("BTCUSDT", {.limit = 100'000'000})))
    last = std::max(last, row.id.number);
  return last;
}

}  // namespace tickcast::store
