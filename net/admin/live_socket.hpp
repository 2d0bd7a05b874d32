#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "net/admin/admin_server.hpp"
#include "net/asio.hpp"
#include "net/transport_stream.hpp"

namespace tickcast::net::admin {

/// A console's WebSocket (docs/admin-api.md, "Live"): views of the API, made again and again while somebody
/// watches them. One message is on its way at a time; while it is, views are skipped, not queued.
/// Owned by its pending operations. Thread: the admin's.
class live_socket : public std::enable_shared_from_this<live_socket> {
public:
  static constexpr std::size_t most_sockets = 32;
  static constexpr std::size_t most_watches = 16;
  static constexpr std::int64_t shortest_ms = 250;

  live_socket(admin_server& server, transport_stream&& stream, std::string remote);
  ~live_socket();

  void accept(http::request<http::string_body>&& request);

private:
  struct watch {
    explicit watch(const executor& on) : timer(on) {}
    std::string target;
    std::uint64_t number = 0;  ///< among all of this socket
    std::chrono::milliseconds every{1000};
    std::string last;  ///< what was sent, without its time
    admin_server::timer timer;
  };

  void on_accept(error_code ec);
  void read();
  void on_read(error_code ec);
  void on_message(const nlohmann::json& message);
  void on_connect(const nlohmann::json& data);
  void on_watch(std::uint64_t id, const nlohmann::json& data);
  void look(std::uint64_t id);
  void look_later(std::uint64_t id);
  void show(std::uint64_t id, std::uint64_t number, const http_answer& answer);
  void refuse_message(std::uint64_t id, std::string_view code, std::string_view what);
  void ping();
  /// False: another message is on its way.
  bool send_view(std::string text);
  void send_reply(std::string text);
  void write_next();
  void close(std::uint16_t code, const std::string& reason);
  void end();

  admin_server& server_;
  websocket::stream<transport_stream> stream_;
  http::request<http::string_body> request_;
  std::string remote_;
  std::string token_;
  beast::flat_buffer buffer_;
  std::map<std::uint64_t, std::unique_ptr<watch>> watches_;
  std::uint64_t last_watch_ = 0;
  std::deque<std::string> out_;  ///< the first is on its way; replies are bounded by the commands read
  admin_server::timer pinger_;
  bool ended_ = false;
};

}  // namespace tickcast::net::admin
