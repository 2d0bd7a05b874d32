#include "net/outbound_queue.hpp"

#include "driven_queue.hpp"

namespace tickcast::net {
namespace {

using actors::sent;
using outbound_queue_test = test::driven_queue;

TEST_F(outbound_queue_test, sends_everything_of_a_turn_in_one_gathering_write) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(queue->append(data("u")), sent::queued);
  EXPECT_EQ(wire->writes, 0) << "nothing goes out before the turn ends";
  host.turn();
  EXPECT_EQ(wire->writes, 1);
  EXPECT_EQ(wire->most_buffers, 10);
  EXPECT_EQ(counters.frames_sent.value(), 10u);
  EXPECT_EQ(queue->bytes(), 0u);
}

TEST_F(outbound_queue_test, writes_at_most_64_buffers_at_a_time) {
  configuration.limits.queue_bytes = 100000;
  for (int i = 0; i < 200; ++i) queue->append(data("u"));
  host.turn();
  EXPECT_EQ(wire->most_buffers, 64);
  EXPECT_EQ(wire->writes, 4);
  EXPECT_EQ(wire->taken.size(), 200u * 3);
}

TEST_F(outbound_queue_test, control_frames_go_before_data) {
  queue->append(data("one"));
  queue->append(data("two"));
  ASSERT_TRUE(
      queue->send_from_beast(bytes("\x89"
                                   "A")));
  ASSERT_TRUE(
      queue->send_from_beast(bytes("\x8a"
                                   "B")));
  host.turn();
  EXPECT_EQ(wire->taken,
            "\x89"
            "A\x8a"
            "B\x81\x03one\x81\x03two");
}

TEST_F(outbound_queue_test, control_frames_never_stand_inside_a_half_sent_frame) {
  const std::string first(20, 'f');
  for (std::size_t cut = 1; cut < 2 + first.size(); ++cut) {
    wire->taken.clear();
    wire->allowed = cut;
    queue->append(data(first));
    queue->append(data("two"));
    host.turn();
    ASSERT_EQ(wire->taken.size(), cut);
    queue->send_from_beast(
        bytes("\x89"
              "A"));
    queue->send_from_beast(
        bytes("\x8a"
              "B"));
    wire->allowed = SIZE_MAX;
    ASSERT_TRUE(host.turn_until([&] { return queue->bytes() == 0; }));
    EXPECT_EQ(wire->taken, "\x81\x14" + first +
                               "\x89"
                               "A\x8a"
                               "B\x81\x03two")
        << "cut after " << cut;
  }
}

TEST_F(outbound_queue_test, a_half_sent_control_frame_is_finished_before_the_next) {
  wire->allowed = 1;
  queue->append(data("d"));
  queue->send_from_beast(
      bytes("\x89"
            "AA"));
  host.turn();
  queue->send_from_beast(
      bytes("\x8a"
            "BB"));
  wire->allowed = SIZE_MAX;
  ASSERT_TRUE(host.turn_until([&] { return queue->bytes() == 0; }));
  EXPECT_EQ(wire->taken,
            "\x89"
            "AA\x8a"
            "BB\x81\x01"
            "d");
  EXPECT_FALSE(queue->control_above_limit());
}

TEST_F(outbound_queue_test, refuses_updates_above_the_budget_and_says_when_there_is_room) {
  wire->allowed = 0;
  const auto big = data(std::string(240, 'x'));  // 244 bytes on the wire
  for (int i = 0; i < 4; ++i) EXPECT_EQ(queue->append(big), sent::queued);
  EXPECT_EQ(queue->append(big), sent::over_budget);
  EXPECT_EQ(queue->bytes(), 4 * 244u);
  EXPECT_EQ(counters.over_budget.value(), 1u);
  wire->allowed = 2 * 244;
  ASSERT_TRUE(host.turn_until([&] { return queue->bytes() == 2 * 244; }));
  EXPECT_EQ(rooms, 0) << "half the budget is still in use";
  wire->allowed = 244;
  ASSERT_TRUE(host.turn_until([&] { return queue->bytes() == 244; }));
  EXPECT_EQ(rooms, 1);
  wire->allowed = SIZE_MAX;
  ASSERT_TRUE(host.turn_until([&] { return queue->bytes() == 0; }));
  EXPECT_EQ(rooms, 1) << "said once";
}

TEST_F(outbound_queue_test, an_empty_queue_takes_a_frame_larger_than_the_budget) {
  EXPECT_EQ(queue->append(data(std::string(5000, 'x'))), sent::queued);
  EXPECT_EQ(queue->append(data("y")), sent::over_budget);
}

TEST_F(outbound_queue_test, answers_are_not_subject_to_the_budget) {
  wire->allowed = 0;
  queue->append(data(std::string(990, 'x')));
  EXPECT_EQ(queue->answer(data(std::string(100, 'a'))), sent::queued);
  EXPECT_TRUE(queue->over_budget());
}

TEST_F(outbound_queue_test, after_a_close_frame_data_is_refused_and_the_close_goes_last) {
  queue->append(data("last"));
  ASSERT_TRUE(
      queue->send_from_beast(bytes("\x88"
                                   "C")));
  EXPECT_EQ(queue->append(data("late")), sent::closed);
  EXPECT_EQ(queue->answer(data("late")), sent::closed);
  host.turn();
  EXPECT_EQ(wire->taken,
            "\x81\x04last\x88"
            "C");
}

TEST_F(outbound_queue_test, on_a_kick_the_close_goes_first_but_not_inside_a_frame) {
  wire->allowed = 3;
  queue->append(data("half"));
  for (int i = 0; i < 50; ++i) queue->append(data("unsent"));
  host.turn();
  queue->drop_unsent();
  EXPECT_EQ(queue->bytes(), 3u) << "the rest of the half-sent frame stays";
  queue->send_from_beast(
      bytes("\x88"
            "C"));
  wire->allowed = SIZE_MAX;
  ASSERT_TRUE(host.turn_until([&] { return queue->bytes() == 0; }));
  EXPECT_EQ(wire->taken,
            "\x81\x04half\x88"
            "C");
}

TEST_F(outbound_queue_test, holds_beasts_write_above_the_control_limit_until_it_drains) {
  wire->allowed = 0;
  const std::string pong = "\x8a" + std::string(125, 'p');
  while (!queue->control_above_limit()) queue->send_from_beast(bytes(pong));
  bool done = false;
  queue->hold([&done] { done = true; });
  for (int i = 0; i < 10; ++i) host.turn();
  EXPECT_FALSE(done);
  wire->allowed = SIZE_MAX;
  EXPECT_TRUE(host.turn_until([&] { return done; }));
}

TEST_F(outbound_queue_test, data_does_not_hold_beasts_write) {
  wire->allowed = 0;
  queue->append(data(std::string(900, 'x')));
  queue->answer(data(std::string(100000, 'x')));
  queue->send_from_beast(
      bytes("\x8a"
            "B"));
  EXPECT_FALSE(queue->control_above_limit());
}

TEST_F(outbound_queue_test, tells_once_that_it_broke_and_lets_go_of_everything) {
  wire->allowed = 0;
  const auto shared = data("shared");
  queue->append(shared);
  bool held = false;
  bool torn = false;
  queue->hold([&] { held = true; });
  queue->when_sent([&] { torn = true; });
  queue->abort();
  queue->abort();
  EXPECT_EQ(breaks, 0) << "not from within abort";
  host.turn();
  EXPECT_EQ(breaks, 1);
  EXPECT_TRUE(held);
  EXPECT_TRUE(torn);
  EXPECT_EQ(shared->use_count(), 1u);
  EXPECT_EQ(queue->append(shared), sent::closed);
  EXPECT_FALSE(queue->send_from_beast(bytes("\x89")));
}

TEST_F(outbound_queue_test, breaks_when_the_socket_fails) {
  wire->fails = true;
  queue->append(data("x"));
  ASSERT_TRUE(host.turn_until([&] { return breaks == 1; }));
  EXPECT_TRUE(queue->is_broken());
}

TEST_F(outbound_queue_test, gives_its_memory_back_after_a_burst) {
  configuration.limits.queue_bytes = 1 << 20;
  wire->allowed = 0;
  for (int i = 0; i < 5000; ++i) queue->append(data("burst"));
  wire->allowed = SIZE_MAX;
  ASSERT_TRUE(host.turn_until([&] { return queue->bytes() == 0; }));
  EXPECT_EQ(queue->capacity(), 0u);
}

TEST_F(outbound_queue_test, finishes_what_is_queued_after_its_session_has_gone) {
  wire->allowed = 1;
  queue->append(data("to the end"));
  host.turn();
  queue->watch(nullptr);
  wire->allowed = SIZE_MAX;
  ASSERT_TRUE(host.turn_until([&] { return wire->taken.size() == 12; }));
}

}  // namespace
}  // namespace tickcast::net
