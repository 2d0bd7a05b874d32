#include "tests/unit/config/loading.hpp"

namespace tickcast::config::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(override, goes_before_the_file_and_the_last_one_wins) {
  EXPECT_EQ(good("[listen]\nport = 1\n", {"listen.port=2"}).listen.port, 2);
  EXPECT_EQ(good("", {"listen.port=2", "listen.port = 3"}).listen.port, 3);
}

TEST(override, takes_toml_and_bare_words) {
  const auto values =
      good("", {"listen.allowed_origins=[\"https://a.example\"]", "log.level=debug", "log.file='a b'",
                "bars.intervals=1h", "io.shards=0x2", "debug.echo=true", "listen.congestion="});
  EXPECT_THAT(values.listen.allowed_origins, ElementsAre("https://a.example"));
  EXPECT_EQ(values.log.level, log_level::debug);
  EXPECT_EQ(values.log.file, "a b");
  EXPECT_THAT(values.bars.intervals, ElementsAre("1h"));
  EXPECT_EQ(values.io.shards, 2U);
  EXPECT_TRUE(values.debug.echo);
  EXPECT_EQ(values.listen.congestion, "");
}

TEST(override, takes_what_looks_like_a_number_for_a_string) {
  EXPECT_EQ(good("", {"log.file=2024"}).log.file, "2024");
  EXPECT_EQ(good("", {"feed.pull.prefix=1e3"}).feeds[1].prefix, "1e3");
}

TEST(override, reaches_nested_sections_and_tables) {
  const auto values = good("", {"feed.sub.map.BRK.B=BRKB"});
  EXPECT_EQ(values.feeds[0].map.at("BRK.B"), "BRKB");
  EXPECT_THAT(bad("", {"listen.tls.certificate=a"}),
              ElementsAre(HasSubstr("listen.tls.certificate: a certificate and its key")));
}

TEST(override, changes_the_feed_of_that_name_and_keeps_the_others) {
  const auto values = good("", {"feed.pull.endpoint=tcp://127.0.0.1:7000", "feed.pull.hwm=7"});
  ASSERT_EQ(values.feeds.size(), 2U);
  EXPECT_EQ(values.feeds[0], default_feeds()[0]);
  EXPECT_THAT(values.feeds[1].endpoint, ElementsAre("tcp://127.0.0.1:7000"));
  EXPECT_EQ(values.feeds[1].hwm, 7U);
}

TEST(override, adds_a_feed_to_the_default_ones) {
  const auto values =
      good("", {"feed.rec.kind=replay", "feed.rec.files=[\"a.csv\", \"b.csv\"]", "feed.rec.speed=max"});
  ASSERT_EQ(values.feeds.size(), 3U);
  EXPECT_EQ(values.feeds[2].name, "rec");
  EXPECT_EQ(values.feeds[2].kind, feed_kind::replay);
  EXPECT_THAT(values.feeds[2].files, ElementsAre("a.csv", "b.csv"));
}

TEST(override, changes_and_adds_beside_the_feeds_of_the_file) {
  const auto values = good("[[feed]]\nname = \"a\"\nkind = \"zmq-sub\"\nendpoint = \"ipc://a\"\n",
                           {"feed.a.hwm=5", "feed.b.kind=zmq-sub", "feed.b.endpoint=ipc://b"});
  ASSERT_EQ(values.feeds.size(), 2U);
  EXPECT_EQ(values.feeds[0].hwm, 5U);
  EXPECT_EQ(values.feeds[1].name, "b");
}

TEST(override, a_feed_that_is_added_needs_a_kind) {
  EXPECT_THAT(
      bad("", {"feed.new.hwm=5"}),
      ElementsAre("--set feed.new.hwm=5: feed.new: needs the key kind: What kind of source it is; allowed: "
                  "zmq-sub, zmq-pull, replay, plugin"));
}

TEST(override, a_bad_one_names_the_option) {
  EXPECT_THAT(
      bad("", {"listen.port=x"}),
      ElementsAre(
          "--set listen.port=x: listen.port = \"x\": must be a whole number, not a string; allowed: 0 to "
          "65535"));
  EXPECT_THAT(bad("", {"listen.prot=1"}),
              ElementsAre(HasSubstr("no such key in listen; did you mean \"port\"?")));
  EXPECT_THAT(bad("", {"feed.pull.hmw=1"}),
              ElementsAre(HasSubstr("no such key in feed.pull; did you mean \"hwm\"?")));
  EXPECT_THAT(bad("", {"lisen.port=1"}), ElementsAre(HasSubstr("no such section; did you mean \"listen\"?")));
}

TEST(override, what_is_no_override_is_a_fault) {
  for (const auto* wrong : {"", "listen.port", "=5", ".port=5", " = "})
    EXPECT_THAT(bad("", {wrong}), ElementsAre(HasSubstr("not an override; allowed: section.key=value")))
        << wrong;
  EXPECT_THAT(bad("", {"listen=5"}),
              ElementsAre(HasSubstr("listen is a section; name one of its keys: address, port")));
  EXPECT_THAT(bad("", {"listen.=5"}), ElementsAre(HasSubstr("is a section")));
  EXPECT_THAT(bad("", {"listen.port.x=5"}), ElementsAre(HasSubstr("listen.port is a key, not a section")));
  EXPECT_THAT(bad("", {"feed=5"}), ElementsAre(HasSubstr("feed.<name>.<key>=…")));
  EXPECT_THAT(bad("", {"feed.pull=5"}), ElementsAre(HasSubstr("feed.<name>.<key>=…")));
  EXPECT_THAT(bad("", {"feed.a b.hwm=5"}), ElementsAre(HasSubstr("cannot be a name")));
  EXPECT_THAT(bad("", {"feed.pull.name=x"}), ElementsAre(HasSubstr("a row's name cannot be changed")));
}

TEST(override, broken_toml_is_told_and_not_taken_as_a_word) {
  EXPECT_THAT(bad("", {"bars.intervals=[\"1s\""}), ElementsAre(StartsWith("--set bars.intervals=")));
  EXPECT_THAT(bad("", {"log.file=\"a"}), ElementsAre(StartsWith("--set log.file=")));
}

TEST(override, a_line_break_cannot_bring_a_second_key) {
  EXPECT_THAT(bad("", {"listen.port=1\nother = 2"}),
              ElementsAre(HasSubstr("must be a whole number, not a string")));
}

TEST(override, does_not_show_a_secret) {
  const auto faults = bad("", {"feed.pull.curve_secret_key=hunter2"});
  ASSERT_FALSE(faults.empty());
  for (const auto& line : faults) EXPECT_THAT(line, ::testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace tickcast::config::testing
