#pragma once
#include <optional>
#include <string>

#include "net/asio.hpp"
#include "net/beast_stream.hpp"
#include "net/http_exchange.hpp"
#include "net/http_head.hpp"
#include "net/session.hpp"
#include "net/shard_context.hpp"

namespace tickcast::net {

/// A connection while it speaks HTTP: reads one request, answers it, waits until the answer has left, reads
/// the next; ends, or becomes a websocket_session at /ws and /echo. Pipelined requests wait in its buffer.
///
/// A handler that answers later leaves the session waiting: nothing is read meanwhile, so that pipelined
/// requests keep their order.
///
/// GET and HEAD only, and OPTIONS where pages of other origins ask whether they may. Refusals are JSON: 400
/// (not HTTP, bad path), 403 (origin), 404, 405, 413 (body), 426 (no upgrade at /ws), 431 (head), 500 (a
/// handler threw), 503 (connection limit, stopping, no answer in time).
class http_session final : public session, private queue_watcher {
public:
  static constexpr std::uint32_t largest_head = 8 * 1024;
  static constexpr std::size_t largest_body = 64 * 1024;
  static constexpr std::size_t largest_post = 1024 * 1024;
  /// How long a connection without a request is kept after its first answer.
  static constexpr std::chrono::seconds idle_time{60};
  /// How long a peer may take to notice that we have ended.
  static constexpr std::chrono::seconds finish_time{2};

  /// How long a client is kept waiting for an answer that comes later.
  static constexpr std::chrono::seconds answer_time{30};

  /// How long a client whose request is on its way is waited for while the server stops (it then gets 503).
  static constexpr std::chrono::milliseconds last_request_time{500};

  /// `refused`: listen.max_connections are open; the first request is answered with 503.
  http_session(shard_context& context, queue_ptr queue, const caller& who, bool refused);
  ~http_session() override;

  void start();
  void sweep(clock::time_point now) override;
  void shut(protocol::close_code code) override;
  void abort() override;
  /// What a handler that answers later has found; null: it gave up.
  void take_answer(const http_content_ptr& content);
  /// The gatekeeper's answer to what this request shows.
  void take_verdict(const access::verdict& verdict);

private:
  enum class phase : unsigned char { idle, reading, waiting, answering, finishing, ended };
  using parser = http::request_parser<http::string_body>;

  void do_read_head();
  void on_head(error_code ec);
  void do_read_body();
  void on_read_error(error_code ec);
  void on_request();
  void admit(http_query&& query);
  void serve(const http_query& query);
  void serve_handler(const http_handler& handler, const http_query& query);
  const http_route* route_of(std::string_view path) const;
  void serve_route(const http_route& route, const http_query& query);
  void stop_waiting() {
    if (waits_as_ != 0) context_.waiting.remove(std::exchange(waits_as_, 0));
  }
  void answer_preflight();
  void add_origin(http_head& head) const;
  std::string forwarded_for() const;
  void send_content(const http_content& content);
  void serve_file(const static_file& file);
  void upgrade(const http_query& query);
  void become_websocket(const http_query& query);
  void refuse_sign_in(const access::refusal& why);
  void send(const http_answer& answer, bool keep_alive);
  void send_head_and(const http_head& head, const protocol::frame_ptr& body);
  void refuse_method(std::string_view taken);
  void refuse(unsigned status, std::string_view message) { send(http_refusal(status, message), false); }
  void do_finish();
  void end();

  void room_again() override {}
  void all_sent() override;
  void broken() override { end(); }

  std::string_view header(http::field name) const;
  /// What the request shows of who its sender is.
  tl::expected<access::credentials, std::string> shown(const http_query& query) const;

  shard_context& context_;
  beast_stream stream_;
  caller caller_;
  beast::flat_buffer buffer_;
  std::optional<parser> parser_;
  clock::time_point since_;  // of the phase
  phase phase_ = phase::reading;
  std::uint64_t waits_as_ = 0;            // in context_.waiting; 0: it does not
  std::optional<http_query> waits_with_;  // while the gatekeeper is asked
  const http_route* route_ = nullptr;     // of the request that is being answered
  bool refused_;
  bool keep_alive_ = false;
  bool is_head_ = false;
  bool shutting_ = false;
};

/// Makes the http_session of an accepted connection and starts it.
void begin_http(shard_context& context, tcp_socket&& socket, const caller& who, connection_slot&& slot,
                bool refused);

}  // namespace tickcast::net
