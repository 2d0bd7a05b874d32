#include "net/listener.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <system_error>

#include "actors/runtime/log.hpp"
#include "net/http_session.hpp"
#include "net/proxy_session.hpp"

namespace tickcast::net {
namespace {

/// Connections taken before the others on the shard get their turn.
constexpr int accepts_a_turn = 64;
/// Pause after accept() found no descriptor or memory: trying at once would only spin.
constexpr std::chrono::milliseconds accept_pause{100};
/// Connections beyond the limit that are still told so with a 503.
constexpr std::size_t refusals_in_words = 256;

template <class Value>
void set(tcp_acceptor& acceptor, int level, int option, const Value* value, std::size_t size,
         std::string_view key) {
  if (::setsockopt(acceptor.native_handle(), level, option, value, static_cast<socklen_t>(size)) != 0)
    throw std::runtime_error(
        fmt::format("{}: the kernel refuses it: {}", key, std::generic_category().message(errno)));
}

void set_flag(tcp_acceptor& acceptor, int level, int option, int value, std::string_view key) {
  set(acceptor, level, option, &value, sizeof value, key);
}

}  // namespace

listener::listener(shard_context& context, const tcp::endpoint& endpoint)
    : context_(context), acceptor_(context.host.get_executor()) {
  const auto& listen = context.configuration.listen;
  try {
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    set_flag(acceptor_, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
    // Accepted sockets inherit these on Linux: one call each instead of one a connection.
    set_flag(acceptor_, IPPROTO_TCP, TCP_NODELAY, listen.tcp_nodelay ? 1 : 0, "listen.tcp_nodelay");
    if (const auto lowat = context.configuration.io.notsent_lowat_bytes; lowat != 0)
      set(acceptor_, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, sizeof lowat, "io.notsent_lowat_bytes");
    if (!listen.congestion.empty())
      set(acceptor_, IPPROTO_TCP, TCP_CONGESTION, listen.congestion.data(), listen.congestion.size(),
          "listen.congestion");
    acceptor_.bind(endpoint);
    acceptor_.listen(
        static_cast<int>(std::min<std::uint32_t>(listen.backlog, std::numeric_limits<int>::max())));
    acceptor_.native_non_blocking(true);
  } catch (const boost::system::system_error& fault) {
    throw std::runtime_error(
        fmt::format("cannot listen at {}: {}", to_string(endpoint), fault.code().message()));
  }
}

void listener::start() {
  wait();
}

void listener::stop() {
  if (!acceptor_.is_open()) return;
  // Bounded, because somebody may connect faster than we accept.
  const auto waiting = std::min<std::uint32_t>(context_.configuration.listen.backlog, 1u << 20);
  accept_some(static_cast<int>(waiting) + accepts_a_turn);
  error_code ignored;
  acceptor_.close(ignored);
}

void listener::wait() {
  acceptor_.async_wait(tcp_acceptor::wait_read, [this](error_code ec) {
    if (!ec) on_ready();
  });
}

void listener::on_ready() {
  if (accept_some(accepts_a_turn)) return wait();
  context_.host.after(accept_pause, [this] {
    if (acceptor_.is_open()) wait();
  });
}

bool listener::accept_some(int most) {
  for (int i = 0; i < most; ++i) {
    tcp::endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    const int fd = ::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      peer.resize(size);
      tcp_socket socket(context_.host.get_executor());
      error_code ec;
      socket.assign(peer.protocol(), fd, ec);
      if (!ec) take(std::move(socket), peer);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
    if (errno == EINTR || errno == ECONNABORTED) continue;
    context_.counters.refuse(refusal::accept_error);
    actors::log(actors::component::net)
        .warn("{}: accept: {}; trying again in {} ms", context_.host.name(),
              std::generic_category().message(errno), accept_pause.count());
    return false;
  }
  return true;
}

void listener::take(tcp_socket&& socket, const tcp::endpoint& peer) {
  context_.counters.accepted.add();
  connection_slot slot(context_.port.open);
  const auto open = context_.port.open.load();
  const auto limit = context_.configuration.listen.max_connections;
  if (open > limit + refusals_in_words) {
    context_.counters.refuse(refusal::overrun);
    return;
  }
  const bool by_proxy = context_.port.proxies.trusts(peer.address());
  if (context_.configuration.listen.proxy_protocol) {
    if (!by_proxy) return context_.counters.refuse(refusal::untrusted_proxy);
    const boost::intrusive_ptr<proxy_session> session(
        new proxy_session(context_, std::move(socket), peer, std::move(slot), open > limit));
    context_.sessions.add(session);
    return session->start();
  }
  begin_http(context_, std::move(socket), {peer, by_proxy}, std::move(slot), open > limit);
}

}  // namespace tickcast::net
