#include "actors/runtime/restart_history.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tickcast::actors {

std::uint64_t restart_history::begin(std::string supervisor, std::string child, std::string reason) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::lock_guard guard{mutex_};
  records_.push_back({.number = ++last_,
                      .at_us = std::chrono::duration_cast<std::chrono::microseconds>(now).count(),
                      .supervisor = std::move(supervisor),
                      .child = std::move(child),
                      .reason = std::move(reason)});
  if (records_.size() > kept) records_.pop_front();
  return last_;
}

void restart_history::complete(std::uint64_t number, restart_record::outcome became,
                               std::optional<std::int64_t> down_ms) {
  std::lock_guard guard{mutex_};
  if (records_.empty() || number < records_.front().number || number > last_) return;
  auto& record = records_[number - records_.front().number];
  record.became = became;
  record.down_ms = down_ms;
}

std::vector<restart_record> restart_history::newest(std::size_t most) const {
  std::lock_guard guard{mutex_};
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, records_.size()));
  return {records_.rbegin(), records_.rbegin() + count};
}

std::uint64_t restart_history::total() const {
  std::lock_guard guard{mutex_};
  return last_;
}

std::string_view to_string(restart_record::outcome became) noexcept {
  switch (became) {
    case restart_record::outcome::waiting:
      return "waiting";
    case restart_record::outcome::restarted:
      return "restarted";
    case restart_record::outcome::gave_up:
      return "gave up";
    case restart_record::outcome::stopped:
      return "stopped";
  }
  return "waiting";
}

}  // namespace tickcast::actors
