#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "driven_host.hpp"
#include "net/listener.hpp"
#include "net/shard_context.hpp"
#include "raw_client.hpp"

namespace tickcast::net::test {

/// Keeps what a client sent and lets the test push frames to it.
class recording_peer final : public peer {
public:
  struct seen {
    actors::client_link* link = nullptr;  ///< null once the client has gone
    actors::client_info info;
    std::vector<std::string> messages;
    int drained = 0;
  };
  recording_peer(std::shared_ptr<seen> into) : seen_(std::move(into)) {}
  ~recording_peer() override { seen_->link = nullptr; }
  void receive(std::string&& message, protocol::encoding) override {
    seen_->messages.push_back(std::move(message));
  }
  void drained() override { ++seen_->drained; }

private:
  std::shared_ptr<seen> seen_;
};

/// One shard on the test's own thread, with real sockets on loopback: the test takes its turns and sets its
/// clock.
class one_shard : public testing::Test {
protected:
  using seen = recording_peer::seen;

  one_shard() {
    wanted.listen.port = 0;
    port.ping = {protocol::make_frame("{\"type\":\"ping\"}", protocol::encoding::json),
                 protocol::make_frame("ping", protocol::encoding::msgpack)};
  }
  ~one_shard() override { stop(); }

  /// Starts with `wanted`; must be called before anything else.
  void start() {
    context.emplace(host, port, wanted);
    context->peers = [this](actors::client_link& link, actors::client_info&& info) {
      auto peer = std::make_shared<seen>();
      peer->link = &link;
      peer->info = std::move(info);
      peers.push_back(peer);
      return std::make_unique<recording_peer>(peer);
    };
    listening.emplace(*context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    listening->start();
  }
  void stop() {
    if (!context) return;
    context->sessions.each([](session& left) { left.abort(); });
    listening.reset();
    host.finish();
    EXPECT_EQ(context->counters.sessions(), 0u);
    EXPECT_EQ(port.open.load(), 0u);
    EXPECT_EQ(context->counters.queue_bytes.value(), 0u);
    context.reset();
  }

  raw_client connect(int receive_buffer = 0) { return raw_client(listening->port(), receive_buffer); }
  bool until(const std::function<bool()>& done) { return host.turn_until(done); }
  /// Lets everything settle that is ready now.
  void settle() {
    for (int i = 0; i < 20; ++i) host.turn();
  }
  /// Sends a request and returns the head of the answer.
  std::string ask(raw_client& client, std::string_view request) {
    client.send(request);
    std::string head;
    EXPECT_TRUE(until([&] {
      client.pull();
      head = client.take_head();
      return !head.empty();
    }));
    return head;
  }
  /// A client whose WebSocket is open.
  raw_client open(std::string_view path = "/ws", std::string_view more = {}, int receive_buffer = 0) {
    auto client = connect(receive_buffer);
    const auto before = peers.size();
    const auto head = ask(client, upgrade_request(path, more));
    EXPECT_EQ(head.substr(0, 12), "HTTP/1.1 101") << head;
    EXPECT_TRUE(until([&] { return path != "/ws" || peers.size() > before; }));
    return client;
  }
  /// Reads until `count` frames have come.
  bool frames(raw_client& client, std::size_t count) {
    return until([&] {
      client.pull();
      client.take_frames();
      return client.frames.size() >= count;
    });
  }
  /// Reads until the server has ended the connection.
  bool ended(raw_client& client) {
    const bool is = until([&] {
      client.pull();
      return client.ended;
    });
    client.take_frames();
    return is;
  }
  /// Sends a frame and waits until the server has read something.
  void deliver(raw_client& client, unsigned first, std::string_view payload = {}) {
    const auto before = context->counters.bytes_received.value();
    client.send_frame(first, payload);
    EXPECT_TRUE(until([&] { return context->counters.bytes_received.value() > before; }));
  }
  /// Sets the clock forward and sweeps over all sessions.
  void pass(std::chrono::milliseconds by) {
    host.advance(by);
    context->sessions.sweep(host.now(), 1);
    settle();
  }
  actors::client_link& link(std::size_t i = 0) { return *peers.at(i)->link; }

  driven_host host;
  client_port port;
  config::config wanted;
  std::optional<shard_context> context;
  std::optional<listener> listening;
  std::vector<std::shared_ptr<seen>> peers;
};

inline protocol::frame_ptr json_frame(std::string_view payload) {
  return protocol::make_frame(payload, protocol::encoding::json);
}

}  // namespace tickcast::net::test
