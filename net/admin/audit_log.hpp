#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace tickcast::net::admin {

/// One action of an operator.
struct audit_entry {
  std::int64_t at_us = 0;
  std::string who;
  std::string role;
  std::string remote;
  std::string action;
  std::string target;
  std::string data;     ///< the request's body
  std::string outcome;  ///< "done", or why not
};

/// Who did what, when, and what came of it: appended to a file, one JSON object a line, the newest also kept
/// at hand. A file that cannot be written is told in the log and counted; the action is not held up.
/// Thread: the admin's.
class audit_log {
public:
  static constexpr std::size_t kept = 1000;

  /// Reads the newest entries of an earlier run. An empty path: memory alone. Throws std::runtime_error when
  /// the file cannot be opened.
  explicit audit_log(const std::string& path);
  ~audit_log();
  audit_log(const audit_log&) = delete;
  audit_log& operator=(const audit_log&) = delete;

  void add(audit_entry what);
  /// Oldest first.
  const std::deque<audit_entry>& entries() const noexcept { return entries_; }
  std::uint64_t failures() const noexcept { return failures_; }

private:
  int fd_ = -1;
  std::deque<audit_entry> entries_;
  std::uint64_t failures_ = 0;
};

}  // namespace tickcast::net::admin
