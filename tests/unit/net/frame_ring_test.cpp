#include "net/frame_ring.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tickcast::net {
namespace {

protocol::frame_ptr frame(std::string_view payload) {
  return protocol::make_frame(payload, protocol::encoding::json);
}

std::string contents(const frame_ring& ring) {
  std::string all;
  for (std::size_t i = 0; i < ring.size(); ++i) all += ring.bytes(i);
  return all;
}

TEST(frame_ring_test, keeps_its_order_while_it_grows_around_its_end) {
  frame_ring ring;
  std::string expected;
  int next = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 5; ++i) ring.push_back(frame(std::to_string(next++) + ","), frame_ring::bare);
    for (int i = 0; i < 3; ++i) ring.pop_front();
  }
  for (int i = 150; i < 250; ++i) expected += std::to_string(i) + ",";
  EXPECT_EQ(contents(ring), expected);
}

TEST(frame_ring_test, inserts_at_any_place) {
  for (std::size_t place = 0; place <= 8; ++place) {
    frame_ring ring;
    std::string expected = "01234567";
    for (const char c : expected) ring.push_back(frame({&c, 1}), frame_ring::bare);
    ring.insert(place, frame("x"), frame_ring::bare | frame_ring::urgent);
    expected.insert(place, "x");
    EXPECT_EQ(contents(ring), expected);
    EXPECT_TRUE(ring.is_urgent(place));
  }
}

TEST(frame_ring_test, sends_a_frame_whole_or_its_payload_alone) {
  frame_ring ring;
  ring.push_back(frame("ab"), frame_ring::whole);
  ring.push_back(frame("ab"), frame_ring::bare);
  EXPECT_EQ(ring.bytes(0),
            "\x81\x02"
            "ab");
  EXPECT_EQ(ring.bytes(1), "ab");
}

TEST(frame_ring_test, holds_a_reference_only_as_long_as_it_holds_the_frame) {
  const auto shared = frame("shared");
  {
    frame_ring ring;
    ring.push_back(shared, frame_ring::whole);
    ring.push_back(shared, frame_ring::whole);
    ring.insert(1, shared, frame_ring::whole);
    EXPECT_EQ(shared->use_count(), 4u);
    ring.pop_front();
    EXPECT_EQ(shared->use_count(), 3u);
    ring.truncate(1);
    EXPECT_EQ(shared->use_count(), 2u);
  }
  EXPECT_EQ(shared->use_count(), 1u);
}

TEST(frame_ring_test, owns_no_memory_after_it_gave_it_back) {
  frame_ring ring;
  for (int i = 0; i < 1000; ++i) ring.push_back(frame("x"), frame_ring::whole);
  ring.release_memory();
  EXPECT_GE(ring.capacity(), 1000u) << "it is not empty";
  while (!ring.empty()) ring.pop_front();
  ring.release_memory();
  EXPECT_EQ(ring.capacity(), 0u);
  ring.push_back(frame("y"), frame_ring::bare);
  EXPECT_EQ(contents(ring), "y");
}

}  // namespace
}  // namespace tickcast::net
