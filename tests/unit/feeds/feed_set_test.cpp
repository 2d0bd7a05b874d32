#include "feeds/feed_set.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include "feeds/from_config.hpp"
#include "feeds/source.hpp"
#include "tests/unit/feeds/files.hpp"

namespace tickcast::feeds {
namespace {

config::config bare() {
  config::config c;
  c.service.pull.clear();
  return c;
}

config::feed_section pull_feed(const std::string& name, const std::string& endpoint) {
  config::feed_section f;
  f.name = name;
  f.kind = config::feed_kind::zmq_pull;
  f.endpoint = {endpoint};
  return f;
}

std::string failure_of(const config::config& settings) {
  actors::engine parts(settings, 1);
  zmq::context_t context;
  try {
    feed_set feeds(parts, context);
  } catch (const feed_error& why) {
    return why.what();
  }
  return "";
}

TEST(feed_set, opens_every_feed_of_the_configuration_and_tells_its_ports) {
  test::scratch files;
  auto settings = bare();
  settings.feeds = {pull_feed("p", "tcp://127.0.0.1:0")};
  config::feed_section replay;
  replay.name = "r";
  replay.kind = config::feed_kind::replay;
  replay.files = {files.write("v_a.csv", "unix_s,price,qty\n1,1,1\n")};
  settings.feeds.push_back(replay);
  config::feed_section sub;
  sub.name = "s";
  sub.kind = config::feed_kind::zmq_sub;
  sub.endpoint = {"tcp://127.0.0.1:5556", "tcp://127.0.0.1:5558"};
  settings.feeds.push_back(sub);
  settings.simulator.enabled = true;
  settings.service.pull = "tcp://127.0.0.1:0";
  actors::engine parts(settings, 1);
  zmq::context_t context;
  feed_set feeds(parts, context);
  const auto all = feeds.addresses();
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[0].name, "p");
  EXPECT_EQ(all[0].kind, "zmq-pull");
  EXPECT_EQ(all[0].endpoint.find("tcp://127.0.0.1:"), 0u);
  EXPECT_EQ(all[0].endpoint.find_first_of("*"), std::string::npos);
  EXPECT_EQ(all[1].kind, "replay");
  EXPECT_NE(all[1].endpoint.find("unix_s"), std::string::npos);
  EXPECT_EQ(all[2].endpoint, "tcp://127.0.0.1:5556,tcp://127.0.0.1:5558");
  EXPECT_EQ(all[3].name, "simulator");
  EXPECT_EQ(all[4].name, "service");
  ASSERT_EQ(parts.feeds.all().size(), 5u);
  EXPECT_TRUE(parts.feeds.all()[3]->simulated);
  EXPECT_FALSE(parts.feeds.all()[1]->simulated);
  EXPECT_EQ(parts.feeds.all()[4]->stale_ns, 0);
}

TEST(feed_set, says_at_the_start_what_cannot_be_opened) {
  zmq::context_t context;
  zmq::socket_t taken(context, zmq::socket_type::pull);
  taken.bind("tcp://127.0.0.1:*");
  auto settings = bare();
  settings.feeds = {pull_feed("p", taken.get(zmq::sockopt::last_endpoint))};
  EXPECT_NE(failure_of(settings).find("feed p: cannot bind"), std::string::npos) << failure_of(settings);

  settings = bare();
  config::feed_section replay;
  replay.name = "r";
  replay.kind = config::feed_kind::replay;
  replay.files = {"/nonexistent.csv"};
  settings.feeds = {replay};
  EXPECT_NE(failure_of(settings).find("/nonexistent.csv"), std::string::npos);

  settings.feeds = {pull_feed("simulator", "tcp://127.0.0.1:0")};
  settings.simulator.enabled = true;
  EXPECT_NE(failure_of(settings).find("two feeds are called simulator"), std::string::npos);
}

TEST(feed_set, puts_a_group_of_feeds_where_the_first_of_them_stands) {
  auto settings = bare();
  for (const auto* name : {"a", "b", "c", "d"})
    settings.feeds.push_back(pull_feed(name, "tcp://127.0.0.1:0"));
  settings.feeds[1].group = settings.feeds[3].group = "desk";
  settings.feed_groups.push_back({"desk", config::restart_strategy::one_for_all});
  actors::engine parts(settings, 1);
  zmq::context_t context;
  caf::actor_system_config caf_settings;
  caf::actor_system system{caf_settings};
  feed_set feeds(parts, context);
  std::vector<std::string> ids;
  for (const auto& each : feeds.children(system)) ids.push_back(each.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"a", "desk", "c"}));
  EXPECT_EQ(feeds.addresses()[3].group, "desk");
}

TEST(feed_set, refuses_hours_that_cannot_be_read) {
  auto settings = bare();
  settings.feeds = {pull_feed("p", "tcp://127.0.0.1:0")};
  settings.feeds[0].sessions = "0930-1600 America/Springfield";
  EXPECT_NE(failure_of(settings).find("feed p: sessions: "), std::string::npos) << failure_of(settings);
}

TEST(feed_set, expects_a_peer_of_a_feed_that_connects_and_none_of_a_backend) {
  auto settings = bare();
  settings.feeds = {pull_feed("binds", "tcp://127.0.0.1:0"), pull_feed("connects", "tcp://127.0.0.1:1"),
                    pull_feed("inside", "inproc://unit-feed-set")};
  settings.feeds[1].bind = false;
  settings.service.pull = "tcp://127.0.0.1:0";
  actors::engine parts(settings, 1);
  zmq::context_t context;
  feed_set feeds(parts, context);
  const auto all = parts.feeds.all();
  EXPECT_EQ(all[0]->peers.need, actors::peer_need::once_there);
  EXPECT_EQ(all[1]->peers.need, actors::peer_need::always);
  EXPECT_EQ(all[2]->peers.need, actors::peer_need::none);
  EXPECT_FALSE(all[2]->peers.watched) << "ZeroMQ says nothing of them";
  EXPECT_EQ(all[3]->peers.need, actors::peer_need::none);
  EXPECT_TRUE(all[3]->peers.watched);
}

/// Waits for what real threads do.
bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(feed_set, suspends_and_resumes_a_feed_also_between_two_lives_of_its_actor) {
  auto settings = bare();
  settings.feeds = {pull_feed("p", "tcp://127.0.0.1:0")};
  actors::engine parts(settings, 1);
  zmq::context_t context;
  caf::actor_system_config caf_settings;
  caf::actor_system system{caf_settings};
  caf::scoped_actor self{system};
  feed_set feeds(parts, context);
  const auto& entry = *parts.feeds.all()[0];
  const auto is = [&](protocol::feed_state state, const std::string& reason) {
    return eventually([&] { return entry.told == state && entry.reason.get() == reason; });
  };
  const auto child = feeds.children(system).front();
  auto actor = child.start();
  EXPECT_FALSE(feeds.suspend("nobody", "alice"));
  ASSERT_TRUE(feeds.suspend("p", "alice"));
  EXPECT_TRUE(is(protocol::feed_state::down, "suspended by alice"));
  ASSERT_TRUE(feeds.resume("p", "bob"));
  EXPECT_TRUE(is(protocol::feed_state::none, "nothing was heard from it yet"));
  actors::end(actor);
  self->wait_for(actor);
  ASSERT_TRUE(feeds.suspend("p", "carol"));
  actor = child.start();
  EXPECT_TRUE(is(protocol::feed_state::down, "suspended by carol"));
  actors::end(actor);
  self->wait_for(actor);
  parts.routes.clear();
}

TEST(from_config, carries_every_setting_of_a_feed_over) {
  auto section = pull_feed("p", "tcp://*:0");
  section.hwm = 77;
  section.format = protocol::feed_format::json;
  section.curve.curve_secret_key = "s";
  section.curve.curve_public_key = "o";
  section.curve.curve_server_key = "v";
  section.curve.curve_client_keys = {"c"};
  const auto o = zmq_options_from(section, 4711);
  EXPECT_EQ(o.name, "p");
  EXPECT_EQ(o.kind, zmq_options::pattern::pull);
  EXPECT_TRUE(o.bind);
  EXPECT_EQ(o.endpoints, std::vector<std::string>{"tcp://*:*"});
  EXPECT_EQ(o.receive_hwm, 77);
  EXPECT_EQ(o.most_bytes, 4711);
  EXPECT_EQ(o.format, protocol::feed_format::json);
  EXPECT_EQ(o.curve.secret, "s");
  EXPECT_EQ(o.curve.own, "o");
  EXPECT_EQ(o.curve.server, "v");
  EXPECT_EQ(o.curve.allowed, std::vector<std::string>{"c"});

  section.kind = config::feed_kind::zmq_sub;
  EXPECT_FALSE(zmq_options_from(section, 1).bind);
  section.bind = true;
  EXPECT_TRUE(zmq_options_from(section, 1).bind);
}

TEST(from_config, reads_the_secret_key_from_its_file) {
  test::scratch files;
  const std::string key = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";
  config::curve_keys section;
  section.curve_secret_key_file = files.write("key", key + "\n");
  EXPECT_EQ(keys_from(section).secret, key);
}

TEST(from_config, carries_a_replay_over) {
  config::feed_section section;
  section.name = "r";
  section.files = {"a", "b"};
  section.loop = true;
  section.speed.factor = 0;
  section.time_column = "recv_ns";
  const auto o = replay_options_from(section);
  EXPECT_EQ(o.what.files, section.files);
  EXPECT_TRUE(o.what.loop);
  EXPECT_EQ(o.what.reading.time_column, "recv_ns");
  EXPECT_EQ(o.speed, 0);
}

}  // namespace
}  // namespace tickcast::feeds
