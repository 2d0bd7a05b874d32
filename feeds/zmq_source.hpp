#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <zmq.hpp>

#include "feeds/curve.hpp"
#include "feeds/curve_gate.hpp"
#include "feeds/peer_watch.hpp"
#include "feeds/source.hpp"

namespace tickcast::feeds {

/// Takes one body apart into a sink: protocol::decode_feed, or protocol::decode_service through
/// decode_service_body.
using body_decoder = void (*)(std::string_view body, protocol::feed_format format, protocol::feed_sink& sink);

/// decode_service as a body_decoder; it tells the formats apart by itself.
void decode_service_body(std::string_view body, protocol::feed_format format, protocol::feed_sink& sink);

struct zmq_options {
  enum class pattern : std::uint8_t {
    sub,   ///< subscribes to everything
    pull,  ///< takes its share of what is pushed
  };
  std::string name;  ///< of the feed; begins every error, and is its ZAP domain
  pattern kind = pattern::pull;
  bool bind = true;
  std::vector<std::string> endpoints;  ///< at least one; all on one socket
  int receive_hwm = 100'000;           ///< messages libzmq holds for us, a peer; 0: without bound
  std::int64_t most_bytes = std::int64_t{16}
                            << 20;  ///< a peer that sends a longer frame is disconnected by libzmq
  protocol::feed_format format = protocol::feed_format::automatic;
  curve_keys curve;
  body_decoder decode = &protocol::decode_feed;
  actors::feed_peers* peers = nullptr;  ///< where to count peers; null: nowhere. Outlives the source
};

/// How a feed's socket is called when CURVE keys are checked (curve_gate).
std::string zap_domain_of(const std::string& feed);

/// A turn ends after this many messages or bytes, whichever comes first; what was read is then flushed.
inline constexpr std::size_t turn_messages = 1024;
inline constexpr std::size_t turn_bytes = std::size_t{256} << 10;

/// Reads one ZeroMQ socket, SUB or PULL: waits, drains what is there (a turn, bounded), decodes it where it
/// lies, flushes. Messages have one frame, or two: [topic, body]. A message with more frames is refused as
/// malformed. Out of credit it stops reading, and the high-water marks hold the senders back (PUSH) or make
/// them drop (PUB).
///
/// The socket belongs to the source and outlives a run that failed: what waits in it is not lost. Its peers
/// are counted while it runs and while it rests. Thread: open() before the first run or on its thread; never
/// two at once. A message that makes the decoder throw is lost; the next run goes on behind it.
class zmq_source final : public source {
public:
  /// `gate`: needed when options.curve.allowed is not empty. Throws feed_error for keys that do not fit.
  zmq_source(zmq::context_t& context, zmq_options options, std::shared_ptr<curve_gate> gate = nullptr);

  void open() override;
  void run(const stop_signal& stop, feed_out& out) override;
  void rest(const stop_signal& stop) override;
  std::string endpoint() const override { return endpoint_; }

private:
  enum class turn : std::uint8_t { drained, more, ended };
  void set_options(zmq::socket_t& socket) const;
  bool wait_for(zmq_pollitem_t what, const stop_signal& stop);
  void close();
  turn take_turn(feed_out& out);
  bool skip_rest(zmq::message_t& frame);

  zmq::context_t& context_;
  zmq_options options_;
  std::shared_ptr<curve_gate> gate_;
  zmq::socket_t socket_;
  std::optional<peer_watch> watch_;
  std::string endpoint_;
};

}  // namespace tickcast::feeds
