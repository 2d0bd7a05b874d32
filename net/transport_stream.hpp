#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include "net/asio.hpp"
#include "net/transport.hpp"

namespace tickcast::net {

/// A transport as the asynchronous stream that Asio and Beast compose their operations of, with a time-out;
/// for what is neither many nor fast: the admin port and command-line clients. One read and one write at a
/// time. Thread: its executor's.
class transport_stream {
public:
  using executor_type = executor;

  explicit transport_stream(std::unique_ptr<transport> over)
      : state_(std::make_shared<state>(std::move(over))) {}

  executor_type get_executor() noexcept { return state_->link->socket().get_executor(); }
  transport& link() noexcept { return *state_->link; }
  bool is_open() const noexcept { return state_->link->is_open(); }
  /// Cuts the connection when this time has passed, unless it is set anew.
  void expires_after(std::chrono::milliseconds time) {
    state_->timer.expires_after(time);
    state_->timer.async_wait([weak = std::weak_ptr(state_)](error_code ec) {
      if (const auto self = weak.lock(); self && !ec) self->link->abort();
    });
  }
  void expires_never() { state_->timer.cancel(); }
  void close() noexcept {
    error_code ignored;
    state_->link->socket().close(ignored);
  }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto&& done, const Buffers& into) {
          using op = read_op<Buffers, std::decay_t<decltype(done)>>;
          op(state_, std::forward<decltype(done)>(done), into).start();
        },
        handler, buffers);
  }

  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto&& done, const Buffers& from) {
          using op = write_op<Buffers, std::decay_t<decltype(done)>>;
          op(state_, std::forward<decltype(done)>(done), from).start();
        },
        handler, buffers);
  }

  /// `handler(error_code)`: the handshake is done, or failed and link().complaint() says why.
  template <class Handler>
  void async_shake_hands(Handler&& handler) {
    asio::post(shake_op<std::decay_t<Handler>>{state_, std::forward<Handler>(handler)});
  }

private:
  struct state {
    explicit state(std::unique_ptr<transport> over)
        : link(std::move(over)), timer(link->socket().get_executor()) {}
    std::unique_ptr<transport> link;
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                               executor>
        timer;
  };
  using state_ptr = std::shared_ptr<state>;

  static error_code to_error(transfer::status status) {
    return status == transfer::status::ended ? error_code(asio::error::eof)
                                             : error_code(asio::error::connection_reset);
  }
  static bool waits(transfer::status status) {
    return status == transfer::status::want_read || status == transfer::status::want_write;
  }

  /// What runs on behalf of a handler, with that handler's executor and allocator.
  template <class Handler>
  struct operation {
    using executor_type = asio::associated_executor_t<Handler, executor>;
    using allocator_type = asio::associated_allocator_t<Handler>;
    executor_type get_executor() const noexcept {
      return asio::get_associated_executor(handler, on->link->socket().get_executor());
    }
    allocator_type get_allocator() const noexcept { return asio::get_associated_allocator(handler); }

    state_ptr on;
    Handler handler;
  };

  template <class Buffers>
  static int gather(const Buffers& from, std::array<iovec, 8>& parts) {
    int count = 0;
    for (auto at = asio::buffer_sequence_begin(from), end = asio::buffer_sequence_end(from);
         at != end && count < static_cast<int>(parts.size()); ++at) {
      const asio::const_buffer part(*at);
      if (part.size() != 0)
        parts[static_cast<std::size_t>(count++)] = {const_cast<void*>(part.data()), part.size()};
    }
    return count;
  }

  template <class Buffers, class Handler>
  struct read_op : operation<Handler> {
    read_op(state_ptr of, Handler&& done, const Buffers& buffers)
        : operation<Handler>{std::move(of), std::move(done)}, into(buffers) {}
    Buffers into;

    void start() {
      if (this->on->link->has_pending()) {
        asio::post(std::move(*this));
        return;
      }
      auto& link = *this->on->link;
      link.async_wait(transfer::status::want_read, std::move(*this));
    }
    void operator()(error_code ec = {}) {
      if (ec) return this->handler(ec, 0);
      std::array<iovec, 8> parts;
      const int count = gather(into, parts);
      if (count == 0) return this->handler(error_code{}, 0);
      auto& link = *this->on->link;
      const auto read = link.try_read(parts.data(), count);
      if (read.what == transfer::status::moved) return this->handler(error_code{}, read.bytes);
      if (waits(read.what)) return link.async_wait(read.what, std::move(*this));
      this->handler(to_error(read.what), 0);
    }
  };

  template <class Buffers, class Handler>
  struct write_op : operation<Handler> {
    write_op(state_ptr of, Handler&& done, const Buffers& buffers)
        : operation<Handler>{std::move(of), std::move(done)}, from(buffers) {}
    Buffers from;
    std::size_t moved = 0;

    void start() { asio::post(std::move(*this)); }
    void operator()(error_code ec = {}) {
      if (ec) return this->handler(ec, moved);
      auto& link = *this->on->link;
      if (!link.is_open()) return this->handler(error_code(asio::error::operation_aborted), 0);
      std::array<iovec, 8> parts;
      auto what = transfer::status::moved;
      if (const int count = moved == 0 ? gather(from, parts) : 0; count != 0) {
        const auto wrote = link.try_write(parts.data(), count);
        what = wrote.what;
        moved = wrote.bytes;
      }
      if (what == transfer::status::moved) what = link.push_out();
      if (waits(what)) return link.async_wait(what, std::move(*this));
      this->handler(what == transfer::status::moved ? error_code{} : to_error(what), moved);
    }
  };

  template <class Handler>
  struct shake_op : operation<Handler> {
    void operator()(error_code ec = {}) {
      auto& link = *this->on->link;
      if (ec) return this->handler(ec);
      const auto what = link.shake_hands();
      if (waits(what)) return link.async_wait(what, std::move(*this));
      this->handler(what == transfer::status::moved ? error_code{} : to_error(what));
    }
  };

  state_ptr state_;
};

inline void beast_close_socket(transport_stream& stream) {
  stream.close();
}

/// Says that nothing more follows; what the peer still sends is not waited for.
template <class Handler>
void async_teardown(beast::role_type, transport_stream& stream, Handler&& handler) {
  stream.link().finish();
  asio::post(stream.get_executor(), beast::bind_front_handler(std::forward<Handler>(handler), error_code{}));
}

}  // namespace tickcast::net
