#pragma once
#include <memory>
#include <optional>
#include <string>

#include "feeds/feed_clock.hpp"
#include "feeds/playback.hpp"
#include "feeds/source.hpp"

namespace tickcast::feeds {

struct replay_options {
  std::string name;  ///< of the feed, for the log
  playback_options what;
  double speed = 1;  ///< multiple of the recording's own pace, > 0; 0: as fast as credit allows
};

/// Plays recordings as a feed inside the server. Values keep their recorded times; `feed_seq` counts the rows
/// from 1. run() ends when the last row has been played, and goes on where it stopped when it is called
/// again. Thread: open() before the first run or on its thread; never two at once.
class replay_source final : public source {
public:
  /// `clock` outlives the source.
  replay_source(replay_options options, feed_clock& clock);

  void open() override;
  void run(const stop_signal& stop, feed_out& out) override;
  /// The files and the column each goes by.
  std::string endpoint() const override;

private:
  void play(const stop_signal& stop, feed_out& out);
  bool wait_for_credit(const stop_signal& stop, feed_out& out);
  void report_end();

  replay_options options_;
  feed_clock& clock_;
  std::optional<playback> playback_;
};

/// Hands a row of a playback to a sink.
void send_row(const recorded_row& row, std::uint64_t feed_seq, protocol::feed_sink& sink);

}  // namespace tickcast::feeds
