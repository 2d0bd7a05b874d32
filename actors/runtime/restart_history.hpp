#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tickcast::actors {

/// One child that was gone: when, why, and for how long.
struct restart_record {
  enum class outcome : std::uint8_t { waiting, restarted, gave_up, stopped };

  std::uint64_t number = 0;  ///< rises by one
  std::int64_t at_us = 0;    ///< wall clock, when it ended
  std::string supervisor;    ///< path
  std::string child;
  std::string reason;
  std::optional<std::int64_t> down_ms{};  ///< until it ran again; none while it is gone
  outcome became = outcome::waiting;
};

/// The last restarts of all supervisors, the newest `kept` of them. Thread-safe.
class restart_history {
public:
  static constexpr std::size_t kept = 2000;

  /// Enters an end; returns its number.
  std::uint64_t begin(std::string supervisor, std::string child, std::string reason);
  /// Says what became of it. One that has left the ring already is left alone.
  void complete(std::uint64_t number, restart_record::outcome became, std::optional<std::int64_t> down_ms);
  /// Newest first.
  std::vector<restart_record> newest(std::size_t most = kept) const;
  /// Ends entered so far.
  std::uint64_t total() const;

private:
  mutable std::mutex mutex_;
  std::deque<restart_record> records_;
  std::uint64_t last_ = 0;
};

std::string_view to_string(restart_record::outcome became) noexcept;

}  // namespace tickcast::actors
