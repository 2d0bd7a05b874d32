#include <gtest/gtest.h>

#include <string>

#include "http_shard.hpp"
#include "net/proxy_header.hpp"

namespace tickcast::net {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using state = proxy_header::state;

std::string binary(unsigned command, unsigned family, std::string_view body) {
  std::string header = "\r\n\r\n\0\r\nQUIT\n"s;
  header += static_cast<char>(0x20u | command);
  header += static_cast<char>(family);
  header += static_cast<char>(body.size() >> 8);
  header += static_cast<char>(body.size() & 0xff);
  header += body;
  return header;
}

constexpr auto from_1_2_3_4 =
    "\x01\x02\x03\x04\x7f\x00\x00\x01\x1f\x90\x00\x50"sv;  // port 8080, to 127.0.0.1:80

/// Shows the bytes in pieces of `step`; what was taken of them all.
std::size_t take(proxy_header& header, std::string_view bytes, std::size_t step, state expected) {
  std::size_t taken = 0;
  auto what = state::more;
  while (what == state::more && taken < bytes.size()) {
    const auto [now, some] = header.take(bytes.substr(taken, step));
    what = now;
    taken += some;
  }
  EXPECT_EQ(what, expected) << bytes;
  return taken;
}

TEST(proxy_header, tells_the_client_of_both_versions_and_leaves_what_follows) {
  const std::string line = "PROXY TCP4 1.2.3.4 127.0.0.1 8080 80\r\n";
  const std::string line6 = "PROXY TCP6 2001:db8::1 ::1 8080 80\r\n";
  const std::string v6 =
      "\x20\x01\x0d\xb8" + std::string(11, '\0') + "\x01" + std::string(16, '\0') + "\x1f\x90\x00\x50"s;
  const std::pair<std::string, std::string> all[]{
      {line, "1.2.3.4:8080"},
      {line6, "[2001:db8::1]:8080"},
      {binary(1, 0x11, from_1_2_3_4), "1.2.3.4:8080"},
      {binary(1, 0x11, std::string(from_1_2_3_4) + "\x04\x00\x01x"s), "1.2.3.4:8080"},
      {binary(1, 0x21, v6), "[2001:db8::1]:8080"}};
  for (const auto& [text, client] : all)
    for (const std::size_t step : {std::size_t{1}, std::size_t{5}, std::size_t{4096}}) {
      proxy_header header;
      EXPECT_EQ(take(header, text + "GET / HTTP/1.1\r\n", step, state::done), text.size());
      ASSERT_TRUE(header.client()) << text;
      EXPECT_EQ(to_string(*header.client()), client);
    }
}

TEST(proxy_header, a_proxy_may_speak_for_itself) {
  for (const auto& text : {std::string("PROXY UNKNOWN\r\n"), std::string("PROXY UNKNOWN ::1 ::1 1 2\r\n"),
                           binary(0, 0, ""), binary(1, 0, "")}) {
    proxy_header header;
    EXPECT_EQ(take(header, text, 3, state::done), text.size());
    EXPECT_FALSE(header.client());
  }
}

TEST(proxy_header, anything_else_is_malformed) {
  auto old_version = binary(1, 0x11, from_1_2_3_4);
  old_version[12] = 0x11;
  for (const auto& text :
       {std::string("GET / HTTP/1.1\r\n"), std::string("PROXY TCP4 1.2.3.4 127.0.0.1 8080 80\n"),
        std::string("PROXY TCP4 1.2.3.4 127.0.0.1 8080\r\n"), std::string("PROXY TCP4 ::1 ::1 8080 80\r\n"),
        std::string("PROXY TCP4 1.2.3.4 127.0.0.1 99999 80\r\n"), "PROXY TCP4 " + std::string(120, '1'),
        std::string("\x16\x03\x01\x02"), old_version, binary(2, 0x11, from_1_2_3_4), binary(1, 0x11, "short"),
        binary(1, 0x21, from_1_2_3_4), binary(1, 0x11, std::string(2000, 'x'))})
    for (const std::size_t step : {std::size_t{1}, std::size_t{4096}}) {
      proxy_header header;
      take(header, text, step, state::malformed);
    }
}

class proxy_test : public test::http_shard {
protected:
  proxy_test() {
    wanted.listen.proxy_protocol = true;
    port.proxies = trusted_proxies({"127.0.0.1"});
    port.handlers["/who"] = [](const http_query& query) {
      return http_answer{200, "text/plain", query.remote};
    };
  }
  std::uint64_t refused(refusal why) {
    return context->counters.refused[static_cast<std::size_t>(why)].value();
  }
};

TEST_F(proxy_test, the_client_is_whom_the_proxy_names) {
  start();
  EXPECT_EQ(get("PROXY TCP4 1.2.3.4 127.0.0.1 8080 80\r\n" + path("/who")).body, "1.2.3.4:8080");
  EXPECT_EQ(get(binary(1, 0x11, from_1_2_3_4) + path("/who")).body, "1.2.3.4:8080");
  EXPECT_EQ(get("PROXY UNKNOWN\r\n" + path("/who")).body.substr(0, 10), "127.0.0.1:");
}

TEST_F(proxy_test, what_has_no_header_is_closed_and_counted) {
  start();
  auto client = connect();
  client.send(path("/who"));
  EXPECT_TRUE(ended(client));
  EXPECT_TRUE(client.received.empty());
  EXPECT_EQ(refused(refusal::proxy_header), 1u);
}

TEST_F(proxy_test, who_is_no_trusted_proxy_is_closed_and_counted) {
  port.proxies = trusted_proxies({"192.0.2.1"});
  start();
  auto client = connect();
  client.send("PROXY TCP4 1.2.3.4 127.0.0.1 8080 80\r\n" + path("/who"));
  EXPECT_TRUE(ended(client));
  EXPECT_EQ(refused(refusal::untrusted_proxy), 1u);
}

TEST_F(proxy_test, a_header_that_does_not_come_is_not_waited_for) {
  start();
  auto client = connect();
  client.send("PROXY TC");
  settle();
  EXPECT_EQ(context->counters.sessions(), 1u);
  pass(std::chrono::milliseconds(wanted.listen.handshake_ms));
  EXPECT_TRUE(ended(client));
  EXPECT_EQ(refused(refusal::timeout), 1u);
}

TEST_F(proxy_test, several_lines_of_x_forwarded_for_are_one_list) {
  wanted.listen.proxy_protocol = false;
  port.proxies = trusted_proxies({"127.0.0.1", "10.0.0.0/8"});
  start();
  EXPECT_EQ(get(path("/who",
                     "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 1.2.3.4, 10.0.0.1\r\nX-Forwarded-For: "
                     "10.0.0.2\r\n"))
                .body,
            "1.2.3.4");
}

}  // namespace
}  // namespace tickcast::net
