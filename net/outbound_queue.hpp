#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "actors/clients/client_link.hpp"
#include "net/asio.hpp"
#include "net/frame_ring.hpp"
#include "net/transport.hpp"

namespace tickcast::net {

class flusher;

/// Told what becomes of a queue. Called on the shard's thread, from a flush; may push again.
class queue_watcher {
public:
  /// After `want_room()`: no more than a quarter of the budget waits.
  virtual void room_again() = 0;
  /// After `want_sent()`: the last byte is with the kernel.
  virtual void all_sent() = 0;
  /// The socket failed or was aborted, and everything queued is gone. Called once, in a later handler.
  virtual void broken() = 0;

protected:
  ~queue_watcher() = default;
};

/// One of listen.max_connections; gives it back when it goes.
class connection_slot {
public:
  explicit connection_slot(std::atomic<std::size_t>& open) noexcept : open_(&open) { ++open; }
  connection_slot(connection_slot&& other) noexcept : open_(std::exchange(other.open_, nullptr)) {}
  connection_slot& operator=(connection_slot&&) = delete;
  ~connection_slot() {
    if (open_ != nullptr) --*open_;
  }

private:
  std::atomic<std::size_t>* open_;
};

/// All that leaves through one socket: updates, answers, what Beast writes, HTTP. The only writer of that
/// socket.
///
/// What is pushed goes out when the turn ends (see flusher), in as few gathering writes as the kernel takes.
/// Order: as pushed, but pings and pongs go before everything except the rest of a frame that is half sent.
/// After a close frame data is refused. An empty queue owns no buffer after the next sweep.
///
/// Owned by the sessions and by the pending operations that use it; the last one closes the socket.
/// Thread: the shard's.
class outbound_queue : public shard_counted<outbound_queue> {
public:
  using clock = std::chrono::steady_clock;

  /// Waiting control bytes above which Beast is not told that its write is done, so that a client that pings
  /// without reading stops being read.
  static constexpr std::size_t control_limit = 4096;

  outbound_queue(flusher& through, std::unique_ptr<transport> over, connection_slot slot);
  ~outbound_queue();

  /// An update: refused when it does not fit the budget, unless nothing waits at all.
  actors::sent append(const protocol::frame_ptr& frame);
  /// Asks for the memory that append() will touch.
  void expect_append() const noexcept {
    const auto* begin = reinterpret_cast<const char*>(this);
    for (std::size_t at = 0; at < sizeof *this; at += 64) __builtin_prefetch(begin + at, 1);
  }
  /// Asks for what flush() will read beyond the queue itself.
  void expect_flush() const noexcept {
    __builtin_prefetch(transport_.get());
    ring_.prefetch();
  }
  /// An answer: not subject to the budget.
  actors::sent answer(const protocol::frame_ptr& frame);
  /// HTTP bytes: the payload alone, in order. False: the queue is broken.
  bool send_bytes(const protocol::frame_ptr& payload);
  /// Bytes that Beast wrote: a handshake answer in order, a ping or pong first, a close frame last. False:
  /// the queue is broken, or the bytes are a data frame, which Beast must not send.
  bool send_from_beast(const protocol::frame_ptr& payload);

  /// Writes until the queue is empty or the kernel takes no more; then waits for the socket by itself.
  void flush(clock::time_point now);
  /// Drops all but the rest of a half-sent frame: what is pushed next (a close) goes out first.
  void drop_unsent();
  /// Closes the socket at once, with a reset.
  void abort();

  void watch(queue_watcher* watcher) noexcept { watcher_ = watcher; }
  void want_room() noexcept { wants_room_ = true; }
  void want_sent();
  /// Beast's handler, called when no more than control_limit control bytes wait, or the queue broke.
  template <class Handler>
  void hold(Handler&& handler) {
    held_.emplace(std::forward<Handler>(handler));
  }
  bool control_above_limit() const noexcept { return urgent_bytes_ > control_limit; }
  /// Teardown's handler, called when everything is sent, or the queue broke.
  template <class Handler>
  void when_sent(Handler&& handler) {
    teardown_.emplace(std::forward<Handler>(handler));
    if (broken_)
      post_saved(teardown_);
    else
      want_sent();
  }

  std::size_t bytes() const noexcept { return bytes_; }
  /// Frames and bytes pushed so far.
  std::uint64_t frames_pushed() const noexcept { return frames_pushed_; }
  std::uint64_t bytes_pushed() const noexcept { return bytes_pushed_; }
  std::size_t budget() const noexcept;
  bool over_budget() const noexcept { return bytes_ >= budget(); }
  bool closing() const noexcept { return closing_; }
  bool is_broken() const noexcept { return broken_; }
  transport& socket_transport() noexcept { return *transport_; }
  executor get_executor() noexcept { return transport_->socket().get_executor(); }
  asio::io_context& context() noexcept { return get_executor().context(); }

  void note_received(std::size_t bytes) noexcept;
  /// Each tells whether it happened since it was last asked; the sweep asks.
  bool take_received() noexcept { return std::exchange(received_, false); }
  bool take_progress() noexcept { return std::exchange(progressed_, false); }
  bool take_appended() noexcept { return std::exchange(appended_, false); }
  /// Gives storage back that nothing needs now.
  void release_memory() noexcept;
  /// Entries there is storage for.
  std::size_t capacity() const noexcept { return ring_.capacity(); }

private:
  friend class flusher;
  void push(const protocol::frame_ptr& frame, std::uintptr_t how, std::size_t size);
  void push_urgent(const protocol::frame_ptr& frame, std::size_t size);
  /// Returns what to wait for, or `moved` when the queue is empty.
  transfer::status write_queued();
  void consume(std::size_t bytes);
  void await(transfer::status what);
  void after_write();
  void subtract_bytes(std::size_t bytes) noexcept;
  void post_saved(beast::saved_handler& handler);

  flusher& flusher_;
  std::unique_ptr<transport> transport_;
  queue_watcher* watcher_ = nullptr;
  connection_slot slot_;
  frame_ring ring_;
  std::size_t offset_ = 0;  // of the first entry, already sent
  std::size_t bytes_ = 0;
  std::uint64_t frames_pushed_ = 0;
  std::uint64_t bytes_pushed_ = 0;
  std::size_t urgent_bytes_ = 0;
  beast::saved_handler held_;
  beast::saved_handler teardown_;
  clock::time_point last_flush_{};
  bool touched_ = false;  // the flusher has it
  bool awaiting_ = false;
  bool closing_ = false;
  bool broken_ = false;
  bool wants_room_ = false;
  bool wants_sent_ = false;
  bool received_ = false;
  bool progressed_ = false;
  bool appended_ = false;
};

using queue_ptr = boost::intrusive_ptr<outbound_queue>;

}  // namespace tickcast::net
