#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include "bench/load/outlet.hpp"
#include "bench/load/system_call.hpp"

namespace tickcast::bench {
namespace {

struct connection {
  int fd = -1;
  std::string unsent;
};

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(port);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) fail("connect");
  return fd;
}

class stream_outlet final : public outlet {
public:
  stream_outlet(framing as, const std::vector<std::uint16_t>& ports, const shape& of, std::uint32_t topics)
      : framing_(as), shape_(of), body_(event_body(of)) {
    for (std::uint32_t i = 0; i < topics; ++i) names_.push_back(topic_name(of, i));
    for (const std::uint16_t port : ports) connections_.push_back({connect_to(port), {}});
    if (framing_ == framing::nats)
      connections_[0].unsent = "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n";
  }
  ~stream_outlet() override {
    for (const connection& c : connections_) ::close(c.fd);
  }
  stream_outlet(const stream_outlet&) = delete;
  stream_outlet& operator=(const stream_outlet&) = delete;

  void add(const update& what) override {
    const std::string& name = names_[what.topic];
    json_.clear();
    append_json(json_, shape_, name, body_, what);
    switch (framing_) {
      case framing::lines:
        for (connection& c : connections_)
          fmt::format_to(std::back_inserter(c.unsent), "{}\t{}\n", name, json_);
        return;
      case framing::nats:
        fmt::format_to(std::back_inserter(connections_[0].unsent), "PUB {} {}\r\n{}\r\n", name, json_.size(),
                       json_);
        return;
      case framing::nchan:
        fmt::format_to(std::back_inserter(connections_[what.topic % connections_.size()].unsent),
                       "POST /pub/{} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n{}", name,
                       json_.size(), json_);
    }
  }

  void flush() override {
    for (connection& c : connections_) {
      read_answers(c);
      if (c.unsent.empty()) continue;
      const ssize_t sent = ::send(c.fd, c.unsent.data(), c.unsent.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) fail("send to the server");
      if (sent > 0) c.unsent.erase(0, static_cast<std::size_t>(sent));
    }
  }

  std::size_t pending() const override {
    std::size_t bytes = 0;
    for (const connection& c : connections_) bytes += c.unsent.size();
    return bytes;
  }

  void wait(int timeout_ms) override {
    std::vector<pollfd> fds;
    for (const connection& c : connections_) {
      fds.push_back({c.fd, static_cast<short>(c.unsent.empty() ? POLLIN : POLLIN | POLLOUT), 0});
    }
    ::poll(fds.data(), fds.size(), timeout_ms);
  }

private:
  void read_answers(connection& c) {
    char chunk[16384];
    const ssize_t got = ::recv(c.fd, chunk, sizeof chunk, MSG_DONTWAIT);
    if (got == 0) throw std::runtime_error("the server closed the publisher's connection");
    if (got < 0) return;
    const std::string_view text{chunk, static_cast<std::size_t>(got)};
    if (framing_ == framing::nats && text.find("PING") != std::string_view::npos) c.unsent += "PONG\r\n";
    const bool refused = framing_ == framing::nats
                             ? text.find("-ERR") != std::string_view::npos
                             : text.starts_with("HTTP/1.1 4") || text.starts_with("HTTP/1.1 5");
    if (refused)
      throw std::runtime_error(fmt::format("the server refused a publication: {}", text.substr(0, 200)));
  }

  framing framing_;
  shape shape_;
  std::string body_;
  std::string json_;
  std::vector<std::string> names_;
  std::vector<connection> connections_;
};

}  // namespace

std::unique_ptr<outlet> make_stream_outlet(framing as, const std::vector<std::uint16_t>& ports,
                                           const shape& of, std::uint32_t topics) {
  return std::make_unique<stream_outlet>(as, ports, of, topics);
}

}  // namespace tickcast::bench
