#include "net/flusher.hpp"

#include "driven_queue.hpp"

namespace tickcast::net {
namespace {

using namespace std::chrono_literals;
using flusher_test = test::driven_queue;

TEST(hold_back_test, is_nothing_at_rest_and_rises_to_the_longest) {
  EXPECT_EQ(hold_back(0, 5ms), 0ns);
  EXPECT_EQ(hold_back(0.35, 5ms), 0ns);
  EXPECT_GT(hold_back(0.45, 5ms), 1ms);
  EXPECT_LT(hold_back(0.45, 5ms), 3ms);
  EXPECT_EQ(hold_back(0.60, 5ms), 5ms);
  EXPECT_EQ(hold_back(1, 5ms), 5ms);
  EXPECT_EQ(hold_back(1, 0ms), 0ns);
}

TEST_F(flusher_test, an_idle_shard_flushes_every_turn) {
  for (int i = 0; i < 5; ++i) {
    queue->append(data("u"));
    host.turn();
  }
  EXPECT_EQ(wire->writes, 5);
  EXPECT_EQ(counters.held_flushes.value(), 0u);
}

TEST_F(flusher_test, a_loaded_shard_holds_a_flush_back_and_fills_it) {
  host.set_load(1);
  configuration.io.hold_ms = 200;
  queue->append(data("first"));
  host.turn();
  EXPECT_EQ(wire->writes, 1) << "nothing was flushed just before";
  for (int i = 0; i < 10; ++i) {
    queue->append(data("u"));
    host.turn();
  }
  EXPECT_EQ(wire->writes, 1);
  ASSERT_TRUE(host.turn_until([&] { return queue->bytes() == 0; })) << "the shard's timer flushes it";
  EXPECT_EQ(wire->writes, 2);
  EXPECT_EQ(wire->most_buffers, 10);
  EXPECT_EQ(counters.held_flushes.value(), 1u);
}

TEST_F(flusher_test, what_was_flushed_long_enough_ago_is_not_held) {
  host.set_load(1);
  configuration.io.hold_ms = 5;
  queue->append(data("first"));
  host.turn();
  host.advance(6ms);
  queue->append(data("second"));
  host.turn();
  EXPECT_EQ(wire->writes, 2);
}

TEST_F(flusher_test, a_push_from_within_a_flush_goes_out_without_another_event) {
  // all_sent() pushes; nothing else would wake the loop.
  struct pusher final : queue_watcher {
    outbound_queue* queue = nullptr;
    void room_again() override {}
    void all_sent() override { queue->append(driven_queue::data("again")); }
    void broken() override {}
  } pushes;
  pushes.queue = queue.get();
  queue->watch(&pushes);
  queue->append(data("once"));
  queue->want_sent();
  host.turn();
  host.context().restart();
  EXPECT_GT(host.context().poll(), 0u) << "something must be ready, or the loop sleeps";
  host.turn();
  EXPECT_EQ(wire->taken,
            "\x81\x04once\x81\x05"
            "again");
  queue->watch(nullptr);
}

}  // namespace
}  // namespace tickcast::net
