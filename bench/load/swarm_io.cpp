#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "bench/load/swarm.hpp"
#include "bench/load/system_call.hpp"
#include "bench/load/websocket.hpp"

namespace tickcast::bench {
namespace {

/// One source address has 28,000 ports; more addresses keep connect() from searching.
constexpr std::uint32_t source_addresses = 16;

void set_option(int fd, int level, int name, int value) {
  if (::setsockopt(fd, level, name, &value, sizeof value) != 0) fail("setsockopt");
}

}  // namespace

void swarm::start_connect(client& c) {
  c.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c.fd < 0) fail("socket");
  set_option(c.fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(c.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  const linger reset_on_close{1, 0};
  if (::setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &reset_on_close, sizeof reset_on_close) != 0)
    fail("SO_LINGER");

  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + next_source_++ % source_addresses);
  if (::bind(c.fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) fail("bind");
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(options_.port);
  if (::inet_pton(AF_INET, options_.address.c_str(), &server.sin_addr) != 1) fail("address");
  if (::connect(c.fd, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0 &&
      errno != EINPROGRESS) {
    fail("connect");
  }
  c.is = client::phase::connecting;
  ++connecting_;
  c.waits_to_write = true;
  watch(epoll_, EPOLL_CTL_ADD, c.fd, EPOLLIN | EPOLLOUT, c.number);
}

void swarm::on_connected(client& c) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(c.fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
    errno = error;
    fail("connect");
  }
  c.is = client::phase::upgrading;
  c.expected_accept = append_upgrade_request(c.unsent, upgrade_path(options_.speaks, options_.of, c.topics));
}

void swarm::on_event(client& c, std::uint32_t events) {
  if (c.is == client::phase::connecting) on_connected(c);
  if ((events & EPOLLOUT) != 0) send_unsent(c);
  if (c.is != client::phase::closed && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) on_readable(c);
}

void swarm::send_unsent(client& c) {
  while (!c.unsent.empty()) {
    const ssize_t sent = ::send(c.fd, c.unsent.data(), c.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) break;
    if (sent < 0) return lose(c);
    c.unsent.erase(0, static_cast<std::size_t>(sent));
  }
  const bool wait = !c.unsent.empty();
  if (wait != c.waits_to_write) {
    c.waits_to_write = wait;
    watch(epoll_, EPOLL_CTL_MOD, c.fd, EPOLLIN | (wait ? EPOLLOUT : 0U), c.number);
  }
}

void swarm::on_readable(client& c) {
  const std::size_t kept = c.unparsed.size();
  if (kept > buffer_bytes / 2) throw std::runtime_error("a frame of more than 2 MB came");
  std::memcpy(buffer_.get(), c.unparsed.data(), kept);
  const ssize_t got = ::recv(c.fd, buffer_.get() + kept, buffer_bytes - kept, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return lose(c);

  const std::int64_t now = monotonic_ns();
  const std::size_t size = kept + static_cast<std::size_t>(got);
  std::size_t at = 0;
  if (c.is == client::phase::open || take_upgrade(c, size, at)) at += take_frames(c, at, size, now);
  if (c.is == client::phase::closed) return;
  c.unparsed.assign(buffer_.get() + at, size - at);
  if (!c.unsent.empty() && !c.waits_to_write) send_unsent(c);
}

bool swarm::take_upgrade(client& c, std::size_t size, std::size_t& at) {
  const std::string_view text{buffer_.get(), size};
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  const std::string_view head = text.substr(0, end + 2);
  if (!head.starts_with("HTTP/1.1 101") || header_value(head, "Sec-WebSocket-Accept") != c.expected_accept) {
    throw std::runtime_error(fmt::format("the server refused the upgrade: {}", head));
  }
  at = end + 4;
  c.is = client::phase::open;
  c.expected_accept = {};
  --connecting_;
  subscribe(c, true);
  return true;
}

std::size_t swarm::take_frames(client& c, std::size_t from, std::size_t size, std::int64_t now_ns) {
  std::size_t at = from;
  frame_view frame;
  while (at < size) {
    const parse_result result = parse_frame(buffer_.get() + at, size - at, frame);
    if (result == parse_result::incomplete) break;
    if (result == parse_result::broken)
      throw std::runtime_error("the server sent a frame that was not asked for");
    at += frame.wire_size;
    if (frame.op == opcode::close) {
      lose(c);
      break;
    }
    if (frame.op == opcode::ping) {
      append_frame(c.unsent, role::client, opcode::pong, frame.payload);
    } else if (frame.op == opcode::pong) {
      continue;
    } else if (options_.speaks == dialect::nats) {
      take_nats(c, frame.payload, now_ns);
    } else {
      on_message(c, frame.payload, now_ns);
    }
  }
  return at - from;
}

void swarm::take_nats(client& c, std::string_view payload, std::int64_t now_ns) {
  const bool joined = !c.unparsed_nats.empty();
  if (joined) c.unparsed_nats.append(payload);
  std::string_view stream = joined ? std::string_view{c.unparsed_nats} : payload;
  while (const auto item = next_nats_item(stream)) on_message(c, *item, now_ns);
  // `stream` may point into the very string that is assigned to.
  if (joined) {
    c.unparsed_nats.erase(0, c.unparsed_nats.size() - stream.size());
  } else {
    c.unparsed_nats.assign(stream);
  }
}

void swarm::on_message(client& c, std::string_view message, std::int64_t now_ns) {
  switch (meaning_of(options_.speaks, message)) {
    case meaning::update: {
      const auto got = read_update(message);
      if (!got) break;
      latencies_.add(now_ns - got->stamp_ns);
      last_update_ns_ = now_ns;
      ++c.received;
      c.seq_sum += got->seq;
      ++counts_.delivered;
      counts_.bytes += message.size();
      return;
    }
    case meaning::answer:
      if (c.unanswered > 0) --c.unanswered;
      return;
    case meaning::ping:
      return append_ping_answer(c.unsent, options_.speaks);
    case meaning::other:
      return;
    case meaning::refusal:
      break;
  }
  ++counts_.refusals;
  if (counts_.first_refusal.empty()) counts_.first_refusal = message.substr(0, 200);
}

void swarm::subscribe(client& c, bool greet) {
  c.unanswered += append_subscribe(c.unsent, options_.speaks, options_.of, c.topics, ++command_id_, greet);
  c.subscribed = true;
}

void swarm::drop(client& c) {
  ::close(c.fd);
  if (c.is == client::phase::connecting || c.is == client::phase::upgrading) --connecting_;
  c.fd = -1;
  c.is = client::phase::closed;
  c.subscribed = false;
  c.waits_to_write = false;
  c.unanswered = 0;
  c.unsent.clear();
  c.unparsed.clear();
  c.unparsed_nats.clear();
}

void swarm::lose(client& c) {
  if (c.is != client::phase::open)
    throw std::runtime_error("the server closed a connection during its handshake");
  ++counts_.lost_connections;
  drop(c);
}

}  // namespace tickcast::bench
