#pragma once
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <string>

#include "config/config.hpp"
#include "driven_host.hpp"
#include "net/flusher.hpp"
#include "net/outbound_queue.hpp"

namespace tickcast::net::test {

/// A transport that takes as many bytes as the test allows, and keeps them; so that a test can stop it within
/// a frame. Its socket is real (one end of a pair), for waiting only.
class metered_transport final : public transport {
public:
  struct state {
    std::size_t allowed = SIZE_MAX;
    std::string taken;
    int writes = 0;
    int most_buffers = 0;
    bool fails = false;
    bool finished = false;
  };
  metered_transport(tcp_socket&& socket, std::shared_ptr<state> kept)
      : transport(std::move(socket)), state_(std::move(kept)) {}

  transfer try_write(const iovec* buffers, int count) noexcept override {
    ++state_->writes;
    state_->most_buffers = std::max(state_->most_buffers, count);
    if (state_->fails) return {transfer::status::failed, 0};
    std::size_t moved = 0;
    for (int i = 0; i < count && state_->allowed > 0; ++i) {
      const auto part = std::min(state_->allowed, buffers[i].iov_len);
      state_->taken.append(static_cast<const char*>(buffers[i].iov_base), part);
      state_->allowed -= part;
      moved += part;
    }
    if (moved == 0) return {transfer::status::want_write, 0};
    return {transfer::status::moved, moved};
  }
  transfer try_read(const iovec*, int) noexcept override { return {transfer::status::want_read, 0}; }
  void finish() noexcept override { state_->finished = true; }

private:
  std::shared_ptr<state> state_;
};

/// A queue over a metered transport. Its socket is always writable, so it tries again every turn.
class driven_queue : public testing::Test, protected queue_watcher {
protected:
  driven_queue() { configuration.limits.queue_bytes = 1000; }
  ~driven_queue() override {
    queue->watch(nullptr);
    queue->abort();
    queue.reset();
    if (peer >= 0) ::close(peer);
    host.finish();
    flush.forget();
    EXPECT_EQ(open.load(), 0u);
    EXPECT_EQ(counters.queue_bytes.value(), 0u);
  }

  void SetUp() override {
    // A TCP pair, because SO_LINGER and friends must work on it.
    tcp_acceptor acceptor(host.get_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    peer = ::socket(AF_INET, SOCK_STREAM, 0);
    const auto to = acceptor.local_endpoint();
    ASSERT_EQ(::connect(peer, to.data(), static_cast<socklen_t>(to.size())), 0);
    auto socket = acceptor.accept();
    socket.native_non_blocking(true);
    queue.reset(new outbound_queue(flush, std::make_unique<metered_transport>(std::move(socket), wire),
                                   connection_slot(open)));
    queue->watch(this);
  }

  void room_again() override { ++rooms; }
  void all_sent() override { ++sents; }
  void broken() override { ++breaks; }

  static protocol::frame_ptr bytes(std::string_view payload) {
    return protocol::make_frame(payload, protocol::encoding::msgpack);
  }
  static protocol::frame_ptr data(std::string_view payload) {
    return protocol::make_frame(payload, protocol::encoding::json);
  }

  driven_host host;
  config::config configuration;
  shard_counters counters;
  flusher flush{host, configuration, counters};
  std::shared_ptr<metered_transport::state> wire = std::make_shared<metered_transport::state>();
  std::atomic<std::size_t> open{0};
  int peer = -1;
  queue_ptr queue;
  int rooms = 0;
  int sents = 0;
  int breaks = 0;
};

}  // namespace tickcast::net::test
