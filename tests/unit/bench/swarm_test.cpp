#include "bench/load/swarm.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <string>

#include "bench/load/websocket.hpp"

namespace tickcast::bench {
namespace {

/// A server for one client that speaks the plain dialect and does only what it is told, blocking.
class scripted_server {
public:
  scripted_server() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~scripted_server() {
    ::close(client_);
    ::close(listener_);
  }
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  std::uint16_t port() const { return port_; }

  void open_and_answer() {
    client_ = ::accept(listener_, nullptr, nullptr);
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) read_into(head);
    send("HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: " +
         accept_key(header_value(head, "Sec-WebSocket-Key")) + "\r\n\r\n");
    std::string command = head.substr(head.find("\r\n\r\n") + 4);
    frame_view frame;
    while (parse_frame(command.data(), command.size(), frame) != parse_result::complete) read_into(command);
    send_frame("ok");
  }
  void send_update(std::uint64_t seq) {
    std::string json;
    append_json(json, {}, "trade.X", "", {0, seq, monotonic_ns(), 0});
    send_frame(json);
  }

private:
  void read_into(std::string& text) {
    char chunk[4096];
    const ssize_t got = ::recv(client_, chunk, sizeof chunk, 0);
    if (got > 0) text.append(chunk, static_cast<std::size_t>(got));
  }
  void send(const std::string& bytes) {
    EXPECT_EQ(::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  void send_frame(const std::string& payload) {
    std::string wire;
    append_frame(wire, role::server, opcode::text, payload);
    send(wire);
  }

  int listener_ = -1;
  int client_ = -1;
  std::uint16_t port_ = 0;
};

class swarm_of_one : public testing::Test {
protected:
  swarm_of_one() : load_({"127.0.0.1", server_.port(), dialect::plain, {}, 1, 1, 1}) {
    auto opened = std::async(std::launch::async, [this] { server_.open_and_answer(); });
    load_.connect_all(10);
    opened.get();
  }
  scripted_server server_;
  swarm load_;
};

TEST_F(swarm_of_one, every_update_once_is_complete) {
  load_.expect(3, 1);
  for (const std::uint64_t seq : {1U, 2U, 3U}) server_.send_update(seq);
  const swarm_report report = load_.report(10);
  EXPECT_EQ(report.delivered, 3U);
  EXPECT_EQ(report.expected, 3U);
  EXPECT_EQ(report.complete_clients, 1U);
  EXPECT_EQ(load_.latencies().count(), 3U);
}

TEST_F(swarm_of_one, a_missing_update_is_not_complete) {
  load_.expect(3, 1);
  for (const std::uint64_t seq : {1U, 3U}) server_.send_update(seq);
  const swarm_report report = load_.report(0.05);
  EXPECT_EQ(report.delivered, 2U);
  EXPECT_EQ(report.complete_clients, 0U);
}

TEST_F(swarm_of_one, a_double_in_place_of_another_is_not_complete) {
  load_.expect(3, 1);
  for (const std::uint64_t seq : {1U, 2U, 2U}) server_.send_update(seq);
  const swarm_report report = load_.report(10);
  EXPECT_EQ(report.delivered, 3U);
  EXPECT_EQ(report.complete_clients, 0U);
}

TEST_F(swarm_of_one, what_came_before_expect_does_not_count) {
  load_.expect(1, 1);
  server_.send_update(1);
  load_.report(10);
  load_.expect(1, 2);
  server_.send_update(2);
  const swarm_report report = load_.report(10);
  EXPECT_EQ(report.delivered, 1U);
  EXPECT_EQ(report.complete_clients, 1U);
}

}  // namespace
}  // namespace tickcast::bench
