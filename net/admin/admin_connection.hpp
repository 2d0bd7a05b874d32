#pragma once
#include <memory>
#include <optional>
#include <string>

#include "net/admin/admin_server.hpp"
#include "net/asio.hpp"
#include "net/transport_stream.hpp"

namespace tickcast::net::admin {

/// One connection to the admin port: request, answer, and again, each with a time-out; or the beginning of a
/// live_socket. Owned by its pending operation. Thread: the admin's.
class admin_connection : public std::enable_shared_from_this<admin_connection> {
public:
  admin_connection(admin_server& server, tcp_socket&& socket);
  ~admin_connection();

  void start() { do_read(); }

private:
  using parser = http::request_parser<http::string_body>;

  void do_read();
  void on_head(error_code ec);
  void do_read_body(std::size_t most_bytes);
  void on_read(error_code ec);
  bool ended_by(error_code ec);
  std::size_t largest_body_asked_for() const;
  void on_request();
  void ask_api(http_query&& query);
  void become_live();
  void serve_file(const static_file& file);
  std::string_view header(http::field name) const;
  void refuse_and_end(admin_error code, std::string_view message) { do_write(refuse(code, message), false); }
  void do_write(const http_answer& answer, bool keep_alive);
  void write_out(bool keep_alive);
  void on_written(error_code ec, bool keep_alive);

  admin_server& server_;
  transport_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<parser> parser_;
  std::string remote_;
  bool is_near_ = true;  ///< from this machine
  std::string out_;
};

}  // namespace tickcast::net::admin
