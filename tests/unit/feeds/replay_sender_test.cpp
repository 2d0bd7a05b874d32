#include "feeds/replay_sender.hpp"

#include <gtest/gtest.h>

#include "feeds/zmq_source.hpp"
#include "tests/unit/feeds/files.hpp"
#include "tests/unit/feeds/recorder.hpp"
#include "tests/unit/feeds/virtual_clock.hpp"

namespace tickcast::feeds {
namespace {

using test::recorder;
using test::running;
using test::scratch;
using test::virtual_clock;

constexpr const char* any_port = "tcp://127.0.0.1:*";

std::string many_trades(int rows) {
  std::string text = "trade_ms,trade_id,price,qty,side\n";
  for (int i = 0; i < rows; ++i) {
    text += std::to_string(1'700'000'000'000 + i / 3) + "," + std::to_string(i) + ",1.50,2,buy\n";
  }
  return text;
}

struct shape {
  protocol::encoding format;
  std::size_t batch;
  bool publish;
};

class replay_sender_as : public testing::TestWithParam<shape> {};

TEST_P(replay_sender_as, delivers_a_recording_whole_and_in_order) {
  scratch files;
  const int rows = 10'000;
  playback what({{files.write("v_a.csv", many_trades(rows))}, {}, false});
  zmq::context_t context;
  sender_options options;
  options.endpoint = any_port;
  options.bind = true;
  options.publish = GetParam().publish;
  options.format = GetParam().format;
  options.batch = GetParam().batch;
  options.send_hwm = 10;
  replay_sender sender(context, options);
  zmq_options reading;
  reading.name = "t";
  reading.kind = GetParam().publish ? zmq_options::pattern::sub : zmq_options::pattern::pull;
  reading.bind = false;
  reading.endpoints = {sender.endpoint()};
  reading.receive_hwm = 10;
  zmq_source receiver(context, reading);
  recorder out;
  running thread(receiver, out);

  stop_signal stop;
  virtual_clock clock;
  ASSERT_TRUE(sender.wait_for_peer(stop, 20'000));
  const auto sent = sender.play(what, 1, clock, stop);
  EXPECT_TRUE(sent.complete);
  EXPECT_EQ(sent.rows, static_cast<std::uint64_t>(rows));
  if (GetParam().batch == 1) {
    EXPECT_EQ(sent.messages, static_cast<std::uint64_t>(rows));
  } else {
    EXPECT_EQ(sent.messages, static_cast<std::uint64_t>(rows / 3 + 1)) << "three rows share a time";
  }
  ASSERT_TRUE(out.wait_for_items(rows));
  const auto items = out.items();
  for (int i = 0; i < rows; ++i) {
    const auto& item = items[static_cast<std::size_t>(i)];
    ASSERT_EQ(item.symbol, "A");
    ASSERT_EQ(item.feed_seq, static_cast<std::uint64_t>(i + 1));
    ASSERT_EQ(item.trade().id.number, static_cast<std::uint64_t>(i));
    ASSERT_EQ(item.trade().time_ns, (1'700'000'000'000 + i / 3) * 1'000'000);
    ASSERT_EQ(item.trade().price.to_string(), "1.5");
    ASSERT_EQ(item.trade().aggressor, protocol::side::buy);
  }
  EXPECT_EQ(out.refused().size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(shapes, replay_sender_as,
                         testing::Values(shape{protocol::encoding::msgpack, 1, false},
                                         shape{protocol::encoding::json, 1, false},
                                         shape{protocol::encoding::msgpack, 1, true},
                                         shape{protocol::encoding::msgpack, 100, false},
                                         shape{protocol::encoding::json, 100, false}));

TEST(replay_sender, waits_for_a_peer_no_longer_than_told) {
  zmq::context_t context;
  sender_options options;
  options.endpoint = "tcp://127.0.0.1:1";
  options.linger_ms = 0;
  replay_sender sender(context, options);
  stop_signal stop;
  EXPECT_FALSE(sender.wait_for_peer(stop, 1));
  stop.request();
  EXPECT_FALSE(sender.wait_for_peer(stop, -1));
}

TEST(replay_sender, stops_while_a_receiver_that_does_not_read_holds_it_back) {
  scratch files;
  playback what({{files.write("v_a.csv", many_trades(10'000))}, {}, true});
  zmq::context_t context;
  sender_options options;
  options.endpoint = any_port;
  options.bind = true;
  options.send_hwm = 5;
  replay_sender sender(context, options);
  zmq::socket_t deaf(context, zmq::socket_type::pull);
  deaf.set(zmq::sockopt::rcvhwm, 5);
  deaf.connect(sender.endpoint());
  stop_signal stop;
  ASSERT_TRUE(sender.wait_for_peer(stop, 20'000));
  sent_count sent;
  system_clock clock;
  std::thread playing([&] { sent = sender.play(what, 0, clock, stop); });
  stop.request();
  playing.join();
  EXPECT_FALSE(sent.complete);
  sender.abandon();
}

TEST(replay_sender, says_what_is_wrong_with_its_endpoint) {
  zmq::context_t context;
  sender_options options;
  options.endpoint = "nonsense";
  EXPECT_THROW(replay_sender(context, options), feed_error);
}

}  // namespace
}  // namespace tickcast::feeds
