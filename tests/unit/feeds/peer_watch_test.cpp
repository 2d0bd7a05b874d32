#include "feeds/peer_watch.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

#include <array>
#include <chrono>
#include <functional>
#include <thread>

#include "feeds/zmq_source.hpp"
#include "tests/unit/feeds/recorder.hpp"

namespace tickcast::feeds {
namespace {

using test::recorder;
using test::running;

constexpr const char* any_port = "tcp://127.0.0.1:*";

struct key_pair {
  std::array<char, 41> open{};
  std::array<char, 41> secret{};
  key_pair() { zmq_curve_keypair(open.data(), secret.data()); }
};

/// A source of each kind over real sockets, with its peers counted.
class peers_of_a_source : public testing::Test {
protected:
  zmq_options options(zmq_options::pattern kind, bool bind, const std::string& endpoint) {
    zmq_options o;
    o.name = "test";
    o.kind = kind;
    o.bind = bind;
    o.endpoints = {endpoint};
    o.peers = &peers;
    peers.watched = true;
    peers.need = bind ? actors::peer_need::once_there : actors::peer_need::always;
    return o;
  }
  zmq::socket_t peer(zmq::socket_type type) {
    zmq::socket_t socket(context, type);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::sndtimeo, 20'000);
    return socket;
  }
  static bool eventually(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }
  bool has(std::uint64_t count) {
    return eventually([&] { return peers.now == count; });
  }

  actors::feed_peers peers;
  zmq::context_t context;
  recorder out;
};

TEST_F(peers_of_a_source, that_binds_are_those_that_connect_and_go) {
  zmq_source source(context, options(zmq_options::pattern::pull, true, any_port));
  source.open();
  const running thread(source, out);
  EXPECT_FALSE(peers.cut_off()) << "it never had one";
  auto one = peer(zmq::socket_type::push);
  one.connect(source.endpoint());
  ASSERT_TRUE(has(1));
  auto two = peer(zmq::socket_type::push);
  two.connect(source.endpoint());
  ASSERT_TRUE(has(2));
  EXPECT_EQ(peers.last.get().find("tcp://127.0.0.1:"), 0u) << peers.last.get();
  EXPECT_NE(peers.last.get(), source.endpoint()) << "the other end, not this one";
  one.close();
  ASSERT_TRUE(has(1));
  two.close();
  ASSERT_TRUE(has(0));
  EXPECT_TRUE(peers.cut_off());
  EXPECT_EQ(peers.connects, 2u);
  EXPECT_EQ(peers.disconnects, 2u);
}

TEST_F(peers_of_a_source, that_connects_come_back_by_themselves) {
  auto publisher = peer(zmq::socket_type::pub);
  publisher.bind(any_port);
  const auto endpoint = publisher.get(zmq::sockopt::last_endpoint);
  zmq_source source(context, options(zmq_options::pattern::sub, false, endpoint));
  EXPECT_TRUE(peers.cut_off());
  const running thread(source, out);
  ASSERT_TRUE(has(1));
  publisher.close();
  ASSERT_TRUE(has(0));
  EXPECT_TRUE(peers.cut_off());
  ASSERT_TRUE(eventually([&] { return peers.retries > 0; }));
  auto successor = peer(zmq::socket_type::pub);
  ASSERT_TRUE(eventually([&] { return zmq_bind(successor.handle(), endpoint.c_str()) == 0; }));
  ASSERT_TRUE(has(1));
  EXPECT_EQ(peers.connects, 2u);
  EXPECT_EQ(peers.disconnects, 1u);
  EXPECT_EQ(peers.last.get(), endpoint);
}

TEST_F(peers_of_a_source, with_curve_are_those_whose_key_fits) {
  const key_pair server;
  const key_pair friendly;
  const key_pair stranger;
  auto o = options(zmq_options::pattern::pull, true, any_port);
  o.curve.secret = server.secret.data();
  o.curve.allowed = {friendly.open.data()};
  auto gate = std::make_shared<curve_gate>(context);
  zmq_source source(context, o, gate);
  source.open();
  const running thread(source, out);
  const auto connect = [&](const key_pair& keys) {
    auto socket = peer(zmq::socket_type::push);
    socket.set(zmq::sockopt::curve_serverkey, server.open.data());
    socket.set(zmq::sockopt::curve_publickey, keys.open.data());
    socket.set(zmq::sockopt::curve_secretkey, keys.secret.data());
    socket.connect(source.endpoint());
    return socket;
  };
  auto refused = connect(stranger);
  ASSERT_TRUE(eventually([&] { return peers.rejected > 0; }));
  EXPECT_EQ(peers.now, 0u);
  EXPECT_FALSE(peers.cut_off()) << "nobody was ever there";
  auto taken = connect(friendly);
  ASSERT_TRUE(has(1));
  refused.close();
  taken.close();
  ASSERT_TRUE(has(0));
  EXPECT_TRUE(peers.cut_off());
  EXPECT_EQ(peers.connects, 1u);
  EXPECT_EQ(peers.disconnects, 1u);
}

TEST_F(peers_of_a_source, are_counted_while_it_has_no_credit_and_while_it_rests) {
  zmq_source source(context, options(zmq_options::pattern::pull, true, any_port));
  source.open();
  {
    out.grant_up_to(0);
    const running thread(source, out);
    auto socket = peer(zmq::socket_type::push);
    socket.connect(source.endpoint());
    ASSERT_TRUE(has(1));
  }
  stop_signal stop;
  std::jthread resting([&] { source.rest(stop); });
  ASSERT_TRUE(has(0));
  auto socket = peer(zmq::socket_type::push);
  socket.connect(source.endpoint());
  EXPECT_TRUE(has(1));
  stop.request();
}

TEST_F(peers_of_a_source, over_a_file_are_counted_too) {
  zmq_source source(context, options(zmq_options::pattern::pull, true, "ipc://@tickcast-unit-peers"));
  source.open();
  const running thread(source, out);
  auto socket = peer(zmq::socket_type::push);
  socket.connect(source.endpoint());
  ASSERT_TRUE(has(1));
  socket.close();
  EXPECT_TRUE(has(0));
}

}  // namespace
}  // namespace tickcast::feeds
