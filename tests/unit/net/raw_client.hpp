#pragma once
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickcast::net::test {

/// A frame as the server sent it.
struct received_frame {
  unsigned char first = 0;  ///< FIN, reserved bits, opcode
  std::string payload;

  unsigned opcode() const { return first & 0x0fu; }
  /// Of a close frame; 1005 when it carries none.
  unsigned close_code() const {
    if (payload.size() < 2) return 1005;
    return static_cast<unsigned>(static_cast<unsigned char>(payload[0]) << 8 |
                                 static_cast<unsigned char>(payload[1]));
  }
};

/// One masked frame as clients send it.
inline std::string client_frame(unsigned first, std::string_view payload) {
  std::string out(1, static_cast<char>(first));
  const auto size = payload.size();
  if (size < 126) {
    out += static_cast<char>(0x80 | size);
  } else if (size < 65536) {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(size >> 8);
    out += static_cast<char>(size);
  } else {
    out += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
  }
  constexpr char mask[] = {0x12, 0x34, 0x56, 0x78};
  out.append(mask, 4);
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(payload[i] ^ mask[i % 4]);
  return out;
}

/// A client that is nothing but a non-blocking TCP socket: it reads when it is told to.
class raw_client {
public:
  /// `receive_buffer`: SO_RCVBUF, to be slow sooner; 0: the system's.
  explicit raw_client(std::uint16_t port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer != 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
      throw std::runtime_error("connect failed");
    ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  raw_client(raw_client&& other) noexcept
      : received(std::move(other.received)), ended(other.ended), fd_(std::exchange(other.fd_, -1)) {}
  ~raw_client() { close(); }

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  /// Sends what the kernel takes; the number of bytes.
  std::size_t send(std::string_view bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const auto n = ::send(fd_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }
  void send_frame(unsigned first, std::string_view payload) { send(client_frame(first, payload)); }
  /// Appends to `received` what has come, at most `most` bytes.
  void pull(std::size_t most = SIZE_MAX) {
    char buffer[16384];
    while (most > 0 && !ended) {
      const auto n = ::recv(fd_, buffer, std::min(most, sizeof buffer), MSG_DONTWAIT);
      if (n > 0) {
        received.append(buffer, static_cast<std::size_t>(n));
        most -= static_cast<std::size_t>(n);
      } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        ended = true;
      } else {
        return;
      }
    }
  }
  /// Takes the head of an HTTP answer off `received`; empty: it is not whole yet.
  std::string take_head() {
    const auto end = received.find("\r\n\r\n");
    if (end == std::string::npos) return {};
    auto head = received.substr(0, end + 4);
    received.erase(0, end + 4);
    return head;
  }
  /// Takes the whole frames off `received` into `frames`.
  void take_frames() {
    for (;;) {
      if (received.size() < 2) return;
      std::size_t head = 2;
      std::uint64_t size = static_cast<unsigned char>(received[1]);
      if (size >= 126) {
        const std::size_t wide = size == 126 ? 2 : 8;
        if (received.size() < head + wide) return;
        size = 0;
        for (std::size_t i = 0; i < wide; ++i)
          size = size << 8 | static_cast<unsigned char>(received[head + i]);
        head += wide;
      }
      if (received.size() < head + size) return;
      frames.push_back({static_cast<unsigned char>(received[0]), received.substr(head, size)});
      received.erase(0, head + size);
    }
  }
  int fd() const { return fd_; }

  std::string received;
  std::vector<received_frame> frames;
  bool ended = false;

private:
  int fd_;
};

/// The request that opens a WebSocket; `more`: further header lines.
inline std::string upgrade_request(std::string_view path = "/ws", std::string_view more = {}) {
  return "GET " + std::string(path) +
         " HTTP/1.1\r\nHost: localhost:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
         std::string(more) + "\r\n";
}

inline constexpr unsigned text_frame = 0x81, binary_frame = 0x82, close_frame = 0x88, ping_frame = 0x89,
                          pong_frame = 0x8a;

/// The payload of a close frame.
inline std::string close_payload(unsigned code) {
  return {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
}

}  // namespace tickcast::net::test
