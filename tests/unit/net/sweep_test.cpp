#include "net/shard.hpp"

#include <set>

#include "one_shard.hpp"

namespace tickcast::net {
namespace {

using namespace std::chrono_literals;
using test::json_frame;

class sweep_test : public test::one_shard {};

class silent_session final : public session {
public:
  void sweep(clock::time_point) override {}
  void shut(protocol::close_code) override {}
  void abort() override {}
};

TEST(session_list, visits_each_once_a_run_though_those_before_stay) {
  session_list sessions;
  for (int i = 0; i < 5; ++i) sessions.add(new silent_session);
  std::vector<session*> seen;
  const auto note = [&](session& each) { seen.push_back(&each); };
  EXPECT_EQ(sessions.some(2, 1, note), 2u);
  EXPECT_EQ(sessions.some(2, 1, note), 2u);
  EXPECT_EQ(sessions.some(2, 1, note), 1u);
  EXPECT_EQ(sessions.some(2, 1, note), 0u);
  EXPECT_EQ(std::set<session*>(seen.begin(), seen.end()).size(), 5u);
  EXPECT_EQ(sessions.some(99, 2, note), 5u);
}

TEST_F(sweep_test, pings_a_client_that_has_been_silent) {
  start();
  auto client = open();
  pass(0ms);
  pass(24s);
  client.pull();
  EXPECT_TRUE(client.received.empty());
  pass(2s);
  ASSERT_TRUE(frames(client, 1));
  EXPECT_EQ(client.frames[0].first, test::ping_frame);
  EXPECT_EQ(context->counters.pings_sent.value(), 1u);
}

TEST_F(sweep_test, a_pong_keeps_the_connection) {
  start();
  auto client = open();
  for (int i = 0; i < 5; ++i) {
    pass(26s);
    client.pull();
    deliver(client, test::pong_frame);
    pass(7s);
  }
  EXPECT_EQ(context->sessions.size(), 1u);
  EXPECT_EQ(context->counters.pongs_missed.value(), 0u);
  EXPECT_GE(context->counters.pings_sent.value(), 4u);
}

TEST_F(sweep_test, a_client_that_answers_no_ping_is_closed_with_3012) {
  start();
  auto client = open();
  pass(0ms);
  pass(26s);
  pass(7s);
  EXPECT_EQ(context->counters.pongs_missed.value(), 0u);
  pass(2s);
  ASSERT_TRUE(until([&] {
    client.pull();
    client.take_frames();
    return !client.frames.empty() && client.frames.back().opcode() == 8;
  }));
  EXPECT_EQ(client.frames.back().close_code(), 3012u);
  EXPECT_EQ(context->counters.pongs_missed.value(), 1u);
}

TEST_F(sweep_test, messages_count_as_signs_of_life) {
  start();
  auto client = open();
  for (int i = 0; i < 10; ++i) {
    deliver(client, test::text_frame, "x");
    pass(20s);
  }
  EXPECT_EQ(context->counters.pings_sent.value(), 0u);
}

TEST_F(sweep_test, sends_the_applications_ping_when_nothing_else_was_sent) {
  start();
  auto client = open();
  auto packed = open("/ws", "Sec-WebSocket-Protocol: tickcast.v1.msgpack\r\n");
  pass(0ms);
  pass(20s);
  link(0).append(json_frame("update"));
  pass(10s);
  ASSERT_TRUE(frames(packed, 2));
  EXPECT_EQ(packed.frames[1].first, 0x82);
  EXPECT_EQ(packed.frames[1].payload, "ping");
  client.pull();
  client.take_frames();
  for (const auto& frame : client.frames) EXPECT_NE(frame.payload, "{\"type\":\"ping\"}");
  client.frames.clear();
  deliver(client, test::pong_frame);
  pass(26s);
  ASSERT_TRUE(frames(client, 1));
  EXPECT_EQ(client.frames[0].payload, "{\"type\":\"ping\"}");
}

TEST_F(sweep_test, an_echo_gets_no_application_ping) {
  wanted.debug.echo = true;
  start();
  auto client = open("/echo");
  pass(0ms);
  pass(26s);
  ASSERT_TRUE(frames(client, 1));
  EXPECT_EQ(client.frames.size(), 1u);
  EXPECT_EQ(client.frames[0].first, test::ping_frame);
}

TEST_F(sweep_test, a_client_that_reads_nothing_is_closed_with_3008_and_then_cut) {
  wanted.limits.queue_bytes = 10 << 20;
  start();
  auto client = open("/ws", {}, 4096);
  const auto chunk = json_frame(std::string(500000, 'x'));
  for (int i = 0; i < 10; ++i) link().append(chunk);
  settle();
  pass(0ms);
  pass(0ms);
  pass(29s);
  EXPECT_EQ(context->counters.stalled.value(), 0u);
  pass(2s);
  EXPECT_EQ(context->counters.stalled.value(), 1u);
  EXPECT_LT(context->counters.queue_bytes.value(), 500100u) << "all but the half-sent frame was dropped";
  EXPECT_EQ(link().append(json_frame("x")), actors::sent::closed);
  pass(6s);
  EXPECT_TRUE(until([&] { return context->sessions.empty(); }));
  EXPECT_EQ(context->counters.queue_bytes.value(), 0u);
}

TEST_F(sweep_test, a_slow_client_that_reads_now_and_then_is_not_stalled) {
  wanted.limits.queue_bytes = 10 << 20;
  start();
  auto client = open("/ws", {}, 4096);
  const auto chunk = json_frame(std::string(500000, 'x'));
  for (int i = 0; i < 10; ++i) link().append(chunk);
  settle();
  for (int i = 0; i < 4; ++i) {
    pass(20s);
    const auto sent = context->counters.bytes_sent.value();
    deliver(client, test::pong_frame);
    ASSERT_TRUE(until([&] {
      client.pull(1000);
      return context->counters.bytes_sent.value() > sent;
    }));
  }
  EXPECT_EQ(context->counters.stalled.value(), 0u);
  EXPECT_EQ(context->sessions.size(), 1u);
}

TEST_F(sweep_test, a_client_over_its_budget_is_not_blamed_for_pongs_that_are_not_read) {
  wanted.limits.queue_bytes = 100000;
  wanted.limits.stalled_ms = 1000000;
  start();
  auto client = open("/ws", {}, 4096);
  const auto chunk = json_frame(std::string(500000, 'x'));
  for (int i = 0; i < 10; ++i) link().answer(chunk);
  client.send_frame(test::text_frame, "ends the pending read");
  ASSERT_TRUE(until([&] { return peers[0]->messages.size() == 1; }));
  settle();
  for (int i = 0; i < 20; ++i) pass(10s);
  EXPECT_EQ(context->counters.pongs_missed.value(), 0u);
  EXPECT_EQ(context->sessions.size(), 1u);
}

TEST_F(sweep_test, a_close_that_the_client_does_not_answer_ends_after_handshake_ms) {
  start();
  auto client = open();
  link().close(protocol::close_code::shutdown);
  settle();
  pass(4s);
  EXPECT_EQ(context->sessions.size(), 1u);
  pass(2s);
  EXPECT_TRUE(until([&] { return context->sessions.empty(); }));
}

TEST_F(sweep_test, a_client_that_closes_but_keeps_its_socket_is_cut_after_handshake_ms) {
  start();
  auto client = open();
  client.send_frame(test::close_frame, test::close_payload(1000));
  ASSERT_TRUE(frames(client, 1));
  pass(0ms);
  pass(4s);
  EXPECT_EQ(context->sessions.size(), 1u);
  pass(2s);
  EXPECT_TRUE(until([&] { return context->sessions.empty(); }));
}

TEST_F(sweep_test, beasts_own_time_out_ends_a_close_without_any_sweep) {
  wanted.listen.handshake_ms = 20;
  start();
  auto client = open();
  link().close(protocol::close_code::shutdown);
  EXPECT_TRUE(until([&] { return context->sessions.empty(); }));
}

TEST_F(sweep_test, a_request_that_does_not_come_is_given_up_after_handshake_ms) {
  start();
  auto silent = connect();
  auto half = connect();
  half.send("GET / HTTP/1.1\r\nHost: x\r\n");
  ASSERT_TRUE(until([&] { return context->sessions.size() == 2; }));
  pass(4s);
  EXPECT_EQ(context->sessions.size(), 2u);
  pass(2s);
  EXPECT_TRUE(until([&] { return context->sessions.empty(); }));
  EXPECT_EQ(context->counters.refused[static_cast<std::size_t>(refusal::timeout)].value(), 2u);
}

TEST_F(sweep_test, an_idle_http_connection_ends_after_its_time) {
  start();
  auto client = connect();
  ask(client, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  settle();
  pass(50s);
  EXPECT_EQ(context->sessions.size(), 1u);
  pass(11s);
  EXPECT_TRUE(ended(client));
  client.close();
  EXPECT_TRUE(until([&] { return context->sessions.empty(); }));
}

TEST_F(sweep_test, takes_a_slice_at_a_time_and_misses_nobody) {
  struct counted final : session {
    int swept = 0;
    void sweep(clock::time_point) override { ++swept; }
    void shut(protocol::close_code) override {}
    void abort() override {}
  };
  session_list list;
  std::vector<boost::intrusive_ptr<counted>> all;
  for (int i = 0; i < 95; ++i) {
    all.emplace_back(new counted);
    list.add(all.back());
  }
  int most = 0;
  int before = 0;
  for (int slice = 0; slice < 10; ++slice) {
    list.sweep({}, 10);
    int now = 0;
    for (const auto& each : all) now += each->swept;
    most = std::max(most, now - before);
    before = now;
  }
  EXPECT_EQ(most, 10);
  for (const auto& each : all) EXPECT_GE(each->swept, 1);
  for (const auto& each : all) list.remove(*each);
  EXPECT_TRUE(list.empty());
}

TEST(sweep_slices_test, follow_the_shortest_time_out) {
  config::config configuration;
  EXPECT_EQ(sweep_slices(configuration), 10u);
  configuration.listen.pong_ms = 800;
  EXPECT_EQ(sweep_slices(configuration), 2u);
  configuration.listen.ping_ms = 100;
  EXPECT_EQ(sweep_slices(configuration), 1u);
}

}  // namespace
}  // namespace tickcast::net
