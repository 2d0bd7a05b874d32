#pragma once
// Asio and Beast under the names this folder uses; the precompiled header.
#include <cstdint>
#include <utility>

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

namespace tickcast::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

using error_code = boost::system::error_code;
/// One io_context is one thread here, so nothing needs a polymorphic executor or a strand.
using executor = asio::io_context::executor_type;
using tcp = asio::ip::tcp;
using tcp_socket = asio::basic_stream_socket<tcp, executor>;
using tcp_acceptor = asio::basic_socket_acceptor<tcp, executor>;

/// Base of what is shared on one shard's thread only, for boost::intrusive_ptr: its count needs no atomic.
template <class T>
class shard_counted {
public:
  shard_counted() = default;
  shard_counted(const shard_counted&) = delete;
  shard_counted& operator=(const shard_counted&) = delete;

protected:
  ~shard_counted() = default;

private:
  friend void intrusive_ptr_add_ref(const shard_counted* counted) noexcept { ++counted->references_; }
  friend void intrusive_ptr_release(const shard_counted* counted) noexcept {
    if (--counted->references_ == 0) counted->destroy();
  }
  // Out of line: the way is rarely taken, and inlined into every release it makes g++ 12 see uses after
  // delete.
  [[gnu::noinline]] void destroy() const noexcept { delete static_cast<const T*>(this); }

  mutable std::uint32_t references_ = 0;
};

}  // namespace tickcast::net
