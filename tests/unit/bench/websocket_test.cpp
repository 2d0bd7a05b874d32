#include "bench/load/websocket.hpp"

#include <gtest/gtest.h>

namespace tickcast::bench {
namespace {

TEST(websocket, frames_of_every_length_form_come_back_as_they_were) {
  for (const std::size_t size : {0U, 125U, 126U, 65535U, 65536U}) {
    for (const role from : {role::client, role::server}) {
      const std::string payload(size, 'p');
      std::string wire;
      append_frame(wire, from, opcode::text, payload);
      frame_view frame;
      ASSERT_EQ(parse_frame(wire.data(), wire.size(), frame), parse_result::complete) << size;
      EXPECT_EQ(frame.op, opcode::text);
      EXPECT_EQ(frame.payload, payload);
      EXPECT_EQ(frame.wire_size, wire.size());
    }
  }
}

TEST(websocket, a_frame_is_incomplete_until_its_last_byte) {
  std::string wire;
  append_frame(wire, role::client, opcode::binary, std::string(200, 'p'));
  frame_view frame;
  for (std::size_t size = 0; size < wire.size(); ++size) {
    EXPECT_EQ(parse_frame(wire.data(), size, frame), parse_result::incomplete) << size;
  }
}

TEST(websocket, masks_what_clients_send) {
  std::string wire;
  append_frame(wire, role::client, opcode::text, "tell nobody");
  EXPECT_EQ(wire.find("tell"), std::string::npos);
}

TEST(websocket, fragments_and_reserved_bits_are_broken) {
  frame_view frame;
  std::string fragment{"\x01\x00", 2};
  std::string compressed{"\xC1\x00", 2};
  EXPECT_EQ(parse_frame(fragment.data(), fragment.size(), frame), parse_result::broken);
  EXPECT_EQ(parse_frame(compressed.data(), compressed.size(), frame), parse_result::broken);
}

TEST(websocket, the_accept_key_is_the_one_of_the_rfc) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(websocket, an_upgrade_request_expects_the_answer_to_its_own_key) {
  std::string request;
  const std::string accept = append_upgrade_request(request, "/ws");
  EXPECT_TRUE(request.starts_with("GET /ws HTTP/1.1\r\n"));
  EXPECT_EQ(accept, accept_key(header_value(request, "sec-websocket-key")));
}

TEST(websocket, headers_are_found_in_any_case_and_only_whole) {
  const char* head = "HTTP/1.1 101 OK\r\nX-Upgrade: no\r\nUPGRADE:websocket\r\n";
  EXPECT_EQ(header_value(head, "Upgrade"), "websocket");
  EXPECT_EQ(header_value(head, "Grade"), "");
}

}  // namespace
}  // namespace tickcast::bench
