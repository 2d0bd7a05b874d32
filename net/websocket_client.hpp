#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

/// Blocking clients for command-line programs: a WebSocket, a GET and a POST. The server uses none of it.
namespace tickcast::net {

/// `host` without brackets; `port` and `target` filled in with what the scheme implies.
struct url {
  std::string scheme;  ///< "ws", "wss", "http" or "https"
  std::string host;
  std::string port;
  std::string target;  ///< path and query, begins with '/'

  /// For the `Host` header: with brackets around an IPv6 address.
  std::string authority() const;
  /// "wss" and "https": by TLS.
  bool is_secure() const noexcept { return scheme.ends_with('s') && scheme != "ws"; }
};

struct client_error {
  enum class reason : std::uint8_t {
    bad_url,      ///< cannot be understood, or its scheme is not spoken
    unreachable,  ///< no such host, nobody listens there, or the way is closed
    refused,      ///< the other side answered, and it was no
    timed_out,
    closed,       ///< the connection ended; `close_code` says how, if the other side did
    interrupted,  ///< the descriptor to stop by became readable
    too_large,
  };
  reason why;
  std::string message;           ///< one sentence that names the address
  std::uint16_t close_code = 0;  ///< closed: from the close frame, else 0
};

template <class T>
using client_result = tl::expected<T, client_error>;

/// `scheme`: "ws" or "http"; the same with an s is taken too.
client_result<url> parse_url(std::string_view text, std::string_view scheme);

struct client_options {
  int stop_fd = -1;                         ///< readable: end what is under way; -1: nothing stops it
  std::chrono::milliseconds timeout{5000};  ///< for connecting, for sending, and for an HTTP answer
  std::string token{};                      ///< HTTP: sent as a bearer token; empty: none
  std::string ca{};  ///< TLS: PEM file of the authorities to trust; empty: the system's
  std::size_t largest_message = 64 * 1024 * 1024;  ///< and largest body, bytes
};

/// One WebSocket, text frames both ways. Answers pings while it receives. One thread at a time.
class websocket_client {
public:
  /// Resolves, connects and shakes hands; `subprotocol` may be empty.
  static client_result<websocket_client> connect(std::string_view address, std::string_view subprotocol,
                                                 const client_options& options);
  websocket_client(websocket_client&&) noexcept;
  websocket_client& operator=(websocket_client&&) noexcept;
  ~websocket_client();

  client_result<void> send(std::string_view text);
  /// The next whole message. `timeout`: how long without one is too long.
  client_result<std::string> receive(std::chrono::milliseconds timeout);
  /// Says goodbye and waits for the answer, at most a second. Errors are of no more use then.
  void close() noexcept;

private:
  struct connection;
  explicit websocket_client(std::unique_ptr<connection> open);
  std::unique_ptr<connection> connection_;
};

struct http_reply {
  unsigned status = 0;
  std::string content_type;
  std::string body;
};

/// GET of an `http://` or `https://` address. An answer of any status is a reply.
client_result<http_reply> http_get(std::string_view address, const client_options& options);
/// POST of a JSON text to such an address. An answer of any status is a reply.
client_result<http_reply> http_post(std::string_view address, std::string_view json,
                                    const client_options& options);

}  // namespace tickcast::net
