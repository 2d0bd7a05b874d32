#include "net/admin/listing.hpp"

#include <gtest/gtest.h>

#include "net/admin/api/rates.hpp"
#include "net/admin/router.hpp"

namespace tickcast::net::admin {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

struct row {
  std::string name;
  std::int64_t size;
  std::optional<double> rate;
};

const std::vector<field<row>>& fields() {
  static const std::vector<field<row>> all{
      {"name", [](const row& r) { return r.name; }, true},
      {"size", [](const row& r) { return r.size; }},
      {"rate", [](const row& r) { return r.rate ? cell{*r.rate} : cell{}; }},
  };
  return all;
}

const std::vector<row> rows{
    {"beta", 2, 0.5}, {"Alpha", 10, std::nullopt}, {"gamma", 1, 7.0}, {"alphabet", 2, 1.0}};

json ask(std::vector<std::pair<std::string, std::string>> parameters) {
  admin_request request;
  request.query.parameters = std::move(parameters);
  return json::parse(list(request, rows, fields()).body);
}

std::vector<std::string> names(const json& answer) {
  std::vector<std::string> result;
  for (const auto& each : answer["rows"]) result.push_back(each["name"]);
  return result;
}

using strings = std::vector<std::string>;

TEST(listing, gives_all_as_they_come) {
  const auto answer = ask({});
  EXPECT_EQ(names(answer), (strings{"beta", "Alpha", "gamma", "alphabet"}));
  EXPECT_EQ(answer["total"], 4);
  EXPECT_EQ(answer["matched"], 4);
  EXPECT_EQ(answer["rows"][1]["rate"], nullptr);
  EXPECT_EQ(answer["rows"][0]["size"], 2);
}

TEST(listing, sorts_both_ways_and_keeps_the_order_of_equals) {
  EXPECT_EQ(names(ask({{"sort", "size"}})), (strings{"gamma", "beta", "alphabet", "Alpha"}));
  EXPECT_EQ(names(ask({{"sort", "-size"}})), (strings{"Alpha", "beta", "alphabet", "gamma"}));
  EXPECT_EQ(names(ask({{"sort", "name"}})), (strings{"Alpha", "alphabet", "beta", "gamma"}));
  EXPECT_EQ(names(ask({{"sort", "-rate"}})), (strings{"gamma", "alphabet", "beta", "Alpha"}));
}

TEST(listing, filters_by_part_of_a_name_or_a_glob_in_any_case) {
  EXPECT_EQ(names(ask({{"filter", "ALPHA"}})), (strings{"Alpha", "alphabet"}));
  EXPECT_EQ(names(ask({{"filter", "*a"}})), (strings{"beta", "Alpha", "gamma"}));
  EXPECT_EQ(names(ask({{"filter", "?eta"}})), (strings{"beta"}));
  const auto none = ask({{"filter", "delta"}});
  EXPECT_EQ(none["matched"], 0);
  EXPECT_EQ(none["total"], 4);
}

TEST(listing, cuts_a_page_out) {
  EXPECT_EQ(names(ask({{"sort", "name"}, {"offset", "1"}, {"limit", "2"}})), (strings{"alphabet", "beta"}));
  EXPECT_EQ(names(ask({{"offset", "3"}, {"limit", "50"}})), (strings{"alphabet"}));
  EXPECT_TRUE(names(ask({{"offset", "99"}})).empty());
  EXPECT_TRUE(names(ask({{"limit", "0"}})).empty());
}

TEST(listing, says_what_is_wrong_with_the_question) {
  for (const auto& wrong : std::vector<std::pair<std::string, std::string>>{{"offset", "-1"},
                                                                            {"offset", "x"},
                                                                            {"limit", "501"},
                                                                            {"limit", ""},
                                                                            {"sort", "colour"},
                                                                            {"sort", "-"}}) {
    const auto answer = ask({wrong});
    EXPECT_EQ(answer.contains("error"), !(wrong.first == "sort" && wrong.second == "-"))
        << wrong.first << wrong.second;
  }
}

TEST(routes, match_a_segment_for_a_star_and_know_their_method) {
  router routes;
  routes.get("/api/a/*", [](const admin_request&) { return http_answer{}; });
  routes.post("/api/a/*/stop", "stop", [](const admin_request&, const responder&) {});
  EXPECT_EQ(routes.find(false, "/api/a/7").args, strings{"7"});
  EXPECT_NE(routes.find(true, "/api/a/7/stop").found, nullptr);
  const auto wrong_method = routes.find(false, "/api/a/7/stop");
  EXPECT_EQ(wrong_method.found, nullptr);
  EXPECT_TRUE(wrong_method.path_exists);
  EXPECT_FALSE(routes.find(false, "/api/a").path_exists);
  EXPECT_FALSE(routes.find(false, "/api/a/7/8").path_exists);
}

TEST(rates, are_means_since_the_sample_before_whoever_looks_meanwhile) {
  rates<int> of;
  const rates<int>::clock::time_point start{1h};
  of.begin(start);
  EXPECT_FALSE(of.per_s(1, 100));
  of.begin(start + 300ms);
  EXPECT_FALSE(of.per_s(1, 130));
  of.begin(start + 2s);
  EXPECT_DOUBLE_EQ(of.per_s(1, 300).value(), 100);
  // Another viewer, a moment later: the same base.
  of.begin(start + 2500ms);
  EXPECT_DOUBLE_EQ(of.per_s(1, 350).value(), 100);
  of.begin(start + 3s);
  EXPECT_DOUBLE_EQ(of.per_s(1, 350).value(), 50);
}

TEST(rates, begin_anew_after_nobody_has_looked_and_when_a_counter_falls) {
  rates<int> of;
  const rates<int>::clock::time_point start{1h};
  of.begin(start);
  of.per_s(1, 100);
  of.begin(start + 2s);
  EXPECT_FALSE(of.per_s(1, 50));
  of.begin(start + 60s);
  EXPECT_FALSE(of.per_s(1, 5000));
}

}  // namespace
}  // namespace tickcast::net::admin
