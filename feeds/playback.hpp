#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "feeds/recording.hpp"

namespace tickcast::feeds {

struct playback_options {
  std::vector<std::string> files;  ///< at least one
  recording_options reading;       ///< for every file
  bool loop = false;               ///< begin again at the end, for ever
};

/// Several recordings as one stream of rows, merged by time: always the file whose next row is the oldest,
/// the first named one among equals. Within a file the order is the file's.
///
/// Looping shifts: each pass begins one second behind the latest time of the pass before, so that times never
/// run back over the seam, and trade ids go on rising (numbers by the span of ids of their symbol and pass,
/// texts get
/// `#2`, `#3` …), so that no trade of a later pass is taken for one that was seen.
/// Thread: one at a time.
class playback {
public:
  /// Opens all files. Throws feed_error when one does not fit.
  explicit playback(playback_options options);

  /// The next row, or nullptr at the end of what does not loop; the same until pop(). Throws feed_error when
  /// a file cannot be read on.
  recorded_row* peek();
  void pop();
  /// The number of the row under peek(), from 1, rising over all passes: its feed_seq.
  std::uint64_t number() const noexcept { return popped_ + 1; }
  /// Passes over rows up to the one with this number, or at most so many; whether it is under peek() now.
  bool skip_to(std::uint64_t number, std::uint64_t most);

  std::uint64_t rows() const noexcept { return popped_; }  ///< handed out and popped
  std::uint64_t skipped() const;                           ///< could not be read, over all passes
  std::uint64_t pass() const noexcept { return pass_; }    ///< from 1
  const std::deque<recording>& recordings() const noexcept { return recordings_; }
  /// "trade_ms (a.csv), recv_ns (b.csv)", or the bare name when all go by the same.
  std::string time_columns() const;

private:
  struct id_span {
    std::uint64_t lowest;
    std::uint64_t highest;
  };

  void open();
  bool rewind();
  recording* oldest();
  void note(const recorded_row& row);
  void shift(recorded_row& row) const;

  playback_options options_;
  std::deque<recording> recordings_;
  recording* current_ = nullptr;
  std::uint64_t popped_ = 0;
  std::uint64_t skipped_before_ = 0;  ///< in earlier passes
  std::uint64_t pass_ = 1;
  std::int64_t shift_ns_ = 0;
  std::optional<std::int64_t> earliest_ns_;  ///< of the first pass, as recorded
  std::int64_t latest_ns_ = 0;
  std::unordered_map<std::string, id_span> ids_;  ///< of the first pass, by symbol
};

}  // namespace tickcast::feeds
