#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tickcast::tools {

/// "trades.csv.gz  [########            ]  40%  1,234,567 rows". `share`: from 0 to 1.
std::string progress_text(std::string_view what, double share, std::uint64_t rows);

/// A line on stderr that is written over as work goes on; nothing where stderr is no terminal. Thread: one.
class progress_bar {
public:
  progress_bar();
  /// Clears the line.
  ~progress_bar();
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  /// Seldom enough to cost nothing.
  void show(std::string_view what, double share, std::uint64_t rows);
  /// Takes the line away, so that something else can be written.
  void clear();

private:
  bool on_terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace tickcast::tools
