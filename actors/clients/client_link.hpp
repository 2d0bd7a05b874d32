#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "access/identity.hpp"
#include "protocol/codes.hpp"
#include "protocol/frame.hpp"

namespace tickcast::actors {

/// What became of a frame handed to a client.
enum class sent : std::uint8_t {
  queued,       ///< will be written
  over_budget,  ///< not queued: the client has limits.queue_bytes waiting; `drained` follows
  closed,       ///< the connection is closing, nothing more goes out
};

/// All that an actor knows of a socket. A WebSocket session of net/ implements it; both live on one thread.
class client_link {
public:
  /// Appends an update. Refused above the byte budget; the link then reports `drained` to its connection
  /// once, as soon as no more than a quarter of the budget is waiting.
  virtual sent append(const protocol::frame_ptr& frame) noexcept = 0;
  /// Appends an answer (reply, error, gap): never refused for the budget. Bounded because a session reads no
  /// further command while it is over its budget.
  virtual sent answer(const protocol::frame_ptr& frame) noexcept = 0;
  /// An append is near: asks for the memory it will touch, and nothing else. With many clients that has left
  /// the caches by the time each of them is served.
  virtual void expect_append() const noexcept {}
  /// Bytes that wait in the outbound queue.
  virtual std::size_t queued_bytes() const noexcept = 0;
  /// Starts the closing handshake; what was queued before goes out first.
  virtual void close(protocol::close_code code) noexcept = 0;
  /// The same with a code and reason of somebody else's: 1000 to 4999, at most 123 bytes.
  virtual void close(std::uint16_t code, std::string_view reason) noexcept = 0;

protected:
  ~client_link() = default;
};

/// What is known of a client when its WebSocket opens.
struct client_info {
  std::string remote;  ///< "address:port"
  protocol::encoding encoding = protocol::encoding::json;
  /// What came with the handshake; null: nothing.
  std::shared_ptr<const access::credentials> shown = nullptr;
};

}  // namespace tickcast::actors
