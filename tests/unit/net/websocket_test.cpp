#include "net/websocket_session.hpp"

#include <algorithm>

#include "one_shard.hpp"

namespace tickcast::net {
namespace {

using namespace std::chrono_literals;
using protocol::close_code;
using test::json_frame;

class websocket_test : public test::one_shard {
protected:
  static std::string accept_of(const std::string& head) {
    return head.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == std::string::npos ? "" : "good";
  }
  /// Pings without reading until Beast's write is held: whatever Beast is to write next has to wait.
  void fill_with_pongs(test::raw_client& client) {
    std::string pings;
    for (int i = 0; i < 200; ++i) pings += test::client_frame(test::ping_frame, std::string(125, 'p'));
    ASSERT_TRUE(until([&] {
      client.send(pings);
      return context->counters.queue_bytes.value() > outbound_queue::control_limit;
    }));
    for (int i = 0; i < 100; ++i) {
      client.send(pings);
      host.turn();
    }
    ASSERT_GT(context->counters.queue_bytes.value(), outbound_queue::control_limit);
  }
};

TEST_F(websocket_test, opens_by_rfc_6455_and_passes_messages_both_ways) {
  start();
  auto client = connect();
  const auto head = ask(client, test::upgrade_request());
  EXPECT_EQ(accept_of(head), "good") << head;
  ASSERT_TRUE(until([&] { return peers.size() == 1; }));
  client.send_frame(test::text_frame, "{\"type\":\"ping\"}");
  ASSERT_TRUE(until([&] { return !peers[0]->messages.empty(); }));
  EXPECT_EQ(peers[0]->messages[0], "{\"type\":\"ping\"}");
  link().append(json_frame("update"));
  ASSERT_TRUE(frames(client, 1));
  EXPECT_EQ(client.frames[0].first, 0x81);
  EXPECT_EQ(client.frames[0].payload, "update");
  EXPECT_EQ(peers[0]->info.remote.substr(0, 10), "127.0.0.1:");
}

TEST_F(websocket_test, bytes_after_the_upgrade_request_are_not_lost) {
  start();
  auto client = connect();
  client.send(test::upgrade_request() + test::client_frame(test::text_frame, "early") +
              test::client_frame(test::text_frame, std::string(3000, 'e')) +
              test::client_frame(test::text_frame, "late").substr(0, 4));
  ASSERT_TRUE(until([&] { return peers.size() == 1 && peers[0]->messages.size() == 2; }));
  EXPECT_EQ(peers[0]->messages[0], "early");
  EXPECT_EQ(peers[0]->messages[1].size(), 3000u);
  client.send(test::client_frame(test::text_frame, "late").substr(4));
  ASSERT_TRUE(until([&] { return peers[0]->messages.size() == 3; }));
  EXPECT_EQ(peers[0]->messages[2], "late");
}

TEST_F(websocket_test, does_not_take_up_compression_although_it_is_offered) {
  start();
  auto client = connect();
  const auto head =
      ask(client, test::upgrade_request("/ws", "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
  EXPECT_EQ(head.find("Sec-WebSocket-Extensions"), std::string::npos) << head;
}

TEST_F(websocket_test, agrees_on_the_first_subprotocol_it_speaks) {
  start();
  auto client = connect();
  const auto head =
      ask(client,
          test::upgrade_request("/ws", "Sec-WebSocket-Protocol: chat, tickcast.v1.msgpack, tickcast.v1\r\n"));
  EXPECT_NE(head.find("Sec-WebSocket-Protocol: tickcast.v1.msgpack\r\n"), std::string::npos) << head;
  ASSERT_TRUE(until([&] { return peers.size() == 1; }));
  EXPECT_EQ(peers[0]->info.encoding, protocol::encoding::msgpack);
  client.send_frame(test::binary_frame, std::string("\x81\x00", 2));
  ASSERT_TRUE(until([&] { return peers[0]->messages.size() == 1; }));
}

TEST(choose_subprotocol_test, knows_its_names_and_no_others) {
  EXPECT_EQ(choose_subprotocol("tickcast.v1").encoding, protocol::encoding::json);
  EXPECT_EQ(choose_subprotocol("tickcast.v1.json").name, "tickcast.v1.json");
  EXPECT_EQ(choose_subprotocol(" tickcast.v1.msgpack ").encoding, protocol::encoding::msgpack);
  EXPECT_EQ(choose_subprotocol("tickcast.v2, mqtt").name, "");
  EXPECT_EQ(choose_subprotocol("").encoding, protocol::encoding::json);
}

TEST_F(websocket_test, a_frame_of_the_wrong_kind_closes_with_3501) {
  start();
  auto json = open();
  json.send_frame(test::binary_frame, "x");
  ASSERT_TRUE(frames(json, 1));
  EXPECT_EQ(json.frames[0].close_code(), 3501u);
  auto msgpack = open("/ws", "Sec-WebSocket-Protocol: tickcast.v1.msgpack\r\n");
  msgpack.send_frame(test::text_frame, "{}");
  ASSERT_TRUE(frames(msgpack, 1));
  EXPECT_EQ(msgpack.frames[0].close_code(), 3501u);
  EXPECT_EQ(context->counters.wrong_frames.value(), 2u);
  EXPECT_TRUE(peers[0]->messages.empty());
}

TEST_F(websocket_test, joins_fragments_and_answers_a_ping_between_them) {
  start();
  auto client = open();
  client.send_frame(0x01, "one ");
  client.send_frame(test::ping_frame, "now");
  client.send_frame(0x00, "");
  client.send_frame(0x80, "two");
  ASSERT_TRUE(frames(client, 1));
  EXPECT_EQ(client.frames[0].first, test::pong_frame);
  EXPECT_EQ(client.frames[0].payload, "now");
  ASSERT_TRUE(until([&] { return !peers[0]->messages.empty(); }));
  EXPECT_EQ(peers[0]->messages[0], "one two");
}

TEST_F(websocket_test, takes_messages_of_every_length_and_an_empty_one) {
  start();
  auto client = open();
  std::size_t sent = 0;
  for (const std::size_t size :
       {0u, 1u, 125u, 126u, 127u, 128u, 129u, 1535u, 1536u, 1537u, 16384u, 65535u, 65536u}) {
    client.send_frame(test::text_frame, std::string(size, 'm'));
    ++sent;
    ASSERT_TRUE(until([&] { return peers[0]->messages.size() == sent; })) << size;
    EXPECT_EQ(peers[0]->messages.back().size(), size);
  }
}

TEST_F(websocket_test, a_message_above_max_frame_bytes_closes_with_1009) {
  wanted.listen.max_frame_bytes = 1000;
  start();
  auto client = open();
  client.send_frame(test::text_frame, std::string(1001, 'x'));
  ASSERT_TRUE(frames(client, 1));
  EXPECT_EQ(client.frames[0].close_code(), 1009u);
  auto in_parts = open();
  for (int i = 0; i < 3; ++i) in_parts.send_frame(i == 0 ? 0x01 : 0x00, std::string(400, 'x'));
  ASSERT_TRUE(frames(in_parts, 1));
  EXPECT_EQ(in_parts.frames[0].close_code(), 1009u);
}

TEST_F(websocket_test, invalid_utf_8_closes_with_1007) {
  start();
  auto client = open();
  client.send_frame(test::text_frame, "\xff\xfe");
  ASSERT_TRUE(frames(client, 1));
  EXPECT_EQ(client.frames[0].close_code(), 1007u);
  auto cut_short = open();
  cut_short.send_frame(test::text_frame, "\xc3");
  ASSERT_TRUE(frames(cut_short, 1));
  EXPECT_EQ(cut_short.frames[0].close_code(), 1007u);
  EXPECT_TRUE(peers[0]->messages.empty());
}

TEST_F(websocket_test, broken_frames_close_with_1002) {
  start();
  const std::string broken[] = {
      test::client_frame(0x83, "reserved opcode"),
      test::client_frame(0xc1, "reserved bit"),
      test::client_frame(0x09, "fragmented ping"),
      test::client_frame(test::ping_frame, std::string(126, 'p')),
      test::client_frame(0x80, "continues nothing"),
      std::string("\x81\x01x", 3),  // not masked
      test::client_frame(test::close_frame, "x"),
  };
  for (const auto& bytes : broken) {
    auto client = open();
    client.send(bytes);
    ASSERT_TRUE(frames(client, 1));
    EXPECT_EQ(client.frames[0].opcode(), 8u);
    EXPECT_EQ(client.frames[0].close_code(), 1002u);
  }
}

TEST_F(websocket_test, answers_a_close_ends_the_stream_and_the_peer) {
  start();
  auto client = open();
  link().append(json_frame("before"));
  client.send_frame(test::close_frame, test::close_payload(1000));
  ASSERT_TRUE(ended(client));
  ASSERT_EQ(client.frames.size(), 2u);
  EXPECT_EQ(client.frames[0].payload, "before");
  EXPECT_EQ(client.frames[1].close_code(), 1000u);
  client.close();
  ASSERT_TRUE(until([&] { return peers[0]->link == nullptr && context->sessions.empty(); }));
}

TEST_F(websocket_test, the_servers_close_goes_after_what_was_queued) {
  start();
  auto client = open();
  for (int i = 0; i < 100; ++i) link().append(json_frame(std::to_string(i)));
  link().close(close_code::shutdown);
  EXPECT_EQ(link().append(json_frame("late")), actors::sent::closed);
  ASSERT_TRUE(frames(client, 101));
  EXPECT_EQ(client.frames[99].payload, "99");
  EXPECT_EQ(client.frames[100].close_code(), 3001u);
  EXPECT_EQ(client.frames[100].payload.substr(2), protocol::to_string(close_code::shutdown));
  client.send_frame(test::close_frame, test::close_payload(3001));
  ASSERT_TRUE(ended(client));
  client.close();
  ASSERT_TRUE(until([&] { return context->sessions.empty(); }));
}

TEST_F(websocket_test, what_the_client_says_while_the_server_closes_is_ignored) {
  start();
  auto client = open();
  link().close(close_code::shutdown);
  for (int i = 0; i < 10; ++i) client.send_frame(test::text_frame, "too late");
  client.send_frame(test::ping_frame, "p");
  client.send_frame(test::close_frame, test::close_payload(3001));
  ASSERT_TRUE(ended(client));
  EXPECT_TRUE(peers[0]->messages.empty());
  EXPECT_EQ(client.frames.size(), 1u);
}

TEST_F(websocket_test, a_second_close_while_the_first_waits_is_ignored) {
  start();
  auto client = open("/ws", {}, 4096);
  fill_with_pongs(client);
  link().close(close_code::shutdown);
  link().close(close_code::server_error);
  settle();
  EXPECT_EQ(context->sessions.size(), 1u);
  pass(std::chrono::milliseconds(wanted.listen.handshake_ms));
  EXPECT_TRUE(until([&] { return context->sessions.empty(); }));
  EXPECT_EQ(peers[0]->link, nullptr);
}

TEST_F(websocket_test, a_ping_that_cannot_be_written_yet_is_sent_once_and_does_not_block_a_close) {
  wanted.limits.stalled_ms = 1000000;
  start();
  auto client = open("/ws", {}, 4096);
  fill_with_pongs(client);
  pass(0ms);
  for (int i = 0; i < 3; ++i) pass(std::chrono::milliseconds(wanted.listen.ping_ms));
  EXPECT_EQ(context->counters.pings_sent.value(), 1u);
  EXPECT_EQ(context->counters.pongs_missed.value(), 1u) << "its kick is the close that waits beside the ping";
  pass(std::chrono::milliseconds(wanted.listen.handshake_ms));
  EXPECT_TRUE(until([&] { return context->sessions.empty(); }));
}

TEST_F(websocket_test, a_client_that_pings_and_never_reads_is_not_read_any_further) {
  start();
  auto client = open("/ws", {}, 4096);
  const auto ping = test::client_frame(test::ping_frame, std::string(125, 'p'));
  std::string pings;
  for (int i = 0; i < 500; ++i) pings += ping;
  std::size_t accepted = 0;
  for (int round = 0; round < 2000; ++round) {
    accepted += client.send(pings);
    host.turn();
  }
  EXPECT_LE(context->counters.queue_bytes.value(), outbound_queue::control_limit + 2 * 127);
  EXPECT_LT(context->counters.bytes_received.value(), 4u << 20) << "of " << accepted << " sent";
  EXPECT_GT(context->counters.bytes_received.value(), 10000u);
  const auto stuck = context->counters.bytes_received.value();
  for (int i = 0; i < 50; ++i) host.turn();
  EXPECT_EQ(context->counters.bytes_received.value(), stuck) << "it has stopped reading";
  ASSERT_TRUE(until([&] {
    client.pull();
    client.received.clear();
    return context->counters.bytes_received.value() > stuck;
  })) << "and goes on when the client reads";
}

TEST_F(websocket_test, while_a_client_is_over_its_budget_nothing_is_read_from_it) {
  wanted.limits.queue_bytes = 100000;
  start();
  auto client = open("/ws", {}, 65536);
  const auto chunk = json_frame(std::string(50000, 'x'));
  for (int i = 0; i < 100; ++i) {
    link().answer(chunk);
    if (link().queued_bytes() >= wanted.limits.queue_bytes) break;
    host.turn();
  }
  ASSERT_GE(link().queued_bytes(), wanted.limits.queue_bytes);
  EXPECT_EQ(link().append(json_frame("update")), actors::sent::over_budget);
  // The read that was pending still takes one message; the next ones stay with the kernel.
  deliver(client, test::text_frame, "command");
  ASSERT_TRUE(until([&] { return peers[0]->messages.size() == 1; }));
  for (int i = 0; i < 4; ++i) {
    client.send_frame(test::text_frame, "command");
    settle();
  }
  EXPECT_EQ(peers[0]->messages.size(), 1u);
  EXPECT_EQ(peers[0]->drained, 0);
  ASSERT_TRUE(until([&] {
    client.pull();
    return peers[0]->messages.size() == 5;
  }));
  EXPECT_EQ(peers[0]->drained, 1);
  EXPECT_LE(link().queued_bytes(), wanted.limits.queue_bytes / 4);
}

TEST_F(websocket_test, frames_arrive_whole_whatever_is_sent_between_them) {
  wanted.limits.queue_bytes = 64 << 20;
  start();
  auto client = open();
  std::size_t pings = 0;
  const auto big = json_frame(std::string(200000, 'x'));
  for (int i = 0; i < 20; ++i) {
    link().append(big);
    link().append(json_frame("small"));
    client.send_frame(test::ping_frame, std::to_string(pings++));
    host.turn();
    client.pull(30000);
  }
  ASSERT_TRUE(frames(client, 40 + pings));
  std::size_t whole = 0;
  std::size_t pongs = 0;
  for (const auto& frame : client.frames) {
    if (frame.first == test::pong_frame)
      EXPECT_EQ(frame.payload, std::to_string(pongs++));
    else if (frame.payload == "small" || frame.payload == std::string(200000, 'x'))
      ++whole;
  }
  EXPECT_EQ(pongs, pings);
  EXPECT_EQ(whole, 40u);
}

TEST_F(websocket_test, a_pong_overtakes_the_queue_of_a_slow_client) {
  wanted.limits.queue_bytes = 64 << 20;
  start();
  auto client = open("/ws", {}, 65536);
  const auto update = json_frame(std::string(1000, 'x'));
  for (int i = 0; i < 20000; ++i) link().append(update);
  settle();
  const auto waiting = link().queued_bytes();
  ASSERT_GT(waiting, 10u << 20);
  client.send_frame(test::ping_frame, "still there?");
  settle();
  ASSERT_TRUE(until([&] {
    client.pull(4096);
    client.take_frames();
    return std::any_of(client.frames.begin(), client.frames.end(),
                       [](const auto& frame) { return frame.first == test::pong_frame; });
  }));
  EXPECT_GT(link().queued_bytes(), waiting / 2) << "most of the data still waits";
}

TEST_F(websocket_test, a_client_that_vanishes_ends_its_peer) {
  start();
  auto client = open();
  client.close();
  ASSERT_TRUE(until([&] { return peers[0]->link == nullptr; }));
  EXPECT_TRUE(context->sessions.empty());
}

TEST_F(websocket_test, a_client_that_vanishes_while_it_is_not_read_ends_its_peer) {
  wanted.limits.queue_bytes = 1000;
  start();
  auto client = open("/ws", {}, 4096);
  const auto chunk = json_frame(std::string(500000, 'x'));
  for (int i = 0; i < 10; ++i) link().answer(chunk);
  client.send_frame(test::text_frame, "one, so that the pending read is over");
  ASSERT_TRUE(until([&] { return peers[0]->messages.size() == 1; }));
  settle();
  client.close();
  ASSERT_TRUE(until([&] { return peers[0]->link == nullptr; }));
}

TEST_F(websocket_test, an_exception_from_the_peer_closes_that_client_alone) {
  start();
  auto good = open();
  struct thrower final : peer {
    void receive(std::string&&, protocol::encoding) override { throw std::runtime_error("a bug"); }
    void drained() override {}
  };
  context->peers = [](actors::client_link&, actors::client_info&&) { return std::make_unique<thrower>(); };
  auto bad = connect();
  ask(bad, test::upgrade_request());
  bad.send_frame(test::text_frame, "x");
  ASSERT_TRUE(frames(bad, 1));
  EXPECT_EQ(bad.frames[0].close_code(), 1011u);
  good.send_frame(test::text_frame, "undisturbed");
  ASSERT_TRUE(until([&] { return peers[0]->messages.size() == 1; }));
}

TEST_F(websocket_test, the_echo_returns_each_message_as_it_came) {
  wanted.debug.echo = true;
  start();
  auto client = open("/echo");
  client.send_frame(test::text_frame, "text");
  client.send_frame(test::binary_frame, std::string("\0\xff", 2));
  client.send_frame(0x01, "frag");
  client.send_frame(0x80, "ments");
  ASSERT_TRUE(frames(client, 3));
  EXPECT_EQ(client.frames[0].first, 0x81);
  EXPECT_EQ(client.frames[0].payload, "text");
  EXPECT_EQ(client.frames[1].first, 0x82);
  EXPECT_EQ(client.frames[1].payload, std::string("\0\xff", 2));
  EXPECT_EQ(client.frames[2].payload, "fragments");
  EXPECT_TRUE(peers.empty());
}

TEST_F(websocket_test, there_is_no_echo_unless_it_is_asked_for) {
  start();
  auto client = connect();
  EXPECT_EQ(ask(client, test::upgrade_request("/echo")).substr(0, 12), "HTTP/1.1 404");
}

}  // namespace
}  // namespace tickcast::net
