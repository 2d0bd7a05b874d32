#include "net/proxy_session.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "net/http_session.hpp"

namespace tickcast::net {

proxy_session::proxy_session(shard_context& context, tcp_socket&& socket, const tcp::endpoint& peer,
                             connection_slot&& slot, bool refused)
    : context_(context),
      socket_(std::move(socket)),
      peer_(peer),
      slot_(std::move(slot)),
      since_(context.host.now()),
      refused_(refused) {
  context_.counters.http_open.add();
}

proxy_session::~proxy_session() {
  context_.counters.http_open.subtract();
}

void proxy_session::wait() {
  const boost::intrusive_ptr<proxy_session> self(this);
  socket_.async_wait(tcp_socket::wait_read, [self](error_code ec) {
    if (ec)
      self->end();
    else if (!self->ended_)
      self->on_ready();
  });
}

// What follows the header belongs to TLS or HTTP, so it is looked at before it is taken.
void proxy_session::on_ready() {
  std::array<char, 512> bytes;
  const auto seen = ::recv(socket_.native_handle(), bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
  if (seen < 0 && (errno == EAGAIN || errno == EINTR)) return wait();
  if (seen <= 0) return end();
  const auto [what, taken] = header_.take({bytes.data(), static_cast<std::size_t>(seen)});
  if (::recv(socket_.native_handle(), bytes.data(), taken, MSG_DONTWAIT) != static_cast<ssize_t>(taken))
    return end();
  switch (what) {
    case proxy_header::state::more:
      return wait();
    case proxy_header::state::done:
      return go_on();
    case proxy_header::state::malformed:
      context_.counters.refuse(refusal::proxy_header);
      return end();
  }
}

void proxy_session::go_on() {
  ended_ = true;
  const session_ptr self(this);
  begin_http(context_, std::move(socket_), {header_.client().value_or(peer_), true}, std::move(slot_),
             refused_);
  context_.sessions.remove(*this);
}

void proxy_session::sweep(clock::time_point now) {
  if (now - since_ < std::chrono::milliseconds(context_.configuration.listen.handshake_ms)) return;
  context_.counters.refuse(refusal::timeout);
  end();
}

void proxy_session::end() {
  if (std::exchange(ended_, true)) return;
  const session_ptr self(this);
  error_code ignored;
  socket_.close(ignored);
  context_.sessions.remove(*this);
}

}  // namespace tickcast::net
