#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace tickcast::tools {

/// Sets up the process's logger from [log]: a thread of its own writes, to stderr or the file, as text or as
/// one JSON object a line. Nobody who logs ever waits: what does not fit into the queue drops the oldest
/// line, and what the other end does not take (a pipe nobody reads) is dropped by the thread. Both are
/// counted. Throws std::runtime_error when the file cannot be opened. Undone by the destructor, which
/// flushes.
class logging {
public:
  explicit logging(const config::log_section& section);
  ~logging();
  logging(const logging&) = delete;
  logging& operator=(const logging&) = delete;

  /// Lines dropped so far. Any thread.
  static std::uint64_t dropped() noexcept;
  /// Lines of that level (spdlog's) that reached the log's thread. Any thread.
  static std::uint64_t lines(int level) noexcept;
  /// Lines that wait for the log's thread, and how many may. Any thread.
  static std::size_t waiting();
  static constexpr std::size_t queue_bound = 8192;

  struct line {
    std::uint64_t seq = 0;  ///< rises by one
    std::int64_t at_us = 0;
    int level = 0;  ///< spdlog's
    std::string component;
    std::string text;
  };
  /// The newest lines after this number, oldest first; at most `kept` are held. Any thread.
  static std::vector<line> newest(std::uint64_t after);
  static constexpr std::size_t kept = 2000;
};

}  // namespace tickcast::tools
