#pragma once
#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "net/asio.hpp"
#include "net/outbound_queue.hpp"
#include "protocol/frame.hpp"

namespace tickcast::net {

/// What Beast reads and writes through (its "next layer"): reads come from the transport, writes go into the
/// connection's outbound queue, so that handshakes and control frames take their place among our own frames.
///
/// - Beast may write only handshake answers and control frames (its async_write cuts more than 64 KiB into
/// pieces,
///   which would stand between our frames); anything else fails with operation_not_supported.
/// - A write is done when it is queued, unless more than outbound_queue::control_limit control bytes wait:
/// then it
///   is done when they are sent, which stops Beast from reading.
/// - Only asynchronous use: the synchronous calls of the concept do not exist here.
///
/// Thread: the shard's. Pending operations own the queue.
class beast_stream {
public:
  using executor_type = executor;

  /// `unread`: bytes that were read beyond the HTTP request; they are read first.
  explicit beast_stream(queue_ptr queue, std::string unread = {})
      : queue_(std::move(queue)), unread_(std::move(unread)) {}

  executor_type get_executor() noexcept { return queue_->get_executor(); }
  const queue_ptr& queue() const noexcept { return queue_; }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto&& done, const Buffers& into) {
          this->start_read(into, std::forward<decltype(done)>(done));
        },
        handler, buffers);
  }

  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto&& done, const Buffers& from) {
          this->start_write(from, std::forward<decltype(done)>(done));
        },
        handler, buffers);
  }

private:
  template <class Buffers, class Handler>
  void start_read(const Buffers& into, Handler&& handler);
  template <class Buffers, class Handler>
  void start_write(const Buffers& from, Handler&& handler);

  queue_ptr queue_;
  std::string unread_;
};

/// Beast's time-out for the handshake and for closing ends here.
inline void beast_close_socket(beast_stream& stream) {
  stream.queue()->abort();
}

namespace detail {

/// Associates what wraps a Beast handler with that handler's executor and allocator.
template <class Handler>
struct wrapped_handler {
  using executor_type = asio::associated_executor_t<Handler, executor>;
  using allocator_type = asio::associated_allocator_t<Handler>;

  executor_type get_executor() const noexcept {
    return asio::get_associated_executor(handler, queue->get_executor());
  }
  allocator_type get_allocator() const noexcept { return asio::get_associated_allocator(handler); }

  queue_ptr queue;
  Handler handler;
};

inline error_code to_error(transfer::status status) {
  return status == transfer::status::ended ? error_code(asio::error::eof)
                                           : error_code(asio::error::connection_reset);
}

template <class Buffers, class Handler>
struct read_op : wrapped_handler<Handler> {
  Buffers into;

  read_op(queue_ptr through, Handler&& done, const Buffers& buffers)
      : wrapped_handler<Handler>{std::move(through), std::move(done)}, into(buffers) {}

  /// Waits for the socket, or goes on at once when the transport has bytes of its own.
  static void start(read_op&& op) {
    if (op.queue->socket_transport().has_pending())
      asio::post(std::move(op));
    else
      wait(std::move(op), transfer::status::want_read);
  }

  static void wait(read_op&& op, transfer::status what) {
    auto& transport = op.queue->socket_transport();
    transport.async_wait(what, std::move(op));
  }

  void operator()(error_code ec = {}) {
    if (ec) return this->handler(ec, 0);
    std::array<iovec, 8> parts;
    int count = 0;
    for (auto at = asio::buffer_sequence_begin(into), end = asio::buffer_sequence_end(into);
         at != end && count < static_cast<int>(parts.size()); ++at) {
      const asio::mutable_buffer part(*at);
      if (part.size() != 0) parts[static_cast<std::size_t>(count++)] = {part.data(), part.size()};
    }
    if (count == 0) return this->handler(error_code{}, 0);
    const auto read = this->queue->socket_transport().try_read(parts.data(), count);
    switch (read.what) {
      case transfer::status::moved:
        this->queue->note_received(read.bytes);
        return this->handler(error_code{}, read.bytes);
      case transfer::status::want_read:
      case transfer::status::want_write:
        return wait(std::move(*this), read.what);
      case transfer::status::ended:
      case transfer::status::failed:
        return this->handler(to_error(read.what), 0);
    }
  }
};

/// Sends what is queued, says that no more follows, and reads until the peer says the same. Has no time-out
/// of its own: the session's sweep ends what lasts too long.
template <class Handler>
struct teardown_op : wrapped_handler<Handler> {
  /// Reads of one turn; a peer that sends without end must not keep the shard.
  static constexpr int reads_a_turn = 16;
  bool finished = false;

  teardown_op(queue_ptr through, Handler&& done)
      : wrapped_handler<Handler>{std::move(through), std::move(done)} {}

  void operator()(error_code ec = {}) {
    if (this->queue->is_broken()) return this->handler(error_code(asio::error::operation_aborted));
    if (ec) return this->handler(ec);
    auto& transport = this->queue->socket_transport();
    if (!std::exchange(finished, true)) transport.finish();
    std::array<char, 2048> discarded;
    const iovec into{discarded.data(), discarded.size()};
    for (int i = 0; i < reads_a_turn; ++i) {
      const auto read = transport.try_read(&into, 1);
      if (read.what == transfer::status::moved) continue;
      if (read.what == transfer::status::want_read || read.what == transfer::status::want_write)
        return transport.async_wait(read.what, std::move(*this));
      return this->handler(read.what == transfer::status::ended ? error_code{} : to_error(read.what));
    }
    transport.async_wait(transfer::status::want_read, std::move(*this));
  }
};

}  // namespace detail

template <class Handler>
void async_teardown(beast::role_type, beast_stream& stream, Handler&& handler) {
  const auto queue = stream.queue();
  queue->when_sent(detail::teardown_op<std::decay_t<Handler>>(queue, std::forward<Handler>(handler)));
}

template <class Buffers, class Handler>
void beast_stream::start_read(const Buffers& into, Handler&& handler) {
  if (!unread_.empty()) {
    const auto copied = asio::buffer_copy(into, asio::buffer(unread_));
    unread_.erase(0, copied);
    if (unread_.empty()) std::string().swap(unread_);
    queue_->note_received(0);
    asio::post(get_executor(),
               beast::bind_front_handler(std::forward<Handler>(handler), error_code{}, copied));
    return;
  }
  using op = detail::read_op<Buffers, std::decay_t<Handler>>;
  op::start(op(queue_, std::forward<Handler>(handler), into));
}

template <class Buffers, class Handler>
void beast_stream::start_write(const Buffers& from, Handler&& handler) {
  const auto size = beast::buffer_bytes(from);
  auto bytes = protocol::begin_frame(size);
  bytes.resize(protocol::frame::header_room + size);
  asio::buffer_copy(asio::buffer(bytes.data() + protocol::frame::header_room, size), from);
  const bool queued =
      queue_->send_from_beast(protocol::finish_frame(std::move(bytes), protocol::encoding::json));

  error_code ec;
  if (!queued)
    ec = queue_->is_broken() ? asio::error::operation_aborted : asio::error::operation_not_supported;
  auto done = beast::bind_front_handler(std::forward<Handler>(handler), ec, queued ? size : 0);
  if (queued && queue_->control_above_limit())
    queue_->hold(std::move(done));
  else
    asio::post(get_executor(), std::move(done));
}

}  // namespace tickcast::net
