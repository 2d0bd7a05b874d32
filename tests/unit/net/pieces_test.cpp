#include <gtest/gtest.h>

#include "driven_host.hpp"
#include "net/admin/liveness.hpp"
#include "net/admin/prometheus_text.hpp"
#include "net/counters.hpp"
#include "net/http_handler.hpp"
#include "net/http_head.hpp"
#include "net/load_meter.hpp"
#include "net/origin.hpp"
#include "net/remote_address.hpp"

namespace tickcast::net {
namespace {

using namespace std::chrono_literals;

TEST(origin_test, allows_ourselves_and_those_who_are_named) {
  EXPECT_TRUE(origin_allowed("", "host", {}));
  EXPECT_TRUE(origin_allowed("http://Host:8080", "host:8080", {}));
  EXPECT_FALSE(origin_allowed("http://host:8081", "host:8080", {}));
  EXPECT_FALSE(origin_allowed("http://host.evil", "host", {}));
  EXPECT_FALSE(origin_allowed("null", "", {}));
  EXPECT_FALSE(origin_allowed("http://", "", {}));
  EXPECT_TRUE(origin_allowed("https://a.example", "host", {"https://b.example", "https://a.example"}));
  EXPECT_FALSE(origin_allowed("https://a.example.evil", "host", {"https://a.example"}));
  EXPECT_TRUE(origin_allowed("https://anything", "host", {"*"}));
}

TEST(trusted_proxies_test, believes_only_those_it_trusts) {
  const trusted_proxies proxies({"127.0.0.1", "10.0.0.0/8", "fd00::/16"});
  const tcp::endpoint near(asio::ip::make_address("127.0.0.1"), 5000);
  const tcp::endpoint stranger(asio::ip::make_address("192.0.2.1"), 5000);
  EXPECT_EQ(proxies.client_of(near, "198.51.100.7"), "198.51.100.7");
  EXPECT_EQ(proxies.client_of(near, "6.6.6.6, 198.51.100.7, 10.1.2.3"), "198.51.100.7");
  EXPECT_EQ(proxies.client_of(stranger, "198.51.100.7"), "192.0.2.1:5000");
  EXPECT_EQ(proxies.client_of(near, "rubbish"), "127.0.0.1:5000");
  EXPECT_EQ(proxies.client_of(near, ""), "127.0.0.1:5000");
  EXPECT_EQ(trusted_proxies().client_of(near, "198.51.100.7"), "127.0.0.1:5000");
  EXPECT_TRUE(proxies.trusts(asio::ip::make_address("10.255.0.1")));
  EXPECT_FALSE(proxies.trusts(asio::ip::make_address("11.0.0.1")));
  EXPECT_TRUE(proxies.trusts(asio::ip::make_address("::ffff:10.0.0.1")));
  EXPECT_TRUE(proxies.trusts(asio::ip::make_address("fd00::1")));
  EXPECT_EQ(to_string(tcp::endpoint(asio::ip::make_address("::1"), 80)), "[::1]:80");
}

TEST(trusted_proxies_test, names_the_entry_that_is_wrong) {
  for (const auto* entry : {"nonsense", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "::1/129"})
    EXPECT_THROW(trusted_proxies({entry}), std::runtime_error) << entry;
}

TEST(parse_target_test, decodes_and_refuses) {
  http_query query;
  EXPECT_TRUE(parse_target("/a%2Fb%20c?x=1", query));
  EXPECT_EQ(query.path, "/a/b c");
  EXPECT_TRUE(parse_target("/?", query));
  EXPECT_TRUE(query.parameters.empty());
  for (const auto* bad : {"", "a", "http://host/", "*", "/%", "/%4", "/%4g", "/?x=%", "/%00"})
    EXPECT_FALSE(parse_target(bad, query)) << bad;
}

TEST(http_refusal_test, is_json_whatever_the_message_holds) {
  EXPECT_EQ(http_refusal(400, "a\"b\xff").body,
            "{\"error\":{\"code\":\"bad_request\",\"message\":\"a\\\"b\xef\xbf\xbd\",\"status\":400}}\n");
}

TEST(http_head_test, leaves_out_headers_that_would_break_the_answer) {
  std::string out;
  append_head(out, {200, "text/plain", 3, true, {{"Good", "1"}, {"Bad", "x\r\nEvil: 1"}}});
  EXPECT_EQ(out.substr(0, 17), "HTTP/1.1 200 OK\r\n");
  EXPECT_NE(out.find("\r\nGood: 1\r\n"), std::string::npos);
  EXPECT_EQ(out.find("Evil"), std::string::npos);
  EXPECT_EQ(out.substr(out.size() - 4), "\r\n\r\n");
}

TEST(load_meter_test, tells_work_from_rest) {
  load_meter meter;
  const auto began = std::chrono::steady_clock::now();
  auto now = began;
  while (now - began < 200ms) meter.sample(now = std::chrono::steady_clock::now());
  // Other programs may share the CPU, so only the direction is certain.
  EXPECT_GT(meter.load(), 0.05);
  for (int i = 1; i <= 10; ++i) meter.sample(now + i * 1000ms);
  EXPECT_LT(meter.load(), 0.01);
}

TEST(liveness_test, names_a_host_that_has_stood_still_for_five_seconds) {
  test::driven_host host;
  admin::liveness watch;
  watch.watch(host);
  const auto begin = admin::liveness::clock::time_point(100s);
  EXPECT_TRUE(watch.stuck(begin).empty()) << "never looked at";
  watch.look(begin);
  watch.look(begin + 4s);
  EXPECT_TRUE(watch.stuck(begin + 4s).empty());
  watch.look(begin + 5s);
  ASSERT_EQ(watch.stuck(begin + 5s).size(), 1u);
  EXPECT_EQ(watch.stuck(begin + 5s)[0], "shard-0");
  host.turn();
  watch.look(begin + 6s);
  EXPECT_TRUE(watch.stuck(begin + 6s).empty());
}

TEST(prometheus_text_test, writes_families_once_with_escaped_labels) {
  const auto text = admin::prometheus_text({[](actors::metric_writer& to) {
    to.counter("t_b_total", "Things", {{"name", "a\"b\\c\nd"}}, 3);
    to.gauge("t_a", "Level", {}, 1.5);
    to.counter("t_b_total", "Things", {{"name", "z"}}, 4);
    to.histogram("t_seconds", "Time", {}, {{0.1, 1}, {2, 5, 6}, 3.5});
  }});
  EXPECT_EQ(text.find("# HELP t_a Level\n"), 0u) << text;
  EXPECT_EQ(text.find("# TYPE t_b_total counter", text.find("# TYPE t_b_total counter") + 1),
            std::string::npos);
  EXPECT_NE(text.find("t_b_total{name=\"a\\\"b\\\\c\\nd\"} 3\n"), std::string::npos) << text;
  EXPECT_NE(text.find("t_seconds_bucket{le=\"0.1\"} 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("t_seconds_bucket{le=\"+Inf\"} 6\n"), std::string::npos) << text;
  EXPECT_NE(text.find("t_seconds_count 6\n"), std::string::npos) << text;
}

TEST(counters_test, unknown_codes_are_counted_as_other) {
  shard_counters counters;
  counters.close(3001);
  counters.close(4999);
  counters.answer(200);
  counters.answer(299);
  const auto text =
      admin::prometheus_text({[&](actors::metric_writer& to) { write_metrics(to, counters, 3); }});
  EXPECT_NE(text.find("tickcast_websocket_closed_total{code=\"3001\",shard=\"3\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("tickcast_websocket_closed_total{code=\"other\",shard=\"3\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("tickcast_http_answers_total{status=\"other\",shard=\"3\"} 1\n"), std::string::npos);
}

}  // namespace
}  // namespace tickcast::net
