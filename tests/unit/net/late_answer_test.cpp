#include <thread>

#include "http_shard.hpp"
#include "net/http_session.hpp"

namespace tickcast::net {
namespace {

using namespace std::chrono_literals;

http_content_ptr text(std::string_view body, std::string etag = {}) {
  auto made = std::make_shared<http_content>();
  made->content_type = "text/plain";
  made->body = protocol::make_frame(body, protocol::encoding::json);
  made->etag = std::move(etag);
  return made;
}

class late_answer_test : public test::http_shard {
protected:
  /// A route whose answers the test gives when it likes.
  void add_route(const std::string& at = "/late") {
    auto& made = port.routes[at];
    made.name = "late";
    made.handler = [this](const http_query&, http_exchange& exchange) {
      replies.push_back(exchange.later());
    };
  }
  bool asked(std::size_t times) {
    return until([&] { return replies.size() >= times; });
  }
  std::uint64_t answered(unsigned status, const std::string& at = "/late") const {
    return (*port.routes.at(at).answered)[shard_counters::status_index(status)].load();
  }

  std::vector<http_reply> replies;
};

TEST_F(late_answer_test, an_answer_may_come_from_another_thread_later) {
  add_route();
  start();
  auto client = connect();
  client.send(path("/late"));
  ASSERT_TRUE(asked(1));
  settle();
  client.pull();
  EXPECT_TRUE(client.received.empty()) << "it waits";
  std::thread([&] { replies[0](text("found")); }).join();
  const auto got = get(client, "");
  EXPECT_EQ(got.status(), 200);
  EXPECT_EQ(got.body, "found");
  EXPECT_EQ(answered(200), 1u);
}

TEST_F(late_answer_test, a_handler_may_answer_at_once) {
  port.routes["/now"].handler = [](const http_query&, http_exchange& exchange) {
    exchange.answer(text("at once"));
  };
  start();
  EXPECT_EQ(get(path("/now")).body, "at once");
}

TEST_F(late_answer_test, pipelined_requests_keep_their_order) {
  add_route();
  port.handlers["/soon"] = [](const http_query&) { return http_answer{200, "text/plain", "SECOND"}; };
  start();
  auto client = connect();
  client.send(path("/late") + path("/soon"));
  ASSERT_TRUE(asked(1));
  settle();
  client.pull();
  EXPECT_TRUE(client.received.empty());
  replies[0](text("FIRST"));
  ASSERT_TRUE(until([&] {
    client.pull();
    return client.received.find("SECOND") != std::string::npos;
  }));
  EXPECT_LT(client.received.find("FIRST"), client.received.find("SECOND"));
}

TEST_F(late_answer_test, an_answer_for_a_client_that_has_gone_goes_nowhere) {
  add_route();
  start();
  auto client = connect();
  client.send(path("/late"));
  ASSERT_TRUE(asked(1));
  client.close();
  context->sessions.each([](session& each) { each.abort(); });
  ASSERT_TRUE(until([&] { return context->counters.sessions() == 0; }));
  replies[0](text("too late"));
  settle();
  EXPECT_EQ(answered(200), 0u);
}

TEST_F(late_answer_test, a_way_back_that_is_dropped_is_a_500) {
  add_route();
  start();
  auto client = connect();
  client.send(path("/late"));
  ASSERT_TRUE(asked(1));
  replies.clear();
  EXPECT_EQ(get(client, "").status(), 500);
}

TEST_F(late_answer_test, a_handler_that_throws_after_it_took_the_way_back_is_one_500) {
  port.routes["/bug"].handler = [](const http_query&, http_exchange& exchange) {
    const auto reply = exchange.later();
    throw std::runtime_error("secret");
  };
  start();
  auto client = connect();
  EXPECT_EQ(get(client, path("/bug")).status(), 500);
  settle();
  client.pull();
  EXPECT_TRUE(client.received.empty()) << "one request, one answer";
  EXPECT_EQ(get(client, path("/health")).status(), 200);
}

TEST_F(late_answer_test, who_waits_too_long_gets_a_503_and_nothing_else) {
  add_route();
  start();
  auto client = connect();
  client.send(path("/late"));
  ASSERT_TRUE(asked(1));
  settle();
  pass(http_session::answer_time + 1s);
  client.pull();
  EXPECT_EQ(client.received.substr(0, 12), "HTTP/1.1 503");
  replies[0](text("too late"));
  settle();
  client.pull();
  EXPECT_EQ(client.received.find("too late"), std::string::npos);
}

TEST_F(late_answer_test,
       while_the_server_stops_reads_under_way_are_still_answered_and_the_client_then_closed) {
  add_route();
  start();
  auto client = connect();
  client.send(path("/late"));
  ASSERT_TRUE(asked(1));
  settle();
  port.stopping = true;
  context->sessions.each([](session& each) { each.shut(protocol::close_code::shutdown); });
  settle();
  replies[0](text("found"));
  const auto got = get(client, "");
  EXPECT_EQ(got.status(), 200);
  EXPECT_TRUE(got.has("Connection: close\r\n"));
  EXPECT_TRUE(ended(client));
}

TEST_F(late_answer_test, a_known_etag_is_304_without_a_body) {
  port.routes["/tagged"].handler = [](const http_query&, http_exchange& exchange) {
    exchange.answer(text("body", "\"v1\""));
  };
  start();
  auto client = connect();
  const auto first = get(client, path("/tagged"));
  EXPECT_TRUE(first.has("ETag: \"v1\"\r\n"));
  const auto again = get(client, path("/tagged", "If-None-Match: W/\"v1\"\r\n"));
  EXPECT_EQ(again.status(), 304);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(answered(304, "/tagged"), 1u);
  EXPECT_EQ(get(client, path("/tagged", "If-None-Match: \"v0\"\r\n")).status(), 200);
}

TEST_F(late_answer_test, a_head_request_gets_the_length_alone) {
  port.routes["/now"].handler = [](const http_query&, http_exchange& exchange) {
    exchange.answer(text("12345"));
  };
  start();
  auto client = connect();
  const auto got = get(client, "HEAD /now HTTP/1.1\r\nHost: x\r\n\r\n", false);
  EXPECT_TRUE(got.has("Content-Length: 5\r\n"));
  EXPECT_EQ(get(client, path("/health")).status(), 200) << "no body stood between";
}

TEST_F(late_answer_test, a_route_that_ends_in_a_slash_has_what_lies_below_it) {
  std::vector<std::string> paths;
  const auto handler = [&](const http_query& query, http_exchange& exchange) {
    paths.push_back(query.path);
    exchange.answer(text("below"));
  };
  port.routes["/things/"].handler = handler;
  start();
  auto client = connect();
  EXPECT_EQ(get(client, path("/things/a%2Fb")).status(), 200);
  EXPECT_EQ(get(client, path("/things")).status(), 404);
  EXPECT_EQ(paths, std::vector<std::string>{"/things/a/b"});
}

TEST_F(late_answer_test, pages_of_listed_origins_may_ask_and_read) {
  wanted.listen.cors.origins = {"https://desk.example"};
  port.routes["/now"].handler = [](const http_query&, http_exchange& exchange) {
    exchange.answer(text("for the page"));
  };
  start();
  auto client = connect();
  const std::string ask =
      "OPTIONS /now HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Method: GET\r\nOrigin: "
      "https://desk.example\r\n\r\n";
  const auto may = get(client, ask);
  EXPECT_EQ(may.status(), 204);
  EXPECT_TRUE(may.has("Access-Control-Allow-Origin: https://desk.example\r\n"));
  EXPECT_TRUE(may.has("Access-Control-Allow-Methods: GET, HEAD, POST\r\n"));
  for (const auto* header : {"Authorization", "Content-Type", "Idempotency-Key", "X-API-Key"})
    EXPECT_TRUE(may.has(header)) << header;
  EXPECT_TRUE(may.has("Access-Control-Allow-Credentials: true\r\n"));
  const auto got = get(client, path("/now", "Origin: https://desk.example\r\n"));
  EXPECT_TRUE(got.has("Access-Control-Allow-Origin: https://desk.example\r\n"));
  EXPECT_TRUE(got.has("Vary: Origin\r\n"));

  auto foreign = ask;
  foreign.replace(foreign.find("desk"), 4, "evil");
  const auto refused = get(foreign);
  EXPECT_EQ(refused.status(), 403);
  EXPECT_NE(refused.body.find("https://evil.example"), std::string::npos);
  EXPECT_NE(refused.body.find("listen.cors.origins"), std::string::npos);
  EXPECT_EQ(context->counters.refused[static_cast<std::size_t>(refusal::origin)].value(), 1u);
  const auto unread = get(client, path("/now", "Origin: https://evil.example\r\n"));
  EXPECT_FALSE(unread.has("Access-Control"));
  EXPECT_TRUE(unread.has("Vary: Origin\r\n"));
  EXPECT_TRUE(
      get(client, path("/none", "Origin: https://desk.example\r\n")).has("Access-Control-Allow-Origin"))
      << "a page may read why it is refused";
}

TEST_F(late_answer_test, cookies_go_along_from_origins_that_are_named_alone) {
  wanted.listen.cors.origins = {"*"};
  port.routes["/now"].handler = [](const http_query&, http_exchange& exchange) {
    exchange.answer(text("for anybody"));
  };
  start();
  auto client = connect();
  const auto got = get(client, path("/now", "Origin: https://any.example\r\n"));
  EXPECT_TRUE(got.has("Access-Control-Allow-Origin: https://any.example\r\n"));
  EXPECT_FALSE(got.has("Access-Control-Allow-Credentials"));
}

}  // namespace
}  // namespace tickcast::net
