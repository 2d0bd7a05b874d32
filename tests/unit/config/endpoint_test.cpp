#include "config/endpoint.hpp"

#include <gtest/gtest.h>

namespace tickcast::config {
namespace {

TEST(endpoint, takes_tcp_ipc_and_inproc) {
  const auto tcp = parse_endpoint("tcp://host-1.example:5557");
  ASSERT_TRUE(tcp);
  EXPECT_EQ(tcp->host, "host-1.example");
  EXPECT_EQ(tcp->port, 5557);
  EXPECT_EQ(parse_endpoint("tcp://[::1]:7")->host, "::1");
  EXPECT_EQ(parse_endpoint("tcp://*:*")->port, 0);
  EXPECT_EQ(parse_endpoint("ipc:///run/x")->host, "/run/x");
  EXPECT_EQ(parse_endpoint("inproc://x")->by, endpoint::transport::inproc);
}

TEST(endpoint, refuses_everything_else) {
  for (const auto* wrong :
       {"", "tcp://", "tcp://h", "tcp://h:", "tcp://:1", "tcp://h:65536", "tcp://h:-1", "tcp://h:1x",
        "tcp://h h:1", "tcp://[::1:1", "tcp://[zz]:1", "tcp://::1:5", "tcp://1.2.3:4", "tcp://999.1.1.1:4",
        "udp://h:1", "ipc://", "inproc://", "h:1", "TCP://h:1"})
    EXPECT_FALSE(parse_endpoint(wrong)) << wrong;
  EXPECT_FALSE(parse_endpoint("ipc://" + std::string(108, 'a')));
}

TEST(endpoint, knows_what_stays_on_this_machine) {
  for (const auto* local : {"127.0.0.1", "127.255.0.9", "localhost", "::1", "[::1]", "::ffff:127.0.0.1"})
    EXPECT_TRUE(is_loopback(local)) << local;
  for (const auto* open :
       {"0.0.0.0", "::", "*", "10.0.0.1", "127.example.com", "localhost.example.com", "::ffff:10.0.0.1", ""})
    EXPECT_FALSE(is_loopback(open)) << open;
}

TEST(endpoint, knows_what_cannot_be_bound_together) {
  const auto clash = [](std::string_view a, std::string_view b) {
    return collide(*parse_endpoint(a), *parse_endpoint(b));
  };
  EXPECT_TRUE(clash("tcp://127.0.0.1:1", "tcp://localhost:1"));
  EXPECT_TRUE(clash("tcp://*:1", "tcp://127.0.0.1:1"));
  EXPECT_TRUE(clash("tcp://127.0.0.1:1", "tcp://0.0.0.0:1"));
  EXPECT_TRUE(clash("ipc://a", "ipc://a"));
  EXPECT_FALSE(clash("tcp://127.0.0.1:1", "tcp://127.0.0.2:1"));
  EXPECT_FALSE(clash("tcp://127.0.0.1:1", "tcp://127.0.0.1:2"));
  EXPECT_FALSE(clash("tcp://127.0.0.1:0", "tcp://127.0.0.1:0"));
  EXPECT_FALSE(clash("tcp://0.0.0.0:1", "tcp://[::1]:1"));
  EXPECT_FALSE(clash("ipc://a", "inproc://a"));
}

}  // namespace
}  // namespace tickcast::config
