// Strategy x restart type x exit reason against OTP's text
// (https://www.erlang.org/doc/system/sup_princ.html#restart-strategy and #child-specification).
#include "tests/unit/actors/supervision_world.hpp"

namespace tickcast::tests {
namespace {

/// How a child ends by itself.
enum class ending { failure, killed, normal, shutdown };

struct table_row {
  restart_strategy strategy;
  restart_type type;
  ending how;
  /// OTP: permanent is always restarted; transient only if it ended abnormally, with another reason than
  /// normal or shutdown; temporary never.
  bool restarted;
};

std::vector<table_row> table() {
  std::vector<table_row> rows;
  for (const auto strategy :
       {restart_strategy::one_for_one, restart_strategy::one_for_all, restart_strategy::rest_for_one}) {
    for (const auto how : {ending::failure, ending::killed, ending::normal, ending::shutdown}) {
      const bool abnormal = how == ending::failure || how == ending::killed;
      rows.push_back({strategy, restart_type::permanent, how, true});
      rows.push_back({strategy, restart_type::transient, how, abnormal});
      rows.push_back({strategy, restart_type::temporary, how, false});
    }
  }
  return rows;
}

class supervision_table : public supervision, public testing::WithParamInterface<table_row> {
protected:
  void end_by_itself(const std::string& id, ending how) {
    switch (how) {
      case ending::failure:
        return fail(id);
      case ending::killed:
        return end_child(id, caf::exit_reason::kill);
      case ending::normal:
        caf::anon_send(handles_[id], quit_now{});
        return run();
      case ending::shutdown:
        return end_child(id, caf::exit_reason::user_shutdown);
    }
  }
  /// What OTP does to the siblings "a", "b" (the one that ends) and "c".
  strings expected(const table_row& row) const {
    if (!row.restarted) return {"-b"};
    switch (row.strategy) {
      case restart_strategy::one_for_one:
        return {"-b", "+b"};
      case restart_strategy::one_for_all:
        return {"-b", "-c", "-a", "+a", "+b", "+c"};
      case restart_strategy::rest_for_one:
        return {"-b", "-c", "+b", "+c"};
    }
    return {};
  }
};

TEST_P(supervision_table, does_what_otp_does) {
  const auto row = GetParam();
  supervise({.name = "test", .parent = "", .strategy = row.strategy},
            {child("a"), child("b", row.type), child("c")});
  news();
  end_by_itself("b", row.how);
  EXPECT_EQ(news(), expected(row));
  EXPECT_TRUE(supervisor_lives());
  // A temporary child is forgotten, a transient one that ended well is kept and can be started again.
  const auto again = command(actors::restart_child{"b", {}});
  if (row.type == restart_type::temporary)
    EXPECT_EQ(again, "test has no child b");
  else if (row.restarted)
    EXPECT_EQ(again, "b is running");
  else
    EXPECT_EQ(again, "");
}

std::string name_of(const testing::TestParamInfo<table_row>& row) {
  constexpr std::array endings{"failure", "kill", "normal", "shutdown"};
  return std::string(to_string(row.param.strategy)) + "_" + std::string(to_string(row.param.type)) + "_" +
         endings[static_cast<std::size_t>(row.param.how)];
}

INSTANTIATE_TEST_SUITE_P(otp, supervision_table, testing::ValuesIn(table()), name_of);

// ---- what a sibling's failure does to each restart type

TEST_F(supervision, one_for_all_ends_temporary_siblings_and_forgets_them) {
  supervise({.name = "test", .parent = "", .strategy = restart_strategy::one_for_all},
            {child("t", restart_type::temporary), child("b"), child("u", restart_type::transient)});
  news();
  fail("b");
  EXPECT_EQ(news(), (strings{"-b", "-u", "-t", "+b", "+u"}));
  EXPECT_EQ(command(actors::restart_child{"t", {}}), "test has no child t");
}

TEST_F(supervision, rest_for_one_leaves_earlier_siblings_alone_and_forgets_later_temporary_ones) {
  supervise(
      {.name = "test", .parent = "", .strategy = restart_strategy::rest_for_one},
      {child("s", restart_type::temporary), child("b"), child("t", restart_type::temporary), child("c")});
  news();
  fail("b");
  EXPECT_EQ(news(), (strings{"-b", "-c", "-t", "+b", "+c"}));
  EXPECT_TRUE(lives("s"));
}

TEST_F(supervision, one_for_all_starts_siblings_that_were_stopped_before) {
  supervise({.name = "test", .parent = "", .strategy = restart_strategy::one_for_all},
            {child("a", restart_type::transient), child("b"), child("c")});
  end_child("a", caf::exit_reason::user_shutdown);
  command(actors::terminate_child{"c", {}});
  news();
  fail("b");
  EXPECT_EQ(news(), (strings{"-b", "+a", "+b", "+c"}));
}

TEST_F(supervision, one_for_all_begins_anew_when_a_sibling_cannot_be_started) {
  supervise({.name = "test",
             .parent = "",
             .limits = {.intensity = 3, .period = 60s, .shortest = 1s, .longest = 1s},
             .strategy = restart_strategy::one_for_all},
            {child("a"), child("b"), child("c")});
  news();
  broken_ = "b";
  fail("a");
  EXPECT_EQ(news(), (strings{"-a", "-c", "-b"}));
  advance(1200ms);
  EXPECT_EQ(news(), (strings{"+a", "-a"}));
  broken_.clear();
  advance(1200ms);
  EXPECT_EQ(news(), (strings{"+a", "+b", "+c"}));
  EXPECT_TRUE(supervisor_lives());
}

TEST_F(supervision, rest_for_one_in_every_position) {
  supervise(
      {.name = "test", .parent = "", .limits = {.intensity = 10}, .strategy = restart_strategy::rest_for_one},
      {child("a"), child("b"), child("c")});
  news();
  fail("a");
  EXPECT_EQ(news(), (strings{"-a", "-c", "-b", "+a", "+b", "+c"}));
  fail("b");
  EXPECT_EQ(news(), (strings{"-b", "-c", "+b", "+c"}));
  fail("c");
  EXPECT_EQ(news(), (strings{"-c", "+c"}));
}

TEST_F(supervision, rest_for_one_takes_in_an_earlier_failure_while_it_waits) {
  supervise({.name = "test",
             .parent = "",
             .limits = {.intensity = 10, .period = 60s, .shortest = 1s, .longest = 1s},
             .strategy = restart_strategy::rest_for_one},
            {child("a"), child("b"), child("c")});
  news();
  fail("b");
  advance(500ms);
  fail("a");
  EXPECT_EQ(news(), (strings{"-b", "-c", "-a"}));
  advance(1200ms);
  EXPECT_EQ(news(), (strings{"+a", "+b", "+c"}));
  advance(5s);
  EXPECT_TRUE(news().empty());
}

}  // namespace
}  // namespace tickcast::tests
