#include "http_shard.hpp"
#include "scratch_directory.hpp"

namespace tickcast::net {
namespace {

using namespace std::chrono_literals;

using http_test = test::http_shard;

TEST_F(http_test, tells_its_health) {
  start();
  const auto good = get(path("/health"));
  EXPECT_EQ(good.status(), 200);
  EXPECT_EQ(good.body, "{\"status\":\"ok\"}\n");
  EXPECT_TRUE(good.has("Content-Type: application/json\r\n"));
  port.stopping = true;
  EXPECT_EQ(get(path("/health")).status(), 503);
}

TEST_F(http_test, keeps_the_connection_unless_told_otherwise) {
  start();
  auto client = connect();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get(client, path("/health")).status(), 200);
  EXPECT_FALSE(client.ended);
  EXPECT_TRUE(get(client, path("/health", "Connection: close\r\n")).has("Connection: close\r\n"));
  EXPECT_TRUE(ended(client));
  EXPECT_EQ(context->counters.accepted.value(), 1u);
}

TEST_F(http_test, answers_pipelined_requests_in_order) {
  port.handlers["/a"] = [](const http_query&) { return http_answer{200, "text/plain", "AAA"}; };
  port.handlers["/b"] = [](const http_query&) { return http_answer{200, "text/plain", "BBB"}; };
  start();
  auto client = connect();
  client.send(path("/a") + path("/b") + path("/none") + path("/a"));
  ASSERT_TRUE(until([&] {
    client.pull();
    std::size_t answers = 0;
    for (std::size_t at = 0; (at = client.received.find("HTTP/1.1 ", at)) != std::string::npos; ++at)
      ++answers;
    return answers == 4 && client.received.rfind("AAA") + 3 == client.received.size();
  }));
  const auto a = client.received.find("AAA");
  const auto b = client.received.find("BBB");
  const auto none = client.received.find("404");
  EXPECT_LT(a, b);
  EXPECT_LT(b, none);
}

TEST_F(http_test, refuses_in_json_and_says_why) {
  start();
  const auto missing = get(path("/nowhere"));
  EXPECT_EQ(missing.status(), 404);
  EXPECT_NE(missing.body.find("\"error\""), std::string::npos);
  EXPECT_NE(missing.body.find("/nowhere"), std::string::npos);

  const auto posted = get("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(posted.status(), 405);
  EXPECT_TRUE(posted.has("Allow: GET, HEAD\r\n"));

  EXPECT_EQ(get("rubbish\r\n\r\n").status(), 400);
  EXPECT_EQ(get("GET / HTTP/1.1\r\n\r\n").status(), 400) << "no Host";
  EXPECT_EQ(get(path("/%zz")).status(), 400);
  EXPECT_EQ(get(path("/a%00b")).status(), 400);
  EXPECT_EQ(get(path("/", "X: " + std::string(9000, 'x') + "\r\n")).status(), 431);
  EXPECT_EQ(get(path("/", "Content-Length: 70000\r\n")).status(), 413);
  EXPECT_EQ(get(path("/ws")).status(), 426);
}

TEST_F(http_test, a_refused_method_ends_the_connection_and_its_body_is_no_request) {
  start();
  auto client = connect();
  const auto body = path("/health");
  client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
              body);
  ASSERT_TRUE(ended(client));
  EXPECT_NE(client.received.find("405"), std::string::npos);
  EXPECT_EQ(client.received.find("200 OK"), std::string::npos);
}

TEST_F(http_test, a_post_where_none_is_taken_is_refused_and_its_body_is_no_request) {
  start();
  auto client = connect();
  const auto body = path("/health");
  const auto refused =
      get(client,
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_EQ(refused.status(), 405);
  EXPECT_TRUE(refused.has("Allow: GET, HEAD\r\n"));
  EXPECT_EQ(get(client, path("/absent")).status(), 404);
}

TEST_F(http_test, reads_a_small_body_of_a_get_and_goes_on) {
  start();
  auto client = connect();
  EXPECT_EQ(get(client, path("/health", "Content-Length: 5\r\n") + "12345").status(), 200);
  EXPECT_EQ(get(client, path("/health", "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0\r\n\r\n").status(),
            200);
  EXPECT_EQ(get(client, path("/health")).status(), 200);
}

TEST_F(http_test, calls_the_handler_of_a_path_with_decoded_parameters) {
  http_query asked;
  port.handlers["/api/v1/symbols"] = [&](const http_query& query) {
    asked = query;
    return http_answer{200, "application/json", "{}", {{"X-Extra", "1"}, {"X-Bad", "a\r\nInjected: 1"}}};
  };
  start();
  const auto got = get(path("/api/v1/symbols?q=a%20b+c&x&y=%E2%82%AC&q=2"));
  EXPECT_EQ(got.status(), 200);
  EXPECT_TRUE(got.has("X-Extra: 1\r\n"));
  EXPECT_FALSE(got.has("Injected"));
  EXPECT_EQ(asked.parameter("q"), "a b c");
  EXPECT_EQ(asked.parameter("x"), "");
  EXPECT_EQ(asked.parameter("y"), "€");
  EXPECT_EQ(asked.parameter("z"), std::nullopt);
}

TEST_F(http_test, handlers_may_be_read_by_pages_of_the_listed_origins_only) {
  wanted.listen.cors.origins = {"https://desk.example"};
  port.handlers["/api/v1/symbols"] = [](const http_query&) { return http_answer{}; };
  start();
  EXPECT_TRUE(get(path("/api/v1/symbols", "Origin: https://desk.example\r\n"))
                  .has("Access-Control-Allow-Origin: https://desk.example\r\n"));
  EXPECT_FALSE(get(path("/api/v1/symbols", "Origin: https://evil.example\r\n")).has("Access-Control"));
  EXPECT_FALSE(get(path("/api/v1/symbols")).has("Access-Control"));
}

TEST_F(http_test, a_handler_that_throws_is_a_500_and_the_connection_lives) {
  port.handlers["/bug"] = [](const http_query&) -> http_answer { throw std::runtime_error("secret detail"); };
  start();
  auto client = connect();
  const auto got = get(client, path("/bug"));
  EXPECT_EQ(got.status(), 500);
  EXPECT_EQ(got.body.find("secret"), std::string::npos);
  EXPECT_EQ(get(client, path("/health")).status(), 200);
}

TEST_F(http_test, serves_files_with_etag_gzip_and_security_headers) {
  const test::scratch_directory directory;
  directory.write("index.html", "<!doctype html>" + std::string(2000, ' '));
  port.files.add_directory(directory.path());
  start();
  auto client = connect();
  const auto plain = get(client, path("/"));
  EXPECT_EQ(plain.status(), 200);
  EXPECT_EQ(plain.body.size(), 2015u);
  EXPECT_TRUE(plain.has("Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_TRUE(plain.has("X-Content-Type-Options: nosniff\r\n"));
  EXPECT_TRUE(plain.has("Content-Security-Policy: default-src 'self'; script-src 'self';"));
  EXPECT_FALSE(plain.has("script-src 'self' 'unsafe-inline'"));
  EXPECT_TRUE(plain.has("Vary: Accept-Encoding\r\n"));
  EXPECT_FALSE(plain.has("Content-Encoding"));

  const auto small = get(client, path("/", "Accept-Encoding: gzip\r\n"));
  EXPECT_TRUE(small.has("Content-Encoding: gzip\r\n"));
  EXPECT_LT(small.body.size(), 200u);

  const auto etag_at = small.head.find("ETag: ") + 6;
  const auto etag = small.head.substr(etag_at, small.head.find('\r', etag_at) - etag_at);
  const auto known = get(client, path("/", "Accept-Encoding: gzip\r\nIf-None-Match: " + etag + "\r\n"));
  EXPECT_EQ(known.status(), 304);
  EXPECT_TRUE(known.has("ETag: " + etag));
  EXPECT_FALSE(known.has("Content-Length"));
  EXPECT_EQ(get(client, path("/", "If-None-Match: " + etag + "\r\n")).status(), 200)
      << "that is the other variant's";
}

TEST_F(http_test, a_head_request_gets_the_head_alone) {
  const test::scratch_directory directory;
  directory.write("a.txt", "0123456789");
  port.files.add_directory(directory.path());
  start();
  auto client = connect();
  const auto got = get(client, "HEAD /a.txt HTTP/1.1\r\nHost: x\r\n\r\n", false);
  EXPECT_EQ(got.status(), 200);
  EXPECT_TRUE(got.has("Content-Length: 10\r\n"));
  EXPECT_EQ(get(client, path("/health")).status(), 200) << "no body stood between";
}

TEST_F(http_test, a_large_file_reaches_a_slow_reader_whole) {
  const test::scratch_directory directory;
  const std::string text(3 << 20, 'f');
  directory.write("large.png", text);
  port.files.add_directory(directory.path());
  start();
  auto client = connect(65536);
  const auto got = get(client, path("/large.png"));
  EXPECT_EQ(got.body, text);
}

TEST_F(http_test, pages_of_foreign_origins_get_403_that_names_the_setting) {
  wanted.listen.allowed_origins = {"https://trade.example"};
  start();
  const auto foreign = get(test::upgrade_request("/ws", "Origin: https://evil.example\r\n"));
  EXPECT_EQ(foreign.status(), 403);
  EXPECT_NE(foreign.body.find("listen.allowed_origins"), std::string::npos);
  EXPECT_EQ(get(test::upgrade_request("/ws", "Origin: https://trade.example\r\n")).status(), 101);
  EXPECT_EQ(get(test::upgrade_request("/ws", "Origin: http://localhost:8080\r\n")).status(), 101)
      << "our own page";
  EXPECT_EQ(get(test::upgrade_request("/ws")).status(), 101) << "no browser";
  EXPECT_EQ(context->counters.refused[static_cast<std::size_t>(refusal::origin)].value(), 1u);
}

TEST_F(http_test, broken_handshakes_are_refused_before_anything_is_made) {
  start();
  const std::string base = "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  EXPECT_EQ(get(base + "Sec-WebSocket-Version: 13\r\n\r\n").status(), 400) << "no key";
  EXPECT_EQ(get(base + "Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n").status(), 400);
  const auto old =
      get(base + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n");
  EXPECT_EQ(old.status(), 426);
  EXPECT_TRUE(old.has("Sec-WebSocket-Version: 13\r\n"));
  EXPECT_TRUE(peers.empty());
}

TEST_F(http_test, above_max_connections_a_request_gets_503_and_room_comes_back) {
  wanted.listen.max_connections = 2;
  start();
  auto first = open();
  auto second = open();
  auto third = connect();
  const auto refused = get(third, test::upgrade_request());
  EXPECT_EQ(refused.status(), 503);
  EXPECT_NE(refused.body.find("listen.max_connections"), std::string::npos);
  EXPECT_TRUE(ended(third));
  third.close();
  second.close();
  ASSERT_TRUE(until([&] { return port.open.load() == 1; }));
  auto fourth = open();
}

TEST_F(http_test, far_above_max_connections_a_connection_is_just_closed) {
  wanted.listen.max_connections = 0;
  start();
  std::vector<test::raw_client> many;
  for (int i = 0; i < 300; ++i) many.push_back(connect());
  ASSERT_TRUE(until([&] {
    return context->counters.refused[static_cast<std::size_t>(refusal::overrun)].value() == 300u - 256u;
  }));
  EXPECT_EQ(port.open.load(), 256u);
}

TEST_F(http_test, a_listener_that_stops_takes_what_waits_to_be_accepted) {
  start();
  std::vector<test::raw_client> waiting;
  for (int i = 0; i < 100; ++i) waiting.push_back(connect());
  port.stopping = true;
  listening->stop();
  EXPECT_EQ(context->counters.accepted.value(), 100u);
  for (auto& client : waiting) EXPECT_EQ(get(client, test::upgrade_request()).status(), 503);
}

TEST_F(http_test, while_the_server_stops_handshakes_get_503) {
  start();
  port.stopping = true;
  const auto got = get(test::upgrade_request());
  EXPECT_EQ(got.status(), 503);
  EXPECT_TRUE(got.has("Retry-After: 1\r\n"));
  EXPECT_TRUE(got.has("Connection: close\r\n"));
}

TEST_F(http_test, accepted_sockets_carry_the_configured_options) {
  wanted.io.notsent_lowat_bytes = 12345;
  wanted.listen.congestion = "reno";
  start();
  auto client = open();
  // Our side's options can only be asked for on our side: find the descriptor by its peer's port.
  sockaddr_in mine{};
  socklen_t size = sizeof mine;
  ::getsockname(client.fd(), reinterpret_cast<sockaddr*>(&mine), &size);
  int found = -1;
  for (int fd = 3; fd < 1024 && found < 0; ++fd) {
    sockaddr_in remote{};
    size = sizeof remote;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&remote), &size) == 0 && remote.sin_family == AF_INET &&
        remote.sin_port == mine.sin_port)
      found = fd;
  }
  ASSERT_GE(found, 0);
  int value = 0;
  size = sizeof value;
  ::getsockopt(found, IPPROTO_TCP, 25 /* TCP_NOTSENT_LOWAT */, &value, &size);
  EXPECT_EQ(value, 12345);
  ::getsockopt(found, IPPROTO_TCP, 1 /* TCP_NODELAY */, &value, &size);
  EXPECT_NE(value, 0);
  char congestion[16] = {};
  size = sizeof congestion;
  ::getsockopt(found, IPPROTO_TCP, 13 /* TCP_CONGESTION */, congestion, &size);
  EXPECT_STREQ(congestion, "reno");
}

TEST_F(http_test, an_option_the_kernel_refuses_names_its_key) {
  wanted.listen.congestion = "no-such-control";
  try {
    start();
    FAIL() << "it must throw";
  } catch (const std::runtime_error& fault) {
    EXPECT_NE(std::string(fault.what()).find("listen.congestion"), std::string::npos);
  }
}

}  // namespace
}  // namespace tickcast::net
