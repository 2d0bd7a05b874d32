#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "protocol/market.hpp"
#include "store/store.hpp"

namespace tickcast::store {

inline constexpr std::int64_t second_ns = 1'000'000'000;
inline constexpr std::int64_t day_ns = 86'400 * second_ns;
/// 2024-08-09 00:00 UTC
inline constexpr std::int64_t start_ns = 1'723'161'600 * second_ns;

/// A directory that goes with the test; in memory where the machine has such, for databases are opened often.
class scratch_directory {
public:
  scratch_directory() {
    const std::filesystem::path memory("/dev/shm");
    const auto above = ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
    std::string name = (above / "tickcast-store-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("no scratch directory");
    path_ = name;
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  ~scratch_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

/// A store without threads, with a clock that stands still until it is moved.
inline settings by_hand(std::string directory, std::shared_ptr<std::int64_t> clock = nullptr) {
  settings with;
  with.directory = std::move(directory);
  with.threads = false;
  with.block_rows = 16;
  with.lane_bytes = 1 << 20;
  if (!clock) clock = std::make_shared<std::int64_t>(start_ns);
  with.now_ns = [clock] { return *clock; };
  return with;
}

inline protocol::decimal number(const char* text) {
  return *protocol::decimal::parse(text);
}

inline protocol::trade trade_at(std::int64_t time_ns, std::uint64_t id = 0, const char* price = "61800.3",
                                const char* size = "0.006") {
  protocol::trade row{time_ns, number(price), number(size), protocol::side::buy, {}};
  if (id != 0) row.id = {protocol::trade_id::kind::number, id, nullptr};
  return row;
}

inline protocol::trade with_text_id(std::int64_t time_ns, const std::string& id) {
  auto row = trade_at(time_ns);
  row.id = {protocol::trade_id::kind::text, 0, std::make_shared<const std::string>(id)};
  return row;
}

inline protocol::quote quote_at(std::int64_t time_ns, const char* bid = "61800.2",
                                const char* ask = "61800.3") {
  return {time_ns, number(bid), number("2.507"), number(ask), number("2.51")};
}

inline protocol::bar bar_at(std::int64_t time_ns, const char* close = "61800.3", std::uint32_t rev = 0) {
  return {time_ns,
          number("61800"),
          number("61810.5"),
          number("61799.9"),
          number(close),
          number("12.25"),
          7,
          true,
          number("757000"),
          rev};
}

template <class T>
T must(protocol::expected<T> value) {
  if (!value) throw std::runtime_error(value.error().message);
  return std::move(*value);
}
inline void must(const protocol::expected<void>& value) {
  if (!value) throw std::runtime_error(value.error().message);
}

/// Numbers of the ids, to compare orders at a glance.
inline std::vector<std::uint64_t> ids_of(const std::vector<protocol::trade>& rows) {
  std::vector<std::uint64_t> ids;
  for (const auto& row : rows) ids.push_back(row.id.number);
  return ids;
}

}  // namespace tickcast::store
