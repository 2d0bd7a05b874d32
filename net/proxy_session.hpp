#pragma once
#include "net/outbound_queue.hpp"
#include "net/proxy_header.hpp"
#include "net/session.hpp"
#include "net/shard_context.hpp"

namespace tickcast::net {

/// A trusted proxy's connection until its PROXY header has come (listen.proxy_protocol); then it becomes an
/// http_session. What is malformed or does not come within listen.handshake_ms is closed and counted.
class proxy_session final : public session {
public:
  /// `refused` as http_session has it.
  proxy_session(shard_context& context, tcp_socket&& socket, const tcp::endpoint& peer,
                connection_slot&& slot, bool refused);
  ~proxy_session() override;

  void start() { wait(); }
  void sweep(clock::time_point now) override;
  void shut(protocol::close_code) override { end(); }
  void abort() override { end(); }

private:
  void wait();
  void on_ready();
  void go_on();
  void end();

  shard_context& context_;
  tcp_socket socket_;
  tcp::endpoint peer_;
  connection_slot slot_;
  proxy_header header_;
  clock::time_point since_;
  bool refused_;
  bool ended_ = false;
};

}  // namespace tickcast::net
