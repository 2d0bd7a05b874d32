#include "tests/unit/config/loading.hpp"

namespace tickcast::config::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(reading, an_empty_file_gives_the_defaults_and_the_two_feeds) {
  const auto values = good("");
  config expected;
  expected.feeds = default_feeds();
  EXPECT_EQ(values, expected);
  EXPECT_FALSE(values.simulator.enabled);
}

TEST(reading, without_a_file_the_simulator_runs) {
  const auto result = load_defaults();
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->values.simulator.enabled);
  EXPECT_EQ(result->values.feeds, default_feeds());
  const std::vector<std::string> off{"simulator.enabled=false"};
  EXPECT_FALSE(load_defaults(off)->values.simulator.enabled);
}

TEST(reading, sets_every_type_of_key) {
  const auto values = good(R"(
[listen]
address = "::1"
port = 0
tcp_nodelay = false
allowed_origins = ["https://a.example", "http://b.example:8000"]
[io]
hold_ms = 0
[log]
level = "debug"
format = "json"
[[feed]]
name = "rec"
kind = "replay"
files = "one.csv"
speed = "max"
map = { XBT = "BTC", "a.b" = "c" }
[[feed]]
name = "out"
kind = "zmq-pull"
endpoint = ["tcp://127.0.0.1:7001", "ipc:///tmp/x"]
bind = false
format = "msgpack"
priority = -3
prefix = "BINANCE:"
)");
  EXPECT_EQ(values.listen.address, "::1");
  EXPECT_EQ(values.listen.port, 0);
  EXPECT_FALSE(values.listen.tcp_nodelay);
  EXPECT_THAT(values.listen.allowed_origins, ElementsAre("https://a.example", "http://b.example:8000"));
  EXPECT_EQ(values.io.hold_ms, 0U);
  EXPECT_EQ(values.log.level, log_level::debug);
  EXPECT_EQ(values.log.format, log_format::json);
  ASSERT_EQ(values.feeds.size(), 2U);
  EXPECT_EQ(values.feeds[0].kind, feed_kind::replay);
  EXPECT_THAT(values.feeds[0].files, ElementsAre("one.csv"));
  EXPECT_TRUE(values.feeds[0].speed.is_max());
  EXPECT_EQ(values.feeds[0].map.at("a.b"), "c");
  EXPECT_EQ(values.feeds[1].endpoint.size(), 2U);
  EXPECT_FALSE(values.feeds[1].binds());
  EXPECT_EQ(values.feeds[1].format, protocol::feed_format::msgpack);
  EXPECT_EQ(values.feeds[1].priority, -3);
}

TEST(reading, an_empty_list_of_feeds_is_no_feed) {
  EXPECT_TRUE(good("feed = []").feeds.empty());
}

TEST(reading, tells_file_line_and_column_of_a_syntax_error) {
  EXPECT_THAT(bad("[listen]\nport = \n"), ElementsAre(StartsWith("t.toml:2:")));
  EXPECT_THAT(bad("[listen]\nport = 1\nport = 2\n"), ElementsAre(StartsWith("t.toml:3:")));
}

TEST(reading, a_syntax_error_does_not_hide_a_bad_override) {
  EXPECT_THAT(bad("port = = 1", {"listen.prot=1"}),
              ElementsAre(StartsWith("t.toml:1:"), StartsWith("--set listen.prot=1: ")));
}

TEST(reading, tells_a_wrong_type_with_line_and_what_is_allowed) {
  EXPECT_THAT(
      bad("[listen]\nport = \"80\"\n"),
      ElementsAre(
          "t.toml:2:8: listen.port = \"80\": must be a whole number, not a string; allowed: 0 to 65535"));
  EXPECT_THAT(bad("[listen]\naddress = 1\n"), ElementsAre(HasSubstr("must be a string, not a whole number")));
  EXPECT_THAT(bad("[listen]\ntcp_nodelay = 1\n"),
              ElementsAre(HasSubstr("must be true or false, not a whole number")));
  EXPECT_THAT(bad("[io]\nshards = 1.5\n"), ElementsAre(HasSubstr("not a number with a point")));
  EXPECT_THAT(bad("[io]\nshards = 1979-05-27\n"), ElementsAre(HasSubstr("not a date or time")));
  EXPECT_THAT(bad("[bars]\nintervals = 5\n"), ElementsAre(HasSubstr("must be a list of strings")));
  EXPECT_THAT(bad("[bars]\nintervals = [\"1s\", 5]\n"),
              ElementsAre(StartsWith("t.toml:2:20: bars.intervals = 5: ")));
}

TEST(reading, tells_a_number_out_of_range) {
  EXPECT_THAT(bad("[listen]\nport = 99999\n"),
              ElementsAre("t.toml:2:8: listen.port = 99999: out of range; allowed: 0 to 65535"));
  EXPECT_THAT(bad("[listen]\nport = -1\n"), ElementsAre(HasSubstr("out of range")));
  EXPECT_EQ(good("[listen]\nport = 65535\n").listen.port, 65535);
  EXPECT_THAT(bad("[io]\nhold_ms = 6\n"), ElementsAre(HasSubstr("allowed: 0 to 5")));
  EXPECT_THAT(bad("[simulator]\nseed = -1\n"), ElementsAre(HasSubstr("out of range")));
}

TEST(reading, tells_a_word_that_is_none_of_the_choices) {
  EXPECT_THAT(
      bad("[log]\nlevel = \"warn\"\n"),
      ElementsAre(
          "t.toml:2:9: log.level = \"warn\": no such word; did you mean \"warning\"?; allowed: trace, "
          "debug, info, warning, error"));
  EXPECT_THAT(bad("[[feed]]\nname = \"a\"\nkind = \"udp\"\n"),
              ElementsAre(HasSubstr("zmq-sub, zmq-pull, replay")));
}

TEST(reading, a_replay_speed_is_a_positive_number_or_max) {
  const auto feed = [](std::string speed) {
    return "[[feed]]\nname = \"a\"\nkind = \"replay\"\nfiles = \"x\"\nspeed = " + speed + "\n";
  };
  EXPECT_EQ(good(feed("10")).feeds[0].speed.factor, 10);
  EXPECT_EQ(good(feed("0.5")).feeds[0].speed.factor, 0.5);
  EXPECT_TRUE(good(feed("\"max\"")).feeds[0].speed.is_max());
  for (const auto* wrong : {"0", "-1", "nan", "inf", "1e9"})
    EXPECT_THAT(bad(feed(wrong)), ElementsAre(HasSubstr("out of range")));
  EXPECT_THAT(bad(feed("\"fast\"")), ElementsAre(HasSubstr("must be a number or \"max\"")));
}

TEST(reading, tells_strings_that_have_the_wrong_form) {
  EXPECT_THAT(bad("[listen]\naddress = \"localhost\"\n"),
              ElementsAre(HasSubstr("allowed: an IPv4 or IPv6 address")));
  EXPECT_THAT(bad("[listen]\nallowed_origins = [\"example.com\"]\n"),
              ElementsAre(HasSubstr("scheme://host")));
  EXPECT_THAT(bad("[bars]\nintervals = [\"2m\"]\n"), ElementsAre(HasSubstr("1s, 5s, 1m")));
  EXPECT_THAT(bad("[service]\npull = \"localhost:5560\"\n"), ElementsAre(HasSubstr("tcp://host:port")));
  EXPECT_THAT(bad("[[feed]]\nname = \"a b\"\nkind = \"zmq-sub\"\nendpoint = \"ipc://x\"\n"),
              ElementsAre(HasSubstr("letters, digits, - and _")));
  EXPECT_THAT(bad("[log]\nfile = \"a\\u0000b\"\n"), ElementsAre(HasSubstr("zero byte")));
}

TEST(reading, an_element_that_stands_in_a_list_twice_is_a_fault) {
  EXPECT_THAT(
      bad("[bars]\nintervals = [\"1m\", \"1s\", \"1m\"]\n"),
      ElementsAre(
          "t.toml:2:26: bars.intervals = \"1m\": stands in the list twice; allowed: 1s, 5s, 1m, 5m, 15m, "
          "30m, 1h, 4h, 1d, 1w, 1mo or a count of ticks (100t), each with @bid, @ask or @mid for quotes; or "
          "of "
          "volume (50v) or value (10000q)"));
}

TEST(reading, an_unknown_key_is_a_fault_that_suggests_the_near_one) {
  EXPECT_THAT(bad("[listen]\nprot = 1\n"),
              ElementsAre("t.toml:2:1: listen.prot = 1: no such key in listen; did you mean \"port\"?"));
  EXPECT_THAT(bad("[listne]\nport = 1\n"),
              ElementsAre(HasSubstr("no such section; did you mean \"listen\"?")));
  EXPECT_THAT(bad("[listen.tsl]\nkey = \"a\"\n"), ElementsAre(HasSubstr("did you mean \"tls\"?")));
  EXPECT_THAT(bad("[[feeds]]\nname = \"a\"\n"), ElementsAre(HasSubstr("did you mean \"feed\"?")));
}

TEST(reading, an_unknown_key_that_lives_elsewhere_is_sent_home) {
  EXPECT_THAT(bad("[listen]\nshards = 2\n"), ElementsAre(HasSubstr("it belongs to [io]")));
  EXPECT_THAT(bad("queue_bytes = 2\n"), ElementsAre(HasSubstr("it belongs to [limits]")));
  EXPECT_THAT(bad("[debug]\nfrobnicate = 2\n"), ElementsAre(HasSubstr("no such key in debug; it has echo")));
}

TEST(reading, a_section_that_is_no_section_is_a_fault) {
  EXPECT_THAT(bad("listen = 5\n"),
              ElementsAre(HasSubstr("listen = 5: is a section; allowed: [listen] and its keys")));
  EXPECT_THAT(bad("[[listen]]\nport = 1\n"), ElementsAre(HasSubstr("is a section")));
  EXPECT_THAT(bad("[feed]\nname = \"a\"\n"),
              ElementsAre(HasSubstr("is a list of sections; allowed: [[feed]]")));
  EXPECT_THAT(bad("feed = [1]\n"), ElementsAre(HasSubstr("is a list of sections")));
}

TEST(reading, tells_every_fault_at_once_in_order_of_lines) {
  EXPECT_THAT(
      bad("[log]\nlevel = 1\n[listen]\nport = -1\nadress = \"\"\n[io]\nchunk = 1\n", {"x.y=1", "log.file"}),
      ElementsAre(StartsWith("t.toml:2:"), StartsWith("t.toml:4:"), StartsWith("t.toml:5:"),
                  StartsWith("t.toml:7:"), StartsWith("--set x.y=1: "), StartsWith("--set log.file: ")));
}

TEST(reading, a_file_that_cannot_be_read_is_a_fault) {
  const auto missing = load_file("/nonexistent/tickcast.toml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(lines(missing.error()),
            "/nonexistent/tickcast.toml: cannot be read: No such file or directory\n");
  ASSERT_FALSE(load_file("/"));
}

TEST(reading, a_value_is_shown_shortened_and_without_control_characters) {
  const auto faults = bad("[log]\nlevel = \"" + std::string(500, 'x') + "\"\n");
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_LT(faults[0].size(), 300U);
  EXPECT_THAT(bad("[log]\nlevel = \"\\u001b[31m\"\n"), ElementsAre(HasSubstr("\"\\u001B[31m\"")));
}

}  // namespace
}  // namespace tickcast::config::testing
