#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "actors/clients/client_link.hpp"
#include "net/asio.hpp"
#include "net/beast_stream.hpp"
#include "net/peer.hpp"
#include "net/session.hpp"
#include "net/shard_context.hpp"

namespace tickcast::net {

/// What client and server have agreed to speak.
struct subprotocol {
  protocol::encoding encoding = protocol::encoding::json;
  std::string_view name;  ///< as the client offered it; empty: none was known, plain JSON is spoken
};

/// The first of the offered names (a Sec-WebSocket-Protocol value) that we speak: tickcast.v1.msgpack,
/// tickcast.v1.json or tickcast.v1, which is JSON.
subprotocol choose_subprotocol(std::string_view offered);

/// What the HTTP session learned.
struct websocket_terms {
  subprotocol agreed;
  bool echo = false;
  std::string remote;
  std::shared_ptr<const access::credentials> shown = nullptr;  ///< null: nothing
};

/// One client's WebSocket: Beast for handshake, framing and control frames; our own finished frames beside
/// it, through the same outbound queue.
///
/// Its peer gets whole messages, in order, and appends frames by actors::client_link. While
/// limits.queue_bytes wait for the client nothing is read from it. At most one ping and one close are ever
/// outstanding at Beast. Ends: close() (what is queued goes first), kick (the close goes first), the client's
/// close, a protocol error (1002, 1007, 1009), a time-out, a lost connection.
///
/// Owned by the session list and by Beast's pending operations. Thread: the shard's.
class websocket_session final : public session, public actors::client_link, private queue_watcher {
public:
  websocket_session(shard_context& context, queue_ptr queue, std::string unread, websocket_terms terms);
  ~websocket_session() override;

  /// Answers the handshake and begins to read.
  void accept(const http::request<http::string_body>& request);

  actors::sent append(const protocol::frame_ptr& frame) noexcept override;
  actors::sent answer(const protocol::frame_ptr& frame) noexcept override;
  void expect_append() const noexcept override { queue_->expect_append(); }
  std::size_t queued_bytes() const noexcept override { return queue_->bytes(); }
  void close(protocol::close_code code) noexcept override;
  void close(std::uint16_t code, std::string_view reason) noexcept override;

  void sweep(clock::time_point now) override;
  void shut(protocol::close_code code) override { close(code); }
  void abort() override { queue_->abort(); }
  bool describe(connection_row& row) override;
  bool kick(std::uint64_t id, std::uint16_t code, const std::string& reason) override;

private:
  /// No permessage-deflate: `false` saves its tables. When compression comes, frames are compressed once a
  /// class and Beast only negotiates, which `true` costs nothing until it happens.
  using stream = websocket::stream<beast_stream, false>;
  enum class state : unsigned char { handshake, open, closing, ended };

  void on_accept(error_code ec);
  void read();
  void on_read(error_code ec, std::size_t bytes, std::size_t before);
  void on_message();
  void kick(protocol::close_code code);
  void begin_close(protocol::close_code code);
  void begin_close(std::uint16_t code, std::string_view reason);
  void ping(clock::time_point now);
  void sweep_open(clock::time_point now);
  void sweep_stalled(clock::time_point now);
  void note_end(error_code ec);
  void end();
  counter& open_count() noexcept;

  void room_again() override;
  void all_sent() override {}
  void broken() override;

  // What an append reads comes first.
  queue_ptr queue_;
  state state_ = state::handshake;
  bool peer_waits_ = false;  // was told over_budget
  shard_context& context_;
  stream stream_;
  std::unique_ptr<peer> peer_;
  std::string message_;
  std::string remote_;
  std::shared_ptr<const access::credentials> shown_;
  clock::time_point ticked_;      // the peer was last told that time passes
  clock::time_point heard_;       // from the client, anything
  clock::time_point pinged_;      // zero: no ping is unanswered
  clock::time_point appended_;    // for the client, anything but control frames
  clock::time_point progressed_;  // the socket took bytes, or had none to take
  clock::time_point closing_since_;
  std::uint16_t end_code_ = 0;  // what the metrics count
  protocol::encoding encoding_;
  bool echo_;
  bool paused_ = false;  // not reading: over budget
  bool ping_pending_ = false;
  bool close_pending_ = false;
  bool close_at_open_ = false;
};

}  // namespace tickcast::net
