#include <fmt/format.h>

#include "tests/unit/config/loading.hpp"

namespace tickcast::config::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string feed(std::string_view name, std::string_view kind, std::string_view rest) {
  return fmt::format("[[feed]]\nname = \"{}\"\nkind = \"{}\"\n{}\n", name, kind, rest);
}

TEST(relations, the_pong_must_come_before_the_next_ping) {
  EXPECT_THAT(
      bad("[listen]\nping_ms = 5000\n"),
      ElementsAre("t.toml:2:11: listen.ping_ms: pong_ms (8000) must not be more than ping_ms (5000)"));
  EXPECT_THAT(bad("[listen]\nping_ms = 5000\npong_ms = 5001\n"),
              ElementsAre(StartsWith("t.toml:3:11: listen.pong_ms: ")));
  EXPECT_EQ(good("[listen]\nping_ms = 5000\npong_ms = 5000\n").listen.pong_ms, 5000);
  EXPECT_THAT(bad("[listen]\nping_ms = 60_000.5\npong_ms = 30000\n"), ElementsAre(StartsWith("t.toml:2:")));
}

TEST(relations, two_feeds_of_one_name_are_a_fault) {
  const auto two =
      feed("a", "zmq-sub", "endpoint = \"ipc://a\"") + feed("a", "zmq-sub", "endpoint = \"ipc://b\"");
  EXPECT_THAT(bad(two),
              ElementsAre("t.toml:6:8: feed[2].name = \"a\": the name is taken by line 2; names are unique"));
}

TEST(relations, a_row_needs_its_name) {
  EXPECT_THAT(bad("[[feed]]\nkind = \"zmq-sub\"\nendpoint = \"ipc://a\"\n"),
              ElementsAre(AllOf(StartsWith("t.toml:1:1: feed[1]: needs the key name"),
                                HasSubstr("letters, digits"))));
}

TEST(relations, a_feed_needs_what_its_kind_reads) {
  EXPECT_THAT(bad(feed("a", "zmq-sub", "")), ElementsAre(HasSubstr("kind zmq-sub needs the key endpoint")));
  EXPECT_THAT(bad(feed("a", "zmq-pull", "")), ElementsAre(HasSubstr("kind zmq-pull needs the key endpoint")));
  EXPECT_THAT(bad(feed("a", "replay", "")), ElementsAre(HasSubstr("kind replay needs the key files")));
  EXPECT_THAT(bad(feed("a", "plugin", "")), ElementsAre(HasSubstr("kind plugin needs the key plugin")));
  EXPECT_THAT(bad(feed("a", "plugin", "plugin = \"none\"")), ElementsAre(HasSubstr("names no [[plugin]]")));
}

TEST(relations, keys_of_another_kind_of_feed_are_faults) {
  EXPECT_THAT(
      bad(feed("a", "replay", "files = \"x\"\nhwm = 5")),
      ElementsAre("t.toml:5:7: feed.a.hwm: is for feeds of kind zmq-sub and zmq-pull; this one is replay"));
  EXPECT_THAT(bad(feed("a", "zmq-sub", "endpoint = \"ipc://a\"\nloop = true")),
              ElementsAre(HasSubstr("is for feeds of kind replay")));
}

TEST(relations, a_group_must_exist) {
  EXPECT_THAT(bad(feed("a", "zmq-sub", "endpoint = \"ipc://a\"\ngroup = \"g\"")),
              ElementsAre(HasSubstr("no [[feed_group]]")));
}

TEST(relations, a_group_has_no_feeds_name) {
  EXPECT_THAT(bad(feed("a", "zmq-sub", "endpoint = \"ipc://a\"") + "[[feed_group]]\nname = \"a\"\n"),
              ElementsAre(HasSubstr("a feed has this name")));
  EXPECT_THAT(bad("[[feed_group]]\nname = \"service\"\n"), ElementsAre(HasSubstr("a feed has this name")));
  good(feed("a", "zmq-sub", "endpoint = \"ipc://a\"\ngroup = \"g\"") +
       "[[feed_group]]\nname = \"g\"\nstrategy = \"rest_for_one\"\n");
}

TEST(relations, session_hours_have_a_form) {
  for (const auto* hours : {"24x7", "XNYS", "0930-1130,1300-1500 Asia/Shanghai",
                            "Sun-Fri 1700-1600 America/Argentina/Buenos_Aires", "0900-1000 Etc/GMT+3"})
    good(feed("a", "zmq-sub", std::string("endpoint = \"ipc://a\"\nsessions = \"") + hours + "\""));
  for (const auto* hours : {" XNYS", "09:30-16:00 UTC", "a b c d", "Mon  0900-1000"})
    EXPECT_THAT(
        bad(feed("a", "zmq-sub", std::string("endpoint = \"ipc://a\"\nsessions = \"") + hours + "\"")),
        ElementsAre(HasSubstr("America/New_York")));
}

TEST(relations, two_sockets_cannot_bind_one_endpoint) {
  EXPECT_THAT(
      bad("[admin]\nport = 8080\n"),
      ElementsAre(
          "t.toml:2:8: admin.port = 8080: is bound by listen.port (8080); two sockets cannot share it"));
  EXPECT_THAT(bad("[listen]\naddress = \"0.0.0.0\"\nport = 9190\n"),
              ElementsAre(HasSubstr("is bound by listen.port")));
  EXPECT_THAT(bad(feed("a", "zmq-pull", "endpoint = \"tcp://localhost:5560\"")),
              ElementsAre(HasSubstr("is bound by feed.a.endpoint (\"tcp://localhost:5560\")")));
  EXPECT_THAT(bad(feed("a", "zmq-pull", "endpoint = \"ipc:///tmp/a\"") +
                  feed("b", "zmq-pull", "endpoint = \"ipc:///tmp/a\"")),
              ElementsAre(StartsWith(
                  "t.toml:8:12: feed.b.endpoint = \"ipc:///tmp/a\": is bound by feed.a.endpoint")));
  EXPECT_THAT(bad("", {"feed.sub.bind=true", "feed.sub.endpoint=tcp://127.0.0.1:5557"}),
              ElementsAre(HasSubstr("two sockets")));
}

TEST(relations, free_ports_and_connecting_sockets_collide_with_nothing) {
  good("[listen]\nport = 0\n[admin]\nport = 0\n",
       {"feed.pull.endpoint=tcp://127.0.0.1:*", "service.pull=tcp://127.0.0.1:0"});
  good(feed("a", "zmq-sub", "endpoint = \"tcp://127.0.0.1:5560\""));
}

TEST(relations, to_connect_a_port_is_needed) {
  for (const auto* wrong : {"tcp://127.0.0.1:0", "tcp://127.0.0.1:*"})
    EXPECT_THAT(bad("", {fmt::format("feed.sub.endpoint={}", wrong)}),
                ElementsAre(HasSubstr("cannot be connected to")));
}

TEST(relations, beyond_loopback_a_feed_needs_curve) {
  for (const auto* open :
       {"tcp://*:5557", "tcp://0.0.0.0:5557", "tcp://192.0.2.1:5557", "tcp://eth0:5557", "tcp://[::]:5557"})
    EXPECT_THAT(bad("", {fmt::format("feed.pull.endpoint={}", open)}),
                ElementsAre(HasSubstr("beyond loopback no ZeroMQ socket goes without CURVE and a key list")))
        << open;
  EXPECT_THAT(bad("", {"feed.sub.endpoint=tcp://feed.example.com:5556"}),
              ElementsAre(HasSubstr("beyond loopback")));
  EXPECT_THAT(bad("[service]\npull = \"tcp://*:5560\"\n"),
              ElementsAre(StartsWith("t.toml:2:8: service.pull: beyond loopback")));
  EXPECT_THAT(bad("[egress]\nendpoint = \"tcp://*:5562\"\n"),
              ElementsAre(StartsWith("t.toml:2:12: egress.endpoint: beyond")));
  for (const auto* local : {"tcp://127.0.0.1:7", "tcp://127.1.2.3:7", "tcp://localhost:7", "tcp://[::1]:7",
                            "ipc:///a", "inproc://a"})
    good("", {fmt::format("feed.pull.endpoint={}", local)});
}

TEST(relations, beyond_loopback_a_binding_feed_goes_with_secret_and_key_list) {
  const auto pull = [](std::string_view keys) {
    return feed("a", "zmq-pull", fmt::format("endpoint = \"tcp://*:7\"\n{}", keys));
  };
  EXPECT_THAT(
      bad(pull(fmt::format("curve_secret_key = \"{}\"", z85_key))),
      ElementsAre(HasSubstr("needs curve_secret_key or curve_secret_key_file, and curve_client_keys")));
  EXPECT_THAT(bad(pull(fmt::format("curve_client_keys = [\"{}\"]", z85_key))),
              ElementsAre(HasSubstr("not complete")));
  good(pull(fmt::format("curve_secret_key_file = \"/k\"\ncurve_client_keys = [\"{}\"]", z85_key)));
  EXPECT_THAT(bad(pull(fmt::format(
                  "curve_secret_key = \"{0}\"\ncurve_secret_key_file = \"/k\"\ncurve_client_keys = [\"{0}\"]",
                  z85_key))),
              ElementsAre(HasSubstr("the secret key is given twice")));
  EXPECT_THAT(
      bad(pull(fmt::format(
          "curve_secret_key = \"{0}\"\ncurve_client_keys = [\"{0}\"]\ncurve_server_key = \"{0}\"", z85_key))),
      ElementsAre(HasSubstr("is for sockets that connect")));
}

TEST(relations, beyond_loopback_a_connecting_feed_goes_with_the_servers_key_and_its_own_pair) {
  const auto sub = [](std::string_view keys) {
    return feed("a", "zmq-sub", fmt::format("endpoint = \"tcp://h.example:7\"\n{}", keys));
  };
  EXPECT_THAT(bad(sub(fmt::format("curve_server_key = \"{}\"", z85_key))),
              ElementsAre(HasSubstr("not complete")));
  good(sub(fmt::format(
      "curve_server_key = \"{0}\"\ncurve_public_key = \"{0}\"\ncurve_secret_key_file = \"/k\"", z85_key)));
}

TEST(relations, a_curve_key_is_40_characters_and_the_secret_one_is_not_shown) {
  const auto faults =
      bad(feed("a", "zmq-pull",
               "endpoint = \"ipc://a\"\ncurve_secret_key = \"topsecret\"\ncurve_client_keys = [\"short\"]"));
  EXPECT_THAT(faults,
              ElementsAre(HasSubstr("(not shown)"),
                          HasSubstr("\"short\": not of the right form; allowed: 40 characters of Z85")));
}

TEST(relations, beyond_loopback_the_admin_port_needs_tls) {
  EXPECT_THAT(
      bad("[admin]\naddress = \"0.0.0.0\"\n"),
      ElementsAre(StartsWith(
          "t.toml:2:11: admin.address = \"0.0.0.0\": beyond loopback no admin port goes without TLS")));
  good("[admin]\naddress = \"::1\"\n");
  good("[listen]\naddress = \"0.0.0.0\"\n");
}

TEST(relations, proxy_headers_need_somebody_who_is_trusted) {
  EXPECT_THAT(bad("[listen]\nproxy_protocol = true\n"),
              ElementsAre(HasSubstr("listen.proxy_protocol: needs the proxies in listen.trusted_proxies")));
  good("[listen]\nproxy_protocol = true\ntrusted_proxies = [\"10.0.0.1\"]\n");
}

TEST(relations, a_certificate_needs_its_key) {
  EXPECT_THAT(
      bad("[listen.tls]\nkey = \"k.pem\"\n"),
      ElementsAre(
          "t.toml:2:7: listen.tls.key: a certificate and its key belong together; allowed: both or neither"));
}

TEST(relations, there_are_not_more_intervals_than_a_symbol_has_room_for) {
  std::string intervals;
  for (int i = 1; i <= 24; ++i) intervals += (i > 1 ? ", " : "") + fmt::format("\"{}t\"", i);
  good("[bars]\nintervals = [" + intervals + "]\n");
  EXPECT_THAT(bad("[bars]\nintervals = [" + intervals + ", \"25t\"]\n"),
              ElementsAre(HasSubstr("25 intervals; allowed: at most 24")));
}

TEST(relations, a_topic_class_asks_of_no_topic_what_it_does_not_have) {
  const auto one = [](std::string_view topics, std::string_view rest) {
    return fmt::format("[[topic_class]]\nname = \"a\"\ntopics = [{}]\n{}\n", topics, rest);
  };
  EXPECT_THAT(bad(one("\"chat.*\", \"trade.*\"", "min_interval_ms = 100")),
              ElementsAre(HasSubstr("\"trade.*\" must not be thinned out")));
  EXPECT_THAT(bad(one("\"bar.1m.*\"", "min_interval_ms = 100")), ElementsAre(HasSubstr("bars.push_ms")));
  EXPECT_THAT(bad(one("\"quote.*\"", "history = 5")), ElementsAre(HasSubstr("is no event topic")));
  EXPECT_THAT(bad(one("\"trade.*\"", "retained = false")), ElementsAre(HasSubstr("is no event topic")));
  EXPECT_THAT(bad(one("\"feed.*\"", "publish = true")),
              ElementsAre(HasSubstr("written by the engine alone")));
  EXPECT_THAT(bad(one("\"chat.*\"", "recoverable = true")), ElementsAre(HasSubstr("needs history")));
  EXPECT_EQ(good(one("\"quote.*\", \"monitor.*\", \"*\"", "min_interval_ms = 100")).topic_classes.size(), 1U);
  EXPECT_TRUE(
      good(one("\"chat.*\", \"feed.*\"", "history = 5\nrecoverable = true")).topic_classes[0].recoverable);
}

TEST(support, what_is_not_built_yet_makes_a_notice_when_it_is_changed) {
  EXPECT_THAT(
      notices("[users]\nusage_file = \"u.jsonl\"\n"),
      ElementsAre("t.toml:2:14: users.usage_file = \"u.jsonl\": read and checked, but this version does "
                  "not act on it yet"));
  EXPECT_THAT(notices("[users]\nusage_file = \"\"\n"), IsEmpty());
  EXPECT_THAT(notices("", {"store.retention.event=5"}),
              ElementsAre(StartsWith("--set store.retention.event=5: ")));
}

TEST(support, what_somebody_would_rely_on_is_refused_until_it_is_built) {
  EXPECT_THAT(bad("[auth.jwt]\njwks_url = \"https://signer/keys\"\n"),
              ElementsAre(AllOf(StartsWith("t.toml:2:12: auth.jwt.jwks_url = "), HasSubstr("leave it out"))));
}

}  // namespace
}  // namespace tickcast::config::testing
