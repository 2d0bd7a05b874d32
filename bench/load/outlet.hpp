#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/payload.hpp"

namespace tickcast::bench {

/// Where the publisher puts its updates. Used by one thread.
class outlet {
public:
  virtual ~outlet() = default;
  virtual void add(const update& what) = 0;
  /// Hands over what was added as far as that goes without waiting, and reads what the server answers.
  virtual void flush() = 0;
  /// Bytes that flush could not hand over yet.
  virtual std::size_t pending() const = 0;
  /// Waits until more can be handed over, `timeout_ms` at most.
  virtual void wait(int timeout_ms) = 0;
};

/// Feed messages in MessagePack over a ZeroMQ PUSH socket, decimals as strings; one map a message.
std::unique_ptr<outlet> make_zmq_outlet(const std::string& endpoint, const shape& of, std::uint32_t topics);

/// How updates are put on a byte stream.
enum class framing : std::uint8_t {
  lines,  ///< `topic TAB json LF`, the same on every connection
  nats,   ///< PUB on the first connection
  nchan,  ///< HTTP POST, pipelined; a topic stays on one connection
};

/// TCP connections to 127.0.0.1 at `ports`, one each.
std::unique_ptr<outlet> make_stream_outlet(framing as, const std::vector<std::uint16_t>& ports,
                                           const shape& of, std::uint32_t topics);

}  // namespace tickcast::bench
