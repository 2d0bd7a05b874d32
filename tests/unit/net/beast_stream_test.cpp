#include "net/beast_stream.hpp"

#include "driven_queue.hpp"

namespace tickcast::net {
namespace {

using beast_stream_test = test::driven_queue;

TEST_F(beast_stream_test, beast_may_write_only_handshakes_and_control_frames) {
  beast_stream stream(queue);
  for (const std::string data_frame : {"\x81\x01x", "\x82\x01x", "\x01\x01x", "\x80\x01x"}) {
    error_code seen;
    bool done = false;
    stream.async_write_some(asio::buffer(data_frame), [&](error_code ec, std::size_t n) {
      seen = ec;
      done = true;
      EXPECT_EQ(n, 0u);
    });
    ASSERT_TRUE(host.turn_until([&] { return done; }));
    EXPECT_EQ(seen, asio::error::operation_not_supported);
  }
  for (const std::string good : {"HTTP/1.1 101 \r\n\r\n", "\x89", "\x8a", "\x88"}) {
    std::size_t written = 0;
    stream.async_write_some(asio::buffer(good), [&](error_code ec, std::size_t n) {
      EXPECT_FALSE(ec);
      written = n;
    });
    ASSERT_TRUE(host.turn_until([&] { return written == good.size(); }));
  }
}

TEST_F(beast_stream_test, a_write_never_completes_within_its_own_call) {
  beast_stream stream(queue);
  const std::string ping = "\x89";
  bool done = false;
  stream.async_write_some(asio::buffer(ping), [&](error_code, std::size_t) { done = true; });
  EXPECT_FALSE(done);
  EXPECT_TRUE(host.turn_until([&] { return done; }));
}

TEST_F(beast_stream_test, a_control_write_is_held_above_the_limit_and_fails_when_the_socket_breaks) {
  wire->allowed = 0;
  beast_stream stream(queue);
  const std::string pong = "\x8a" + std::string(125, 'p');
  std::size_t started = 0;
  std::size_t completed = 0;
  do {
    ++started;
    stream.async_write_some(asio::buffer(pong), [&](error_code, std::size_t) { ++completed; });
    host.turn();
  } while (completed == started && started < 1000);
  EXPECT_EQ(completed + 1, started) << "the last write is not done";
  EXPECT_LE(queue->bytes(), outbound_queue::control_limit + pong.size());
  queue->abort();
  EXPECT_TRUE(host.turn_until([&] { return completed == started; }));
}

TEST_F(beast_stream_test, teardown_waits_until_everything_is_sent) {
  wire->allowed = 1;
  beast_stream stream(queue);
  queue->append(data("the last words"));
  bool done = false;
  async_teardown(beast::role_type::server, stream, [&](error_code) { done = true; });
  for (int i = 0; i < 10; ++i) host.turn();
  EXPECT_FALSE(wire->finished);
  wire->allowed = SIZE_MAX;
  EXPECT_TRUE(host.turn_until([&] { return wire->finished; }));
  EXPECT_EQ(queue->bytes(), 0u);
  EXPECT_FALSE(done) << "the peer has not ended yet";
  queue->abort();
  EXPECT_TRUE(host.turn_until([&] { return done; }));
}

TEST_F(beast_stream_test, reads_first_what_was_read_too_far) {
  beast_stream stream(queue, "unread");
  std::array<char, 4> buffer{};
  std::string read;
  for (const std::size_t expected : {4u, 2u}) {
    bool done = false;
    stream.async_read_some(asio::buffer(buffer), [&](error_code ec, std::size_t n) {
      EXPECT_FALSE(ec);
      EXPECT_EQ(n, expected);
      read.append(buffer.data(), n);
      done = true;
    });
    EXPECT_FALSE(done);
    ASSERT_TRUE(host.turn_until([&] { return done; }));
  }
  EXPECT_EQ(read, "unread");
}

}  // namespace
}  // namespace tickcast::net
