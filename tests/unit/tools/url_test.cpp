#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/websocket_client.hpp"

namespace tickcast::net {
namespace {

TEST(url, takes_host_port_and_path) {
  const auto full = parse_url("ws://example.com:8080/ws?a=b#c", "ws");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->host, "example.com");
  EXPECT_EQ(full->port, "8080");
  EXPECT_EQ(full->target, "/ws?a=b");
  EXPECT_EQ(full->authority(), "example.com:8080");
}

TEST(url, fills_in_what_is_left_out) {
  const auto short_one = parse_url("http://h", "http");
  ASSERT_TRUE(short_one);
  EXPECT_EQ(short_one->port, "80");
  EXPECT_EQ(short_one->target, "/");
  EXPECT_EQ(parse_url("http://h?x", "http")->target, "/?x");
}

TEST(url, knows_addresses_of_ipv6) {
  const auto v6 = parse_url("ws://[::1]:9/", "ws");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, "9");
  EXPECT_EQ(v6->authority(), "[::1]:9");
  EXPECT_EQ(parse_url("ws://[::1]", "ws")->port, "80");
}

TEST(url, knows_what_goes_by_tls) {
  const auto secure = parse_url("wss://h/ws", "ws");
  ASSERT_TRUE(secure);
  EXPECT_EQ(secure->port, "443");
  EXPECT_TRUE(secure->is_secure());
  EXPECT_TRUE(parse_url("https://h:1", "http")->is_secure());
  EXPECT_FALSE(parse_url("ws://h", "ws")->is_secure());
  EXPECT_FALSE(parse_url("http://h", "http")->is_secure());
}

TEST(url, refuses_the_rest_with_a_word) {
  for (const auto* wrong :
       {"", "example.com", "wsss://h/", "http://h/", "ws://", "ws:///x", "ws://h:", "ws://h:0/", "ws://h:x/",
        "ws://h:99999/", "ws://[::1/", "ws://[::1]9/", "ws://h /", "ws://h/\n", "ws://user@h/", "ws://h/ü"}) {
    const auto parsed = parse_url(wrong, "ws");
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().why, client_error::reason::bad_url);
    EXPECT_THAT(parsed.error().message, ::testing::StartsWith(wrong));
  }
}

}  // namespace
}  // namespace tickcast::net
