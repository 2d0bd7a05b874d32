#pragma once
#include <csignal>
#include <initializer_list>

namespace tickcast::tools {

/// Signals, SIGINT and SIGTERM unless others are named, as something that can be waited for: blocks them for
/// this thread and those it starts later, and gives a descriptor that becomes readable when one comes. Make
/// it first thing in a subcommand.
class interrupt {
public:
  /// Throws std::system_error when the kernel gives no descriptor.
  explicit interrupt(std::initializer_list<int> of = {SIGINT, SIGTERM});
  ~interrupt();
  interrupt(const interrupt&) = delete;
  interrupt& operator=(const interrupt&) = delete;

  /// For poll, epoll, zmq::poll or net::websocket_client; stays readable, belongs to this object.
  int fd() const noexcept { return fd_; }
  /// Whether a signal has come. Does not wait.
  bool came() const noexcept;
  /// Takes those that have come, so that the next one can be waited for.
  void take() noexcept;

private:
  int fd_;
};

}  // namespace tickcast::tools
