// What the operator's commands make of answers, without a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/actor_lookup.hpp"
#include "tools/admin_client.hpp"
#include "tools/child_lookup.hpp"
#include "tools/list_table.hpp"
#include "tools/top_page.hpp"
#include "tools/tree_text.hpp"

namespace tickcast::tools {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const list_description& topics() {
  return *std::find_if(lists().begin(), lists().end(),
                       [](auto& each) { return std::string_view(each.command) == "topics"; });
}

json answer_of(json rows, int matched, int total, bool complete = true) {
  return {{"rows", std::move(rows)}, {"matched", matched}, {"total", total}, {"complete", complete}};
}

std::string last_line(const std::string& text) {
  return text.substr(text.rfind('\n', text.size() - 2) + 1);
}

TEST(list_table, says_below_how_many_rows_there_are_and_what_is_missing) {
  const json row{{"topic", "trade.X"}};
  EXPECT_EQ(last_line(print_list(topics(), answer_of(json::array({row}), 1, 1))), "1 topic\n");
  EXPECT_EQ(last_line(print_list(topics(), answer_of(json::array(), 0, 0))), "0 topics\n");
  EXPECT_EQ(last_line(print_list(topics(), answer_of(json::array({row}), 1, 10'042))),
            "1 of 10,042 topics\n");
  EXPECT_EQ(last_line(print_list(topics(), answer_of(json::array({row}), 2, 9))), "first 1 of 2 topics\n");
  EXPECT_EQ(last_line(print_list(topics(), answer_of(json::array({row}), 1, 1, false))),
            "1 topic; not all, a part of the server did not answer in time\n");
}

TEST(list_table, a_row_of_another_form_disturbs_nobody) {
  const auto text = print_list(
      topics(), answer_of(json::array({7, json{{"topic", json::array()}, {"seq", "x\x1b"}}}), 2, 2));
  EXPECT_THAT(text, HasSubstr("x?"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(last_line(print_list(topics(), json::object())), "0 topics\n");
}

const std::vector<found_actor> actors{{"4", "root", "supervisor"},
                                      {"7", "root/feeds/pull", "feed"},
                                      {"8", "root/topics/directory/feed.pull", "event topic"},
                                      {"9", "root/shards/shard-0/dispatcher", "dispatcher"},
                                      {"12", "root/shards/shard-1/dispatcher", "dispatcher"},
                                      {"13", "root/shards/shard-1/dispatcher/root", "quote topic"}};

TEST(actor_lookup, takes_a_path_before_the_end_of_one_and_that_before_a_glob) {
  EXPECT_EQ(choose_actor(actors, "root")->id, "4");
  EXPECT_EQ(choose_actor(actors, "pull")->id, "7");
  EXPECT_EQ(choose_actor(actors, "feeds/pull")->id, "7");
  EXPECT_EQ(choose_actor(actors, "shard-1/dispatcher")->id, "12");
  EXPECT_EQ(choose_actor(actors, "*/feed.*")->id, "8");
}

TEST(actor_lookup, lists_several_and_refuses_none) {
  const auto several = choose_actor(actors, "dispatcher");
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error().code, exit_code::usage);
  EXPECT_THAT(several.error().message, HasSubstr("names 2 actors"));
  EXPECT_THAT(several.error().message, HasSubstr("12  dispatcher  root/shards/shard-1/dispatcher"));
  const auto none = choose_actor(actors, "ull");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, exit_code::failed);
}

json child(std::string path, std::string state, json children = json::array()) {
  return {
      {"path", path}, {"name", path.substr(path.rfind('/') + 1)}, {"state", state}, {"children", children}};
}
const json tree{{"root",
                 {{"path", "root"},
                  {"name", "root"},
                  {"kind", "supervisor"},
                  {"id", "4"},
                  {"state", "running"},
                  {"strategy", "one_for_one"},
                  {"intensity", 3},
                  {"period_ms", 60000},
                  {"spent", 1},
                  {"many", json::array({json{{"kind", "connection"}, {"count", 10042}, {"mailbox", 3}}})},
                  {"children",
                   {child("root/a", "running", {child("root/a/x", "running"), child("root/a/y", "running")}),
                    child("root/b", "stopped", json::array({child("root/b/x", "stopped")}))}}}}};

TEST(child_lookup, finds_children_without_an_actor_by_path_or_its_end) {
  const auto found = choose_child(tree, "b/x");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->supervisor, "root/b");
  EXPECT_EQ(found->id, "x");
  EXPECT_EQ(choose_child(tree, "root/a")->id, "a");
  EXPECT_EQ(choose_child(tree, "x").error().code, exit_code::usage);
  EXPECT_THAT(choose_child(tree, "x").error().message, HasSubstr("root/b/x  (stopped)"));
  EXPECT_EQ(choose_child(tree, "z").error().code, exit_code::failed);
}

TEST(tree_text, draws_branches_that_end_where_the_children_end) {
  const auto text = print_tree(tree);
  EXPECT_THAT(text, HasSubstr("one_for_one  1 of 3 in 1m 00s"));
  for (const auto* line :
       {"\n├─ a ", "\n│  ├─ x ", "\n│  └─ y ", "\n├─ b ", "\n│  └─ x ", "\n└─ 10,042 × connection "})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(top_page, fits_the_screen_and_says_what_needs_attention) {
  json attention = json::array();
  for (int i = 0; i < 7; ++i)
    attention.push_back({{"severity", "error"}, {"what", "feed f" + std::to_string(i) + " is down"}});
  const json overview{{"state", "serving"},
                      {"attention", attention},
                      {"shards", json::array({json{{"name", "shard-0"}, {"stuck_ms", 7000}}})}};
  json rows = json::array();
  for (int i = 0; i < 100; ++i) rows.push_back({{"id", std::to_string(i)}, {"path", std::string(200, 'p')}});
  const auto text = top_page(overview, {{"rows", rows}, {"matched", 100}}, {}, {80, 24}, "");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 23);
  EXPECT_THAT(text, HasSubstr("feed f4 is down"));
  EXPECT_EQ(text.find("feed f5"), std::string::npos);
  EXPECT_THAT(text, HasSubstr("and 2 more"));
  EXPECT_THAT(text, HasSubstr("STUCK for 7.0 s"));
  EXPECT_EQ(text.find(std::string(81, 'p')), std::string::npos);
  EXPECT_THAT(top_page(overview, json::object(), {}, {80, 3}, "gone"), HasSubstr("NO ANSWER  gone"));
  const auto whole = top_page(overview, {{"rows", rows}}, {}, {}, "");
  EXPECT_THAT(whole, HasSubstr("feed f6 is down"));
  EXPECT_EQ(whole.find('\x1b'), std::string::npos);
}

TEST(token_file, gives_the_first_operator_s_token_else_the_first) {
  EXPECT_EQ(token_in("# x\nvic viewer v1\nann operator o1 # mine\nbob operator o2\n"), "o1");
  EXPECT_EQ(token_in("vic viewer v1\neve viewer v2"), "v1");
  EXPECT_EQ(token_in("# vic viewer v1\n\nann operator\n"), "");
}

TEST(admin_client, escapes_what_stands_in_an_address) {
  EXPECT_EQ(escape_url("a b/&ü*"), "a%20b%2F%26%C3%BC%2A");
  EXPECT_EQ(query_text({{"sort", "-busy"}, {"filter", ""}, {"limit", "5"}}), "?sort=-busy&limit=5");
  EXPECT_EQ(query_text({{"filter", ""}}), "");
}

}  // namespace
}  // namespace tickcast::tools
