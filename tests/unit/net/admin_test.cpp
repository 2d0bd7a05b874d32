#include "net/admin/admin_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
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
    server = std::make_unique<admin_server>(section);
    return *server;
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
  static std::string all(raw_client& client) {
    const auto give_up = std::chrono::steady_clock::now() + 5s;
    while (!client.ended && std::chrono::steady_clock::now() < give_up) {
      client.pull();
      std::this_thread::yield();
    }
    return client.received;
  }
  static bool is(const std::string& answer, std::string_view status) { return answer.substr(9, 3) == status; }

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
  make().handle("/api/topics", [](const http_query& query) {
    return http_answer{200, "application/json", std::string(query.parameter("q").value_or("none"))};
  });
  server->handle("/bug", [](const http_query&) -> http_answer { throw std::runtime_error("oh"); });
  start();
  EXPECT_NE(ask("/api/topics?q=42").find("\r\n\r\n42"), std::string::npos);
  EXPECT_TRUE(is(ask("/bug"), "500"));
  EXPECT_TRUE(is(ask("/none"), "404"));
  EXPECT_TRUE(is(ask("/live"), "200"));
}

TEST_F(admin_test, handlers_need_the_token_but_probes_do_not) {
  const test::scratch_directory directory;
  directory.write("token", "s3cret\n");
  section.token_file = (directory.path() / "token").string();
  make().handle("/api/topics", [](const http_query&) { return http_answer{}; });
  start();
  EXPECT_TRUE(is(ask("/api/topics"), "401"));
  EXPECT_TRUE(is(ask("/api/topics", "Host: localhost\r\nAuthorization: Bearer wrong!\r\n"), "401"));
  EXPECT_TRUE(is(ask("/api/topics", "Host: localhost\r\nAuthorization: Bearer s3cret\r\n"), "200"));
  EXPECT_TRUE(is(ask("/live"), "200"));
  EXPECT_TRUE(is(ask("/metrics"), "200"));
}

TEST_F(admin_test, a_page_that_reaches_it_by_a_name_of_its_own_is_refused) {
  make();
  start();
  EXPECT_TRUE(is(ask("/metrics", "Host: evil.example:9190\r\n"), "403"));
  EXPECT_TRUE(is(ask("/metrics", "Host: 127.0.0.1:9190\r\n"), "200"));
  EXPECT_TRUE(is(ask("/metrics", "Host: [::1]:9190\r\n"), "200"));
}

TEST_F(admin_test, refuses_what_is_no_small_get) {
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
  EXPECT_TRUE(is(send("POST /live HTTP/1.1\r\nHost: localhost\r\n\r\n"), "405"));
  EXPECT_TRUE(is(send("GET /live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n12345"), "413"));
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
  server = std::make_unique<admin_server>(section, [&] { return liveness::clock::now() + ahead.load(); });
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
  EXPECT_THROW(admin_server(section).listen(), std::runtime_error);
  section.token_file = "/nonexistent";
  EXPECT_THROW(admin_server{section}, std::runtime_error);
}

}  // namespace
}  // namespace tickcast::net::admin
