#include "net/admin/api/history_routes.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "raw_client.hpp"
#include "scratch_directory.hpp"

namespace tickcast::net::admin {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::raw_client;

constexpr std::string_view operator_token = "operator-token-1";
constexpr std::string_view viewer_token = "viewer-token-0001";

store::settings in_memory() {
  store::settings with;
  with.kept = {{0, 0}, {0, 0}, {0, 0}};
  return with;
}

class history_routes_test : public testing::Test {
protected:
  history_routes_test() {
    directory.write("admin-tokens", "ann operator operator-token-1\nvic viewer viewer-token-0001\n");
    std::filesystem::permissions(directory.path() / "admin-tokens",
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    section.port = 0;
    server = std::make_unique<admin_server>(section, directory.path().string());
    routes = std::make_unique<history_routes>(*server, kept);
    server->listen();
    server->start();
  }
  ~history_routes_test() override {
    server->stop();
    routes->stop(10s);
    routes.reset();
  }

  struct reply {
    int status = 0;
    std::string body;
    json as_json() const { return json::parse(body, nullptr, false); }
  };
  reply talk(const std::string& request) const {
    raw_client client(server->port());
    std::string_view left = request;
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (!client.ended && std::chrono::steady_clock::now() < give_up) {
      left.remove_prefix(client.send(left));
      client.pull();
      std::this_thread::yield();
    }
    const auto body = client.received.find("\r\n\r\n");
    if (body == std::string::npos) return {};
    return {std::stoi(client.received.substr(9, 3)), client.received.substr(body + 4)};
  }
  static std::string head(std::string_view method, std::string_view target, std::string_view token) {
    return std::string(method) + " " + std::string(target) +
           " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer " +
           std::string(token) + "\r\n";
  }
  reply bring(const json& rows, std::string_view query = "", std::string_view token = operator_token) const {
    const auto body = rows.dump();
    return talk(head("POST", "/api/import" + std::string(query), token) +
                "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
  }
  reply fetch(std::string_view query, std::string_view token = viewer_token) const {
    return talk(head("GET", "/api/export" + std::string(query), token) + "\r\n");
  }
  static json trade(std::int64_t time_ns, std::string_view symbol = "X") {
    return {{"type", "trade"}, {"symbol", symbol}, {"time", time_ns},
            {"price", "1.5"},  {"size", "2"},      {"id", time_ns}};
  }
  static json trades(int count, std::int64_t first_ns = 1) {
    auto rows = json::array();
    for (int i = 0; i < count; ++i) rows.push_back(trade(first_ns + i));
    return rows;
  }

  test::scratch_directory directory;
  config::admin_section section;
  store::tick_store kept{in_memory()};
  std::unique_ptr<admin_server> server;
  std::unique_ptr<history_routes> routes;
};

TEST_F(history_routes_test, takes_a_whole_import_in_one_request_and_tells_what_was_new) {
  const json rows{trade(1), trade(2), {{"type", "trade"}, {"symbol", "X"}}};
  const auto first = bring(rows, "?what=a.csv").as_json();
  EXPECT_EQ(first["rows"], 2);
  EXPECT_EQ(first["new"], 2);
  EXPECT_EQ(first["refused"], 1);
  EXPECT_EQ(first["complaints"].size(), 1u);
  EXPECT_EQ(bring(rows).as_json()["new"], 0) << "what is there changes nothing";
  EXPECT_EQ(kept.trades("X", {})->size(), 2u);
}

TEST_F(history_routes_test, enters_an_import_of_many_requests_once) {
  const auto first = bring(trades(10), "?what=a.csv&more=true").as_json();
  const auto id = first["import"].get<std::string>();
  EXPECT_EQ(bring(trades(10, 100), "?more=true&import=" + id).status, 200);
  EXPECT_EQ(bring(trades(5, 5), "?import=" + id).status, 200);
  server->stop();
  ASSERT_EQ(server->audit().entries().size(), 1u);
  const auto& entry = server->audit().entries().front();
  EXPECT_EQ(entry.who, "ann");
  EXPECT_EQ(entry.action, "import");
  EXPECT_EQ(entry.target, "a.csv");
  EXPECT_EQ(entry.outcome, "done");
  const auto data = json::parse(entry.data);
  EXPECT_EQ(data["rows"], 25);
  EXPECT_EQ(data["new"], 20);
  EXPECT_EQ(data["topics"], json::array({"trade.X"}));
}

TEST_F(history_routes_test, has_one_import_at_a_time_and_gives_up_one_that_is_left_off) {
  const auto id = bring(trades(1), "?more=true&what=first").as_json()["import"].get<std::string>();
  const auto refused = bring(trades(1));
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("by ann is under way (first)"), std::string::npos);
  EXPECT_EQ(bring(trades(1), "?import=77").status, 404);
  const auto give_up = std::chrono::steady_clock::now() + history_routes::idle_time + 10s;
  while (bring(trades(1)).status != 200 && std::chrono::steady_clock::now() < give_up)
    std::this_thread::sleep_for(100ms);
  EXPECT_EQ(bring(trades(1), "?import=" + id).status, 404) << "it is over";
  server->stop();
  EXPECT_EQ(server->audit().entries().front().outcome, "it was left off before its end");
}

TEST_F(history_routes_test, takes_large_bodies_of_operators_alone) {
  const auto many = trades(20'000);
  ASSERT_GT(many.dump().size(), router::usual_body);
  EXPECT_EQ(bring(many).as_json()["new"], 20'000);
  EXPECT_EQ(bring(many, "", viewer_token).status, 413);
  EXPECT_EQ(bring(many, "", "no-token-at-all-1").status, 401);
  EXPECT_EQ(bring(trades(1), "", viewer_token).status, 403);
  const auto refused = talk(head("POST", "/api/import", operator_token) +
                            "Content-Type: application/json\r\nContent-Length: 16777217\r\n\r\n");
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(refused.as_json()["error"]["code"], "too_large");
  EXPECT_EQ(talk(head("POST", "/api/drain", operator_token) +
                 "Content-Type: application/json\r\nContent-Length: 65537\r\n\r\n")
                .status,
            413)
      << "other routes take as little as before";
}

TEST_F(history_routes_test, refuses_rows_that_are_none) {
  EXPECT_EQ(bring("rubbish").as_json()["refused"], 1);
  const auto answer = bring({{{"type", "event"}, {"topic", "monitor.x"}, {"data", 1}}}).as_json();
  EXPECT_EQ(answer["rows"], 0);
  EXPECT_EQ(answer["refused"], 1);
}

TEST_F(history_routes_test, exports_in_pieces_that_go_on_behind_the_last_row) {
  ASSERT_EQ(bring(trades(5)).status, 200);
  const auto first = fetch("?topic=trade.X&limit=3").as_json();
  ASSERT_EQ(first.size(), 2u) << "the last time of a full piece is left to the next one";
  EXPECT_EQ(first[1]["time"], 2);
  EXPECT_EQ(first[0]["price"], "1.5");
  EXPECT_EQ(fetch("?topic=trade.X&limit=10&from=1970-01-01T00:00:00.000000003Z").as_json().size(), 3u);
  EXPECT_EQ(fetch("?topic=trade.X&to=1970-01-01T00:00:00.000000003Z").as_json().size(), 2u);
  EXPECT_EQ(fetch("?topic=trade.NONE").body, "[]");
}

TEST_F(history_routes_test, refuses_questions_it_does_not_understand) {
  for (const auto* query : {"", "?topic=feed.x", "?topic=bar.9x.X", "?topic=trade.X&from=soon",
                            "?topic=trade.X&limit=0", "?topic=trade.X&limit=50001"})
    EXPECT_EQ(fetch(query).status, 400) << query;
  EXPECT_EQ(fetch("?topic=trade.X", "no-token-at-all-1").status, 401);
}

TEST_F(history_routes_test, takes_nothing_any_more_once_it_is_stopped) {
  routes->stop(10s);
  EXPECT_EQ(bring(trades(1)).status, 429);
  EXPECT_EQ(fetch("?topic=trade.X").status, 429);
}

}  // namespace
}  // namespace tickcast::net::admin
