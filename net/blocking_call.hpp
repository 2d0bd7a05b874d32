#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "net/asio.hpp"
#include "net/transport_stream.hpp"
#include "net/websocket_client.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

namespace tickcast::net {

/// Waits for one asynchronous operation after the other, for a bounded time and until somebody stops it.
class blocking_call {
public:
  explicit blocking_call(int stop_fd);

  asio::io_context& context() noexcept { return context_; }

  /// `start(handler)` begins the operation; `cancel()` makes it end soon. Returns what became of it:
  /// asio::error::timed_out and asio::error::interrupted besides its own errors.
  template <class Start, class Cancel>
  error_code wait(Start&& start, Cancel&& cancel, std::chrono::milliseconds timeout) {
    if (stop_came()) return asio::error::interrupted;
    std::optional<error_code> result;
    context_.restart();
    start([&result](const error_code& ec, auto&&...) { result = ec; });
    return finish(result, std::forward<Cancel>(cancel), std::chrono::steady_clock::now() + timeout);
  }

private:
  template <class Cancel>
  error_code finish(const std::optional<error_code>& result, Cancel&& cancel,
                    std::chrono::steady_clock::time_point deadline) {
    watch_stop();
    while (!result && !stopped_ && std::chrono::steady_clock::now() < deadline)
      context_.run_one_until(deadline);
    unwatch_stop();
    if (!result) {
      const error_code why = stopped_ ? asio::error::interrupted : asio::error::timed_out;
      cancel();
      context_.run();
      return why;
    }
    context_.run();
    return *result;
  }
  bool stop_came();
  void watch_stop();
  void unwatch_stop();

  asio::io_context context_{1};
  asio::posix::stream_descriptor stop_;
  bool stopped_ = false;
};

/// Opens a connection to `to`, by TLS where its scheme says so. Errors name its address.
client_result<transport_stream> open_stream(blocking_call& call, const url& to,
                                            const client_options& options);

/// The client's error for what an operation with `to` ended with; `doing`: "connect", "send", …
client_error describe_failure(const error_code& failed, std::string_view doing, const url& to);

}  // namespace tickcast::net
