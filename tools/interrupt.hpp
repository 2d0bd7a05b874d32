#pragma once

namespace tickcast::tools {

/// SIGINT and SIGTERM as something that can be waited for: blocks both for this thread and those it starts
/// later, and gives a descriptor that becomes readable when one comes. Make it first thing in a subcommand.
class interrupt {
public:
  /// Throws std::system_error when the kernel gives no descriptor.
  interrupt();
  ~interrupt();
  interrupt(const interrupt&) = delete;
  interrupt& operator=(const interrupt&) = delete;

  /// For poll, epoll, zmq::poll or net::websocket_client; stays readable, belongs to this object.
  int fd() const noexcept { return fd_; }
  /// Whether a signal has come. Does not wait.
  bool came() const noexcept;

private:
  int fd_;
};

}  // namespace tickcast::tools
