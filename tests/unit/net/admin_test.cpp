#include "net/admin/admin_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <latch>
#include <thread>

#include "driven_host.hpp"
#include "raw_client.hpp"
#include "scratch_directory.hpp"

namespace tickcast::net::admin {
namespace {

using namespace std::chrono_literals;
using test::raw_client;

class admin_test : public testing::Test {
protected:
  admin_test() { section.port = 0; }

  admin_server& make() {
    server = std::make_unique<admin_server>(section, directory.path().string());
    return *server;
  }
  static void tokens_in(const test::scratch_directory& where, std::string_view lines) {
    where.write("admin-tokens", std::string(lines));
    std::filesystem::permissions(where.path() / "admin-tokens",
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  void start() {
    server->listen();
    server->start();
  }
  std::string ask(std::string_view path, std::string_view more = "Host: localhost\r\n") {
    raw_client client(server->port());
    client.send("GET " + std::string(path) + " HTTP/1.1\r\n" + std::string(more) +
                "Connection: close\r\n\r\n");
    return all(client);
  }
  std::string post(std::string_view path, std::string_view token, std::string_view body,
                   std::string_view more = "Content-Type: application/json\r\n") {
    raw_client client(server->port());
    client.send("POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
                std::string(token) + "\r\n" + std::string(more) + "Content-Length: " +
                std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + std::string(body));
    return all(client);
  }
  static std::string all(raw_client& client) {
    const auto give_up = std::chrono::steady_clock::now() + 5s;
    while (!client.ended && std::chrono::steady_clock::now() < give_up) {
      client.pull();
      std::this_thread::yield();
    }
    return client.received;
  }
  static bool is(const std::string& answer, std::string_view status) { return answer.substr(9, 3) == status; }

  static constexpr std::string_view two_tokens =
      "ann operator operator-token-1\nvic viewer viewer-token-0001\n";

  test::scratch_directory directory;
  config::admin_section section;
  std::unique_ptr<admin_server> server;
};

TEST_F(admin_test, answers_live_ready_and_metrics) {
  make().add_source([](actors::metric_writer& to) { to.gauge("tickcast_test", "A level", {}, 7); });
  start();
  EXPECT_TRUE(is(ask("/live"), "200"));
  EXPECT_TRUE(is(ask("/ready"), "200"));
  const auto metrics = ask("/metrics");
  EXPECT_NE(metrics.find("text/plain; version=0.0.4"), std::string::npos);
  EXPECT_NE(metrics.find("tickcast_test 7\n"), std::string::npos);
  EXPECT_NE(metrics.find("tickcast_admin_answers_total"), std::string::npos);
}

TEST_F(admin_test, says_what_it_is_not_ready_for) {
  make().ready_when([] { return std::optional<std::string>("feeds are starting"); });
  start();
  const auto answer = ask("/ready");
  EXPECT_TRUE(is(answer, "503"));
  EXPECT_NE(answer.find("feeds are starting"), std::string::npos);
}

TEST_F(admin_test, calls_handlers_and_survives_them) {
  tokens_in(directory, two_tokens);
  make().api().get("/api/topics", [](const admin_request& request) {
    return http_answer{200, "application/json", request.text("q") + " for " + request.who.name};
  });
  server->api().get("/api/things/*", [](const admin_request& request) {
    return http_answer{200, "application/json", request.args[0]};
  });
  server->api().get("/api/bug", [](const admin_request&) -> http_answer { throw std::runtime_error("oh"); });
  server->api().get("/api/never", [](const admin_request&, const responder&) {});
  server->api().get("/api/late", [](const admin_request&, const responder& answer) {
    answer.within(20ms, [] { return refuse(admin_error::timeout, "too late"); });
    // Somebody keeps it and never answers.
    static std::vector<responder> kept;
    kept.push_back(answer);
  });
  start();
  const std::string viewer = "Host: localhost\r\nAuthorization: Bearer viewer-token-0001\r\n";
  EXPECT_NE(ask("/api/topics?q=42", viewer).find("\r\n\r\n42 for vic"), std::string::npos);
  EXPECT_NE(ask("/api/things/a%20b", viewer).find("\r\n\r\na b"), std::string::npos);
  EXPECT_TRUE(is(ask("/api/bug", viewer), "500"));
  EXPECT_TRUE(is(ask("/api/never", viewer), "500"));
  EXPECT_TRUE(is(ask("/api/late", viewer), "504"));
  EXPECT_TRUE(is(ask("/api/none", viewer), "404"));
  EXPECT_TRUE(is(ask("/none"), "404"));
  EXPECT_TRUE(is(ask("/live"), "200"));
}

TEST_F(admin_test, makes_the_first_token_where_nobody_else_can_read_it) {
  make().api().get("/api/x", [](const admin_request&) { return http_answer{}; });
  start();
  const auto file = directory.path() / "admin-tokens";
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::ifstream in(file);
  std::string comment, name, role, token;
  std::getline(in, comment);
  in >> name >> role >> token;
  EXPECT_EQ(name, "admin");
  EXPECT_EQ(role, "operator");
  EXPECT_GE(token.size(), 32U);
  EXPECT_TRUE(is(ask("/api/x", "Host: localhost\r\nAuthorization: Bearer " + token + "\r\n"), "200"));
}

TEST_F(admin_test, the_api_needs_a_token_but_probes_do_not) {
  tokens_in(directory, two_tokens);
  make().api().get("/api/topics", [](const admin_request&) { return http_answer{}; });
  start();
  EXPECT_TRUE(is(ask("/api/topics"), "401"));
  EXPECT_TRUE(is(ask("/api/topics", "Host: localhost\r\nAuthorization: Bearer wrong!\r\n"), "401"));
  EXPECT_TRUE(is(ask("/api/topics", "Host: localhost\r\nAuthorization: Bearer operator-token-1\r\n"), "200"));
  EXPECT_TRUE(is(ask("/live"), "200"));
  EXPECT_TRUE(is(ask("/metrics"), "200"));
}

TEST_F(admin_test, wrong_tokens_without_end_get_another_answer_and_right_ones_still_pass) {
  tokens_in(directory, two_tokens);
  make().api().get("/api/x", [](const admin_request&) { return http_answer{}; });
  start();
  for (std::size_t i = 0; i < admin_server::wrong_tokens_a_minute; ++i) EXPECT_TRUE(is(ask("/api/x"), "401"));
  EXPECT_TRUE(is(ask("/api/x"), "429"));
  EXPECT_TRUE(is(ask("/api/x", "Host: localhost\r\nAuthorization: Bearer operator-token-1\r\n"), "200"));
}

TEST_F(admin_test, a_token_that_is_taken_out_of_the_file_is_refused_from_then_on) {
  tokens_in(directory, two_tokens);
  make().api().get("/api/x", [](const admin_request&) { return http_answer{}; });
  start();
  const std::string viewer = "Host: localhost\r\nAuthorization: Bearer viewer-token-0001\r\n";
  EXPECT_TRUE(is(ask("/api/x", viewer), "200"));
  tokens_in(directory, "ann operator operator-token-1\n");
  EXPECT_TRUE(is(ask("/api/x", viewer), "401"));
  // Open to others, the file admits nobody.
  std::filesystem::permissions(directory.path() / "admin-tokens", std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  EXPECT_TRUE(is(ask("/api/x", "Host: localhost\r\nAuthorization: Bearer operator-token-1\r\n"), "401"));
}

TEST_F(admin_test, lets_operators_act_and_writes_down_who_did_what) {
  tokens_in(directory, two_tokens);
  make().api().post("/api/feeds/*/suspend", "suspend",
                    [](const admin_request& request, const responder& answer) {
                      if (request.args[0] == "none")
                        return answer(refuse(admin_error::not_found, "no such feed"));
                      answer(http_answer{200, "application/json", request.body});
                    });
  start();
  EXPECT_NE(post("/api/feeds/a/suspend", "operator-token-1", "{\"x\":1}").find("{\"x\":1}"),
            std::string::npos);
  EXPECT_TRUE(is(post("/api/feeds/none/suspend", "operator-token-1", "{}"), "404"));
  EXPECT_TRUE(is(post("/api/feeds/a/suspend", "viewer-token-0001", "{}"), "403"));
  EXPECT_TRUE(is(post("/api/feeds/a/suspend", "nobody", "{}"), "401"));
  EXPECT_TRUE(is(ask("/api/feeds/a/suspend", "Host: localhost\r\nAuthorization: Bearer operator-token-1\r\n"),
                 "405"));
  EXPECT_TRUE(is(post("/api/feeds/a/suspend", "operator-token-1", "{}", ""), "400"));
  server->stop();
  const auto& entries = server->audit().entries();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].who, "ann");
  EXPECT_EQ(entries[0].action, "suspend");
  EXPECT_EQ(entries[0].target, "a");
  EXPECT_EQ(entries[0].data, "{\"x\":1}");
  EXPECT_EQ(entries[0].outcome, "done");
  EXPECT_EQ(entries[1].outcome, "no such feed");
  EXPECT_EQ(entries[2].who, "vic");
  EXPECT_NE(entries[2].outcome, "done");
  // The next run still knows.
  server.reset();
  EXPECT_EQ(make().audit().entries().size(), 3U);
}

TEST_F(admin_test, pages_of_another_origin_are_refused) {
  tokens_in(directory, two_tokens);
  make().api().post("/api/x", "x",
                    [](const admin_request&, const responder& answer) { answer(http_answer{}); });
  start();
  const std::string kind = "Content-Type: application/json\r\n";
  EXPECT_TRUE(is(post("/api/x", "operator-token-1", "{}", kind + "Origin: http://evil.example\r\n"), "403"));
  EXPECT_TRUE(is(post("/api/x", "operator-token-1", "{}", kind + "Origin: null\r\n"), "403"));
  EXPECT_TRUE(is(post("/api/x", "operator-token-1", "{}", kind + "Origin: http://localhost\r\n"), "200"));
}

TEST_F(admin_test, a_token_file_that_is_wrong_keeps_the_server_from_starting) {
  for (const auto* lines :
       {"ann operator short\n", "ann boss operator-token-1\n", "ann operator\n", "# none\n"}) {
    tokens_in(directory, lines);
    EXPECT_THROW(make(), std::runtime_error) << lines;
  }
}

TEST_F(admin_test, a_page_that_reaches_it_by_a_name_of_its_own_is_refused) {
  make();
  start();
  EXPECT_TRUE(is(ask("/metrics", "Host: evil.example:9190\r\n"), "403"));
  EXPECT_TRUE(is(ask("/metrics", "Host: 127.0.0.1:9190\r\n"), "200"));
  EXPECT_TRUE(is(ask("/metrics", "Host: [::1]:9190\r\n"), "200"));
}

TEST_F(admin_test, refuses_what_is_no_small_request) {
  make();
  start();
  const auto send = [&](std::string_view bytes) {
    raw_client client(server->port());
    client.send(bytes);
    const auto give_up = std::chrono::steady_clock::now() + 5s;
    while (client.received.empty() && !client.ended && std::chrono::steady_clock::now() < give_up)
      client.pull();
    return client.received;
  };
  EXPECT_TRUE(is(send("PUT /live HTTP/1.1\r\nHost: localhost\r\n\r\n"), "405"));
  EXPECT_TRUE(
      is(send("POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n12345"), "413"));
  EXPECT_TRUE(is(send("GET / HTTP/1.1\r\nX: " + std::string(20000, 'x') + "\r\n\r\n"), "431"));
  EXPECT_TRUE(is(send("rubbish\r\n\r\n"), "400"));
  EXPECT_TRUE(is(send("GET nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"), "400"));
}

TEST_F(admin_test, above_its_connections_it_closes_new_ones_and_recovers) {
  make();
  start();
  std::vector<raw_client> many;
  for (std::size_t i = 0; i < admin_server::most_connections; ++i) many.emplace_back(server->port());
  raw_client extra(server->port());
  all(extra);
  EXPECT_TRUE(extra.ended);
  many.clear();
  const auto give_up = std::chrono::steady_clock::now() + 5s;
  while (!is(ask("/live") + std::string(12, ' '), "200") && std::chrono::steady_clock::now() < give_up) {
  }
  EXPECT_TRUE(is(ask("/live"), "200"));
}

TEST_F(admin_test, names_a_watched_host_that_is_stuck_and_forgets_it_when_it_turns_again) {
  std::atomic<std::chrono::seconds> ahead{0s};
  server = std::make_unique<admin_server>(section, directory.path().string(),
                                          [&] { return liveness::clock::now() + ahead.load(); });
  test::driven_host host;
  server->watch(host);
  start();
  EXPECT_TRUE(is(ask("/live"), "200"));
  // Nobody gives the host a turn.
  ahead = liveness::patience + 1s;
  const auto stuck = ask("/live");
  EXPECT_TRUE(is(stuck, "503"));
  EXPECT_NE(stuck.find(host.name()), std::string::npos) << stuck;
  EXPECT_TRUE(is(ask("/metrics"), "200"));
  host.turn();
  EXPECT_TRUE(is(ask("/live"), "200"));
  server.reset();
}

TEST_F(admin_test, stays_on_loopback_and_on_a_free_port) {
  section.address = "0.0.0.0";
  EXPECT_THROW(make().listen(), std::runtime_error);
  section.address = "127.0.0.1";
  make();
  start();
  section.port = server->port();
  const auto where = directory.path().string();
  EXPECT_THROW(admin_server(section, where).listen(), std::runtime_error);
  section.token_file = "/proc/nonexistent";
  EXPECT_THROW(admin_server(section, where), std::runtime_error);
}

}  // namespace
}  // namespace tickcast::net::admin
