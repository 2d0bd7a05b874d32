#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <zmq.hpp>

#include "feeds/curve.hpp"
#include "feeds/feed_clock.hpp"
#include "feeds/playback.hpp"
#include "protocol/frame.hpp"

namespace tickcast::feeds {

struct sender_options {
  std::string endpoint;
  bool bind = false;     ///< else connects
  bool publish = false;  ///< PUB, to all who subscribe; else PUSH, to who takes it
  protocol::encoding format = protocol::encoding::msgpack;
  int send_hwm = 100'000;  ///< messages held for a peer; beyond it sending waits
  std::size_t batch = 1;   ///< most maps in one message, of those that are due at once
  int linger_ms = 10'000;  ///< how long the end waits for the last messages to leave
  curve_keys curve;
};

/// What a replay over ZeroMQ has come to.
struct sent_count {
  std::uint64_t rows = 0;
  std::uint64_t messages = 0;
  bool complete = false;  ///< false: it was stopped before the end
};

/// Sends a playback as feed messages, each row a map with its `feed_seq`, paced by its times. A peer that
/// does not keep up holds it back, PUB too: a recording arrives whole or waits. Thread: one at a time. Its
/// destructor lingers.
class replay_sender {
public:
  /// Opens the socket. Throws feed_error.
  replay_sender(zmq::context_t& context, const sender_options& options);

  /// The endpoint, with the port that was taken.
  const std::string& endpoint() const noexcept { return options_.endpoint; }
  /// Until somebody is connected (PUSH) or has subscribed (PUB). False: the stop, or `timeout_ms` (-1: none)
  /// came first.
  bool wait_for_peer(const stop_signal& stop, int timeout_ms);
  /// Plays to the end or the stop. `speed` as in pace. Throws feed_error when a recording or the socket
  /// fails.
  sent_count play(playback& what, double speed, feed_clock& clock, const stop_signal& stop);
  /// Leaves what was not sent behind: the destructor does not wait.
  void abandon();

private:
  void append(const recorded_row& row, std::uint64_t feed_seq);
  bool send_gathered(const stop_signal& stop, sent_count& count);
  short wait(short events, const stop_signal& stop, int timeout_ms);

  sender_options options_;
  zmq::socket_t socket_;
  std::string gathered_;
  std::size_t maps_ = 0;
};

}  // namespace tickcast::feeds
