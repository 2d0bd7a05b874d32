#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "bench/load/system_call.hpp"
#include "bench/load/websocket.hpp"

// The floor under every push server: two threads that share nothing, each with an epoll loop and its half of
// the clients. Each published line becomes a finished frame, and each subscriber gets it by a send() of its
// own: no queue, no gathering, no check beyond what a WebSocket needs to open. What a server costs above this
// is its own.

namespace {

using namespace tickcast::bench;

struct peer {
  enum class kind : std::uint8_t { http, websocket, publisher };
  int fd = -1;
  kind is = kind::http;
  std::string input;
  std::vector<std::string> topics;
};

std::uint16_t listen_on(std::uint16_t port, int& fd) {
  fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  const int one = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) fail("bind");
  if (::listen(fd, 4096) != 0) fail("listen");
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

/// Sends all of it, waiting where the client does not read: the floor has no queue.
void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      pollfd writable{fd, POLLOUT, 0};
      ::poll(&writable, 1, 1000);
      continue;
    }
    if (sent < 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

class loop {
public:
  explicit loop(std::uint16_t client_port) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    client_port_ = listen_on(client_port, client_listener_);
    ingest_port_ = listen_on(0, ingest_listener_);
    watch_reads(client_listener_);
    watch_reads(ingest_listener_);
  }
  std::uint16_t client_port() const { return client_port_; }
  std::uint16_t ingest_port() const { return ingest_port_; }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events{};
    for (;;) {
      const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < ready; ++i)
        on_event(static_cast<int>(events[static_cast<std::size_t>(i)].data.u64));
    }
  }

private:
  void watch_reads(int fd) { watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLIN, static_cast<std::uint64_t>(fd)); }

  void on_event(int fd) {
    if (fd == client_listener_) return accept_all(fd, peer::kind::http);
    if (fd == ingest_listener_) return accept_all(fd, peer::kind::publisher);
    const auto found = peers_.find(fd);
    if (found != peers_.end()) on_readable(*found->second);
  }

  void accept_all(int listener, peer::kind as) {
    for (;;) {
      const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int one = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      peers_[fd] = std::make_unique<peer>(peer{fd, as, {}, {}});
      watch_reads(fd);
    }
  }

  void on_readable(peer& p) {
    const ssize_t got = ::recv(p.fd, chunk_.data(), chunk_.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return forget(p);
    p.input.append(chunk_.data(), static_cast<std::size_t>(got));
    if (p.is == peer::kind::publisher) return take_lines(p);
    if (p.is == peer::kind::http) take_upgrade(p);
    if (p.is == peer::kind::websocket) take_commands(p);
  }

  void take_lines(peer& p) {
    std::string_view text = p.input;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      const std::string_view line = text.substr(0, end);
      const std::size_t tab = line.find('\t');
      if (tab != std::string_view::npos) publish(line.substr(0, tab), line.substr(tab + 1));
      text.remove_prefix(end + 1);
    }
    p.input.erase(0, p.input.size() - text.size());
  }

  void publish(std::string_view topic, std::string_view payload) {
    topic_.assign(topic);
    const auto found = subscribers_.find(topic_);
    if (found == subscribers_.end()) return;
    frame_.clear();
    append_frame(frame_, role::server, opcode::text, payload);
    for (const peer* subscriber : found->second) send_all(subscriber->fd, frame_);
  }

  void take_upgrade(peer& p) {
    const std::size_t end = p.input.find("\r\n\r\n");
    if (end == std::string::npos) return;
    const std::string head = p.input.substr(0, end + 2);
    p.input.erase(0, end + 4);
    send_all(p.fd,
             fmt::format("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Accept: {}\r\n\r\n",
                         accept_key(header_value(head, "Sec-WebSocket-Key"))));
    p.is = peer::kind::websocket;
  }

  void take_commands(peer& p) {
    frame_view frame;
    std::size_t at = 0;
    while (parse_frame(p.input.data() + at, p.input.size() - at, frame) == parse_result::complete) {
      at += frame.wire_size;
      if (frame.op == opcode::close) return forget(p);
      if (frame.op == opcode::text) obey(p, frame.payload);
    }
    p.input.erase(0, at);
  }

  void obey(peer& p, std::string_view command) {
    const bool subscribe = command.starts_with("sub ");
    const std::size_t verb = command.find(' ');
    std::string_view rest = verb == std::string_view::npos ? std::string_view{} : command.substr(verb + 1);
    while (!rest.empty()) {
      const std::string topic{rest.substr(0, rest.find(' '))};
      rest.remove_prefix(std::min(rest.size(), topic.size() + 1));
      if (subscribe) {
        subscribers_[topic].push_back(&p);
        p.topics.push_back(topic);
      } else {
        leave(p, topic);
        std::erase(p.topics, topic);
      }
    }
    std::string ok;
    append_frame(ok, role::server, opcode::text, "ok");
    send_all(p.fd, ok);
  }

  void leave(const peer& p, const std::string& topic) {
    auto& list = subscribers_[topic];
    std::erase(list, &p);
    if (list.empty()) subscribers_.erase(topic);
  }

  void forget(const peer& p) {
    for (const std::string& topic : p.topics) leave(p, topic);
    ::close(p.fd);
    peers_.erase(p.fd);
  }

  int epoll_ = -1;
  int client_listener_ = -1;
  int ingest_listener_ = -1;
  std::uint16_t client_port_ = 0;
  std::uint16_t ingest_port_ = 0;
  std::unordered_map<int, std::unique_ptr<peer>> peers_;
  std::unordered_map<std::string, std::vector<const peer*>> subscribers_;
  std::array<char, 262144> chunk_{};
  std::string frame_;
  std::string topic_;
};

}  // namespace

int main() {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const auto first = std::make_unique<loop>(std::uint16_t{0});
    const auto second = std::make_unique<loop>(first->client_port());
    std::cout << fmt::format(R"({{"event":"started","port":{},"ingest":[{},{}]}})", first->client_port(),
                             first->ingest_port(), second->ingest_port())
              << std::endl;
    std::thread other{[&second] { second->run(); }};
    first->run();
  } catch (const std::exception& error) {
    std::cerr << "floor: " << error.what() << '\n';
    return 1;
  }
}
