#include "protocol/frame.hpp"

#include <gtest/gtest.h>

namespace tickcast::protocol {
namespace {

std::string header_of(std::size_t payload, encoding as) {
  const frame_ptr made = make_frame(std::string(payload, 'x'), as);
  EXPECT_EQ(made->payload(), std::string(payload, 'x'));
  EXPECT_EQ(made->wire().substr(made->wire_size() - payload), made->payload());
  return std::string(made->wire().substr(0, made->wire_size() - payload));
}

std::string bytes(std::initializer_list<int> values) {
  std::string result;
  for (const int value : values) result += static_cast<char>(value);
  return result;
}

TEST(frame, has_the_three_lengths_of_rfc_6455) {
  EXPECT_EQ(header_of(0, encoding::json), bytes({0x81, 0}));
  EXPECT_EQ(header_of(125, encoding::json), bytes({0x81, 125}));
  EXPECT_EQ(header_of(126, encoding::json), bytes({0x81, 126, 0, 126}));
  EXPECT_EQ(header_of(65535, encoding::json), bytes({0x81, 126, 0xff, 0xff}));
  EXPECT_EQ(header_of(65536, encoding::json), bytes({0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}));
}

TEST(frame, is_binary_for_msgpack) {
  EXPECT_EQ(header_of(1, encoding::msgpack), bytes({0x82, 1}));
}

TEST(frame, is_shared_without_a_copy) {
  const frame_ptr first = make_frame("payload", encoding::json);
  const frame_ptr second = first;
  EXPECT_EQ(first->wire().data(), second->wire().data());
  EXPECT_EQ(first->use_count(), 2U);
}

TEST(frame, takes_a_buffer_over) {
  std::string buffer = begin_frame(64);
  EXPECT_EQ(buffer.size(), frame::header_room);
  EXPECT_GE(buffer.capacity(), frame::header_room + 64);
  buffer += "abc";
  const frame_ptr made = finish_frame(std::move(buffer), encoding::json);
  EXPECT_EQ(made->wire(), bytes({0x81, 3}) + "abc");
}

}  // namespace
}  // namespace tickcast::protocol
