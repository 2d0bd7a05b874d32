#include "feeds/zmq_source.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zmq.h>

#include <array>

#include "tests/unit/feeds/files.hpp"
#include "tests/unit/feeds/recorder.hpp"

namespace tickcast::feeds {
namespace {

using test::recorder;
using test::running;

constexpr const char* any_port = "tcp://127.0.0.1:*";

std::string trade_json(int number) {
  return fmt::format(
      R"({{"type":"trade","symbol":"T","time":{},"price":"1.5","size":2,"id":{},"feed_seq":{}}})",
      1'700'000'000'000'000'000 + number, number, number);
}

zmq_options pulling(std::vector<std::string> endpoints, bool bind = true) {
  zmq_options o;
  o.name = "test";
  o.kind = zmq_options::pattern::pull;
  o.bind = bind;
  o.endpoints = std::move(endpoints);
  return o;
}

/// A sender that gives up after 20 s.
zmq::socket_t sender(zmq::context_t& context, zmq::socket_type type, const std::string& endpoint,
                     bool bind = false) {
  zmq::socket_t socket(context, type);
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::sndtimeo, 20'000);
  if (type == zmq::socket_type::push) socket.set(zmq::sockopt::immediate, true);
  if (bind) {
    socket.bind(endpoint);
  } else {
    socket.connect(endpoint);
  }
  return socket;
}

bool send(zmq::socket_t& socket, std::string_view text, bool more = false) {
  const auto sent = socket.send(zmq::buffer(text), more ? zmq::send_flags::sndmore : zmq::send_flags::none);
  return sent.has_value();
}

std::string failure_of(const std::function<void()>& what) {
  try {
    what();
  } catch (const feed_error& why) {
    return why.what();
  }
  return "";
}

struct key_pair {
  std::array<char, 41> open{};
  std::array<char, 41> secret{};
  key_pair() { zmq_curve_keypair(open.data(), secret.data()); }
};

class zmq_source_over : public testing::TestWithParam<const char*> {};

TEST_P(zmq_source_over, takes_what_is_pushed_in_order_and_complete) {
  zmq::context_t context;
  zmq_source s(context, pulling({GetParam()}));
  s.open();
  recorder out;
  running thread(s, out);
  auto push = sender(context, zmq::socket_type::push, s.endpoint());
  const int count = 5000;
  for (int i = 1; i <= count; ++i) ASSERT_TRUE(send(push, trade_json(i)));
  ASSERT_TRUE(out.wait_for_items(count));
  const auto items = out.items();
  for (int i = 1; i <= count; ++i) {
    const auto& item = items[static_cast<std::size_t>(i - 1)];
    ASSERT_EQ(item.feed_seq, static_cast<std::uint64_t>(i));
    ASSERT_EQ(item.trade().id.number, static_cast<std::uint64_t>(i));
  }
  EXPECT_EQ(out.refused().size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(transports, zmq_source_over,
                         testing::Values("tcp://127.0.0.1:*", "inproc://feed", "ipc://@tickcast-unit-feeds"));

TEST(zmq_source, tells_the_port_that_it_was_given) {
  zmq::context_t context;
  zmq_source s(context, pulling({any_port}));
  EXPECT_EQ(s.endpoint(), "");
  s.open();
  EXPECT_EQ(s.endpoint().find("tcp://127.0.0.1:"), 0u);
  EXPECT_EQ(s.endpoint().find('*'), std::string::npos);
}

TEST(zmq_source, subscribes_to_everything_and_takes_topic_and_body) {
  zmq::context_t context;
  auto pub = sender(context, zmq::socket_type::xpub, any_port, true);
  auto options = pulling({pub.get(zmq::sockopt::last_endpoint)}, false);
  options.kind = zmq_options::pattern::sub;
  zmq_source s(context, options);
  recorder out;
  running thread(s, out);
  zmq::message_t subscription;
  pub.set(zmq::sockopt::rcvtimeo, 20'000);
  ASSERT_TRUE(pub.recv(subscription));
  ASSERT_TRUE(send(pub, "trade.T", true) && send(pub, trade_json(1)));
  ASSERT_TRUE(send(pub, trade_json(2)));
  ASSERT_TRUE(out.wait_for_items(2));
  EXPECT_EQ(out.items()[0].feed_seq, 1u);
  EXPECT_EQ(out.items()[1].feed_seq, 2u);
}

TEST(zmq_source, reads_several_endpoints_through_one_socket) {
  zmq::context_t context;
  auto one = sender(context, zmq::socket_type::push, any_port, true);
  auto two = sender(context, zmq::socket_type::push, any_port, true);
  zmq_source s(context,
               pulling({one.get(zmq::sockopt::last_endpoint), two.get(zmq::sockopt::last_endpoint)}, false));
  recorder out;
  running thread(s, out);
  ASSERT_TRUE(send(one, trade_json(1)));
  ASSERT_TRUE(send(two, trade_json(2)));
  EXPECT_TRUE(out.wait_for_items(2));
}

TEST(zmq_source, binds_and_connects_over_ipv6) {
  zmq::context_t context;
  zmq_source s(context, pulling({"tcp://[::1]:*"}));
  try {
    s.open();
  } catch (const feed_error&) {
    GTEST_SKIP() << "this machine has no IPv6 loopback";
  }
  recorder out;
  running thread(s, out);
  zmq::socket_t push(context, zmq::socket_type::push);
  push.set(zmq::sockopt::ipv6, true);
  push.set(zmq::sockopt::linger, 0);
  push.connect(s.endpoint());
  ASSERT_TRUE(send(push, trade_json(1)));
  EXPECT_TRUE(out.wait_for_items(1));
}

TEST(zmq_source, refuses_hostile_bodies_and_takes_their_neighbours) {
  zmq::context_t context;
  zmq_source s(context, pulling({"inproc://feed"}));
  s.open();
  recorder out;
  running thread(s, out);
  auto push = sender(context, zmq::socket_type::push, s.endpoint());
  const std::vector<std::string> hostile{
      "",
      std::string("\xc1", 1),
      std::string("\xdd\xff\xff\xff\xff", 5),
      "{",
      "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
      R"({"type":"trade"})",
      R"({"type":"nothing"})",
      std::string(100'000, '\x93'),
      std::string(10'000, '\0'),
  };
  int number = 0;
  for (const auto& body : hostile) {
    ASSERT_TRUE(send(push, body));
    ASSERT_TRUE(send(push, trade_json(++number)));
  }
  ASSERT_TRUE(out.wait_for_items(hostile.size()));
  ASSERT_TRUE(out.wait_for_refused(hostile.size()));
  const auto items = out.items();
  for (std::size_t i = 0; i < items.size(); ++i) EXPECT_EQ(items[i].feed_seq, i + 1);
  EXPECT_EQ(items.size(), hostile.size());
}

TEST(zmq_source, refuses_messages_of_three_frames_whole) {
  zmq::context_t context;
  zmq_source s(context, pulling({"inproc://feed"}));
  s.open();
  recorder out;
  running thread(s, out);
  auto push = sender(context, zmq::socket_type::push, s.endpoint());
  ASSERT_TRUE(send(push, "a", true) && send(push, trade_json(1), true) && send(push, trade_json(2), true) &&
              send(push, trade_json(3)));
  ASSERT_TRUE(send(push, "t", true) && send(push, trade_json(4)));
  ASSERT_TRUE(out.wait_for_items(1));
  EXPECT_EQ(out.items()[0].feed_seq, 4u);
  ASSERT_EQ(out.refused().size(), 1u);
  EXPECT_EQ(out.refused()[0].code, protocol::errc::malformed);
}

TEST(zmq_source, stops_reading_without_credit_and_goes_on_with_it) {
  zmq::context_t context;
  zmq_source s(context, pulling({"inproc://feed"}));
  s.open();
  recorder out;
  out.grant_up_to(10);
  auto push = sender(context, zmq::socket_type::push, s.endpoint());
  const int count = 3 * static_cast<int>(turn_messages);
  for (int i = 1; i <= count; ++i) ASSERT_TRUE(send(push, trade_json(i)));
  running thread(s, out);
  ASSERT_TRUE(out.wait_until_out_of_credit());
  EXPECT_GE(out.count(), 10u);
  EXPECT_LE(out.count(), turn_messages) << "at most one turn beyond the credit";
  out.grant_up_to(static_cast<std::size_t>(count) + 1);
  EXPECT_TRUE(out.wait_for_items(static_cast<std::size_t>(count)));
  thread.stop();
  EXPECT_EQ(out.count(), static_cast<std::size_t>(count));
}

TEST(zmq_source, stops_at_once_while_it_waits_for_messages_or_for_credit) {
  zmq::context_t context;
  zmq_source s(context, pulling({"inproc://feed"}));
  s.open();
  for (const bool with_credit : {true, false}) {
    recorder out;
    if (!with_credit) out.grant_up_to(0);
    running thread(s, out);
    ASSERT_TRUE(with_credit || out.wait_until_out_of_credit());
    const auto begin = std::chrono::steady_clock::now();
    thread.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
    EXPECT_EQ(thread.failure(), "");
  }
}

TEST(zmq_source, loses_only_the_message_that_broke_its_run) {
  zmq::context_t context;
  zmq_source s(context, pulling({any_port}));
  s.open();
  auto push = sender(context, zmq::socket_type::push, s.endpoint());
  recorder out;
  out.throw_at(3);
  {
    running thread(s, out);
    for (int i = 1; i <= 6; ++i) ASSERT_TRUE(send(push, trade_json(i)));
    thread.join();
    EXPECT_EQ(thread.failure(), "the test says so");
  }
  running again(s, out);
  ASSERT_TRUE(out.wait_for_items(5));
  std::vector<std::uint64_t> seqs;
  for (const auto& item : out.items()) seqs.push_back(item.feed_seq.value());
  EXPECT_EQ(seqs, (std::vector<std::uint64_t>{1, 2, 4, 5, 6}));
}

TEST(zmq_source, ends_when_its_context_does) {
  auto context = std::make_unique<zmq::context_t>();
  zmq_source s(*context, pulling({"inproc://feed"}));
  s.open();
  recorder out;
  running thread(s, out);
  context->shutdown();
  thread.join();
  EXPECT_EQ(thread.failure(), "");
}

TEST(zmq_source, says_that_the_port_is_taken) {
  zmq::context_t context;
  zmq_source first(context, pulling({any_port}));
  first.open();
  zmq_source second(context, pulling({first.endpoint()}));
  const auto why = failure_of([&] { second.open(); });
  EXPECT_NE(why.find(first.endpoint()), std::string::npos) << why;
  EXPECT_NE(why.find("holds this port"), std::string::npos) << why;
}

TEST(zmq_source, says_what_is_wrong_with_an_endpoint) {
  zmq::context_t context;
  for (const char* endpoint : {"tcp://127.0.0.1", "nonsense", "udp://1.2.3.4:5", "tcp://203.0.113.7:5557"}) {
    zmq_source s(context, pulling({endpoint}));
    EXPECT_NE(failure_of([&] { s.open(); }).find(endpoint), std::string::npos) << endpoint;
  }
  EXPECT_NE(failure_of([&] { zmq_source s(context, pulling({})); }), "");
}

TEST(service_source, takes_publishes_and_feed_messages) {
  zmq::context_t context;
  auto options = pulling({"inproc://service"});
  options.decode = &decode_service_body;
  zmq_source s(context, options);
  s.open();
  recorder out;
  running thread(s, out);
  auto push = sender(context, zmq::socket_type::push, s.endpoint());
  ASSERT_TRUE(
      send(push, R"({"type":"publish","src":"web","data":{"topic":"monitor.cpu","data":{"load":0.5}}})"));
  ASSERT_TRUE(send(push, R"({"type":"get_quote","src":"web","data":{"symbol":"X"}})"));
  ASSERT_TRUE(send(push, trade_json(1)));
  ASSERT_TRUE(out.wait_for_items(2));
  EXPECT_EQ(out.items()[0].symbol, "monitor.cpu");
  EXPECT_EQ(std::get<std::string>(out.items()[0].value), R"({"load":0.5})");
  ASSERT_EQ(out.refused().size(), 1u);
  EXPECT_EQ(out.refused()[0].code, protocol::errc::unsupported);
}

class curve : public testing::Test {
protected:
  zmq_options server_options(std::vector<std::string> allowed = {}) {
    auto o = pulling({any_port});
    o.curve.secret = server.secret.data();
    o.curve.allowed = std::move(allowed);
    return o;
  }
  zmq::socket_t client_socket(const key_pair& own, const char* server_key) {
    zmq::socket_t push(context, zmq::socket_type::push);
    push.set(zmq::sockopt::linger, 0);
    push.set(zmq::sockopt::immediate, true);
    push.set(zmq::sockopt::sndtimeo, 20'000);
    push.set(zmq::sockopt::curve_serverkey, server_key);
    push.set(zmq::sockopt::curve_publickey, own.open.data());
    push.set(zmq::sockopt::curve_secretkey, own.secret.data());
    return push;
  }
  /// What the socket's handshakes come to: ZMQ_EVENT_HANDSHAKE_SUCCEEDED or one of the failures.
  int outcome(zmq::socket_t& socket, const std::string& endpoint) {
    const auto address = fmt::format("inproc://monitor-{}", ++monitors);
    zmq_socket_monitor(socket.handle(), address.c_str(),
                       ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                           ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                           ZMQ_EVENT_DISCONNECTED);
    zmq::socket_t pair(context, zmq::socket_type::pair);
    pair.set(zmq::sockopt::rcvtimeo, 20'000);
    pair.set(zmq::sockopt::linger, 0);
    pair.connect(address);
    socket.connect(endpoint);
    zmq::message_t event;
    const bool told = pair.recv(event).has_value();
    zmq_socket_monitor(socket.handle(), nullptr, 0);
    return told && event.size() >= 2 ? *event.data<std::uint16_t>() : 0;
  }

  zmq::context_t context;
  key_pair server, client, stranger;
  int monitors = 0;
};

TEST_F(curve, lets_a_client_in_that_knows_the_servers_key) {
  zmq_source s(context, server_options());
  s.open();
  recorder out;
  running thread(s, out);
  auto push = client_socket(client, server.open.data());
  EXPECT_EQ(outcome(push, s.endpoint()), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
  ASSERT_TRUE(send(push, trade_json(1)));
  EXPECT_TRUE(out.wait_for_items(1));
}

TEST_F(curve, keeps_out_a_client_with_another_servers_key_and_one_without_keys) {
  zmq_source s(context, server_options());
  s.open();
  recorder out;
  running thread(s, out);
  auto wrong = client_socket(client, stranger.open.data());
  EXPECT_NE(outcome(wrong, s.endpoint()), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
  zmq::socket_t bare(context, zmq::socket_type::push);
  bare.set(zmq::sockopt::linger, 0);
  EXPECT_NE(outcome(bare, s.endpoint()), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
  EXPECT_EQ(out.count(), 0u);
}

TEST_F(curve, lets_in_the_keys_on_the_list_and_no_other) {
  auto gate = std::make_shared<curve_gate>(context);
  zmq_source s(context, server_options({client.open.data()}), gate);
  s.open();
  recorder out;
  running thread(s, out);
  auto bad = client_socket(stranger, server.open.data());
  EXPECT_EQ(outcome(bad, s.endpoint()), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
  EXPECT_GE(gate->refused(), 1u);
  auto good = client_socket(client, server.open.data());
  EXPECT_EQ(outcome(good, s.endpoint()), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
  ASSERT_TRUE(send(good, trade_json(1)));
  EXPECT_TRUE(out.wait_for_items(1));
}

TEST_F(curve, a_source_is_a_client_of_a_publisher_with_keys) {
  zmq::socket_t pub(context, zmq::socket_type::xpub);
  pub.set(zmq::sockopt::linger, 0);
  pub.set(zmq::sockopt::rcvtimeo, 20'000);
  pub.set(zmq::sockopt::curve_server, true);
  pub.set(zmq::sockopt::curve_secretkey, server.secret.data());
  pub.bind(any_port);
  auto options = pulling({pub.get(zmq::sockopt::last_endpoint)}, false);
  options.kind = zmq_options::pattern::sub;
  options.curve.secret = client.secret.data();
  options.curve.server = server.open.data();
  zmq_source s(context, options);
  recorder out;
  running thread(s, out);
  zmq::message_t subscription;
  ASSERT_TRUE(pub.recv(subscription));
  ASSERT_TRUE(send(pub, trade_json(1)));
  EXPECT_TRUE(out.wait_for_items(1));
}

TEST_F(curve, says_which_key_is_wrong) {
  const auto fails_with = [&](curve_keys keys, bool bind, std::string_view word) {
    auto o = pulling({any_port}, bind);
    o.curve = std::move(keys);
    const auto why = failure_of([&] { zmq_source s(context, o); });
    EXPECT_NE(why.find(word), std::string::npos) << why;
  };
  const std::string good = server.secret.data();
  fails_with({"short", "", "", {}}, true, "secret key");
  fails_with({"", server.open.data(), "", {}}, true, "secret key");
  fails_with({good, client.open.data(), "", {}}, true, "public key");
  fails_with({good, "", client.open.data(), {}}, true, "takes no server key");
  fails_with({good, "", "", {"x"}}, true, "allowed key");
  fails_with({good, "", "", {}}, false, "server key");
  fails_with({good, "", client.open.data(), {client.open.data()}}, false, "only a socket that binds");
  fails_with({"", "", "", {client.open.data()}}, true, "secret key beside");
  fails_with({good, "", "", {client.open.data()}}, true, "curve_gate");
}

TEST_F(curve, derives_the_public_key_from_the_secret_one) {
  const auto keys = check_curve({server.secret.data(), "", "", {}}, true, "feed x");
  EXPECT_EQ(keys.own, server.open.data());
}

TEST_F(curve, takes_keys_from_files_bare_or_in_certificates) {
  test::scratch files;
  const std::string secret = server.secret.data();
  const std::string open = server.open.data();
  EXPECT_EQ(read_key_file(files.write("bare", secret + "\n"), "secret-key"), secret);
  const auto certificate =
      files.write("cert", "#   ****  Generated  ****\nmetadata\ncurve\n    public-key = \"" + open +
                              "\"\n    secret-key = \"" + secret + "\"\n");
  EXPECT_EQ(read_key_file(certificate, "secret-key"), secret);
  EXPECT_EQ(read_key_file(certificate, "public-key"), open);
  EXPECT_NE(failure_of([&] { read_key_file(files.path("none"), "secret-key"); }).find("none"),
            std::string::npos);
  EXPECT_NE(failure_of([&] { read_key_file(files.write("junk", "hello\n"), "secret-key"); }).find("junk"),
            std::string::npos);
}

TEST(curve_gate, is_one_a_context) {
  zmq::context_t context;
  curve_gate first(context);
  EXPECT_NE(failure_of([&] { curve_gate second(context); }).find("one gate"), std::string::npos);
}

}  // namespace
}  // namespace tickcast::feeds
