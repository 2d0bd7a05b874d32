#include "net/server.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <latch>
#include <thread>

#include "driven_host.hpp"
#include "net/admin/prometheus_text.hpp"
#include "raw_client.hpp"

namespace tickcast::net {
namespace {

using namespace std::chrono_literals;

/// A peer that only keeps its link.
struct silent final : peer {
  void receive(std::string&&, protocol::encoding) override {}
  void drained() override {}
};

class server_test : public testing::Test {
protected:
  server_test() { wanted.listen.port = 0; }

  std::unique_ptr<server> make(std::size_t shards = 2) {
    auto made = std::make_unique<server>(wanted, test::quiet_system(), shards);
    made->listen();
    return made;
  }
  static void start(server& which) {
    which.start(std::vector<peer_source>(which.shards(), [](actors::client_link&, actors::client_info&&) {
      return std::make_unique<silent>();
    }));
  }
  /// Reads until `done` or five seconds have passed; the server has threads of its own.
  static bool read_until(test::raw_client& client, const std::function<bool()>& done) {
    const auto give_up = std::chrono::steady_clock::now() + 5s;
    while (!done()) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      client.pull();
      std::this_thread::yield();
    }
    return true;
  }
  static test::raw_client open(const server& to, int receive_buffer = 0) {
    test::raw_client client(to.port(), receive_buffer);
    client.send(test::upgrade_request());
    std::string head;
    EXPECT_TRUE(read_until(client, [&] { return !(head = client.take_head()).empty(); }));
    EXPECT_EQ(head.substr(0, 12), "HTTP/1.1 101");
    return client;
  }

  config::config wanted;
};

TEST_F(server_test, serves_on_all_shards_and_stops_in_order) {
  auto running = make(2);
  ASSERT_NE(running->port(), 0);
  start(*running);
  std::vector<test::raw_client> clients;
  for (int i = 0; i < 40; ++i) clients.push_back(open(*running));
  EXPECT_EQ(running->connections(), 40u);
  running->stop_accepting();
  std::thread answers([&] {
    for (auto& client : clients) {
      read_until(client, [&] {
        client.take_frames();
        return !client.frames.empty();
      });
      if (!client.frames.empty()) {
        EXPECT_EQ(client.frames[0].close_code(), 3001u);
      }
      client.send_frame(test::close_frame, test::close_payload(3001));
    }
    for (auto& client : clients) read_until(client, [&] { return client.ended; });
    for (auto& client : clients) client.close();
  });
  EXPECT_EQ(running->close_all(protocol::close_code::shutdown, 5s), 0u);
  answers.join();
  running->stop_loops();
  EXPECT_EQ(running->connections(), 0u);
}

TEST_F(server_test, clients_that_never_read_are_cut_at_the_deadline) {
  auto running = make(2);
  start(*running);
  std::vector<test::raw_client> deaf;
  for (int i = 0; i < 10; ++i) deaf.push_back(open(*running, 4096));
  running->stop_accepting();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(running->close_all(protocol::close_code::shutdown, 200ms), 10u);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
  running->stop_loops();
  EXPECT_EQ(running->connections(), 0u);
}

TEST_F(server_test, a_second_server_on_the_port_is_refused_with_a_clear_word) {
  auto running = make(1);
  wanted.listen.port = running->port();
  try {
    make(1);
    FAIL() << "two servers on one port";
  } catch (const std::runtime_error& fault) {
    EXPECT_NE(std::string(fault.what()).find("is in use"), std::string::npos) << fault.what();
  }
  running.reset();
  EXPECT_NO_THROW(make(1)) << "free again";
}

TEST_F(server_test, a_port_that_another_program_shares_by_reuseport_is_refused) {
  const int other = ::socket(AF_INET, SOCK_STREAM, 0);
  const int yes = 1;
  ::setsockopt(other, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  ASSERT_EQ(::bind(other, reinterpret_cast<const sockaddr*>(&at), size), 0);
  ASSERT_EQ(::listen(other, 1), 0);
  ::getsockname(other, reinterpret_cast<sockaddr*>(&at), &size);
  wanted.listen.port = ntohs(at.sin_port);
  EXPECT_THROW(make(1), std::runtime_error);
  ::close(other);
}

TEST_F(server_test, connections_that_wait_to_be_accepted_are_answered_not_reset) {
  auto running = make(1);
  // A shard that is busy: nothing is accepted meanwhile.
  std::latch release(1);
  start(*running);
  running->host(0).post([&] { release.wait(); });
  std::vector<test::raw_client> waiting;
  for (int i = 0; i < 50; ++i) {
    waiting.emplace_back(running->port());
    waiting.back().send(test::upgrade_request());
  }
  std::thread stop([&] {
    running->stop_accepting();
    running->close_all(protocol::close_code::shutdown, 3s);
  });
  release.count_down();
  for (auto& client : waiting) {
    std::string head;
    ASSERT_TRUE(read_until(client, [&] { return !(head = client.take_head()).empty() || client.ended; }));
    const auto status = head.substr(0, 12);
    EXPECT_TRUE(status == "HTTP/1.1 503" || status == "HTTP/1.1 101") << head;
    client.close();
  }
  stop.join();
  running->stop_loops();
}

TEST_F(server_test, a_server_that_is_dropped_in_the_middle_leaves_nothing) {
  auto running = make(2);
  start(*running);
  auto one = open(*running);
  auto two = open(*running);
  test::raw_client half(running->port());
  half.send("GET / HTT");
  running.reset();
  EXPECT_TRUE(read_until(one, [&] { return one.ended; }));
}

TEST_F(server_test, hot_fields_are_taken_over_while_it_runs) {
  auto running = make(1);
  start(*running);
  auto first = open(*running);
  wanted.listen.max_connections = 1;
  running->configure(wanted);
  std::latch done(1);
  running->host(0).post([&] { done.count_down(); });
  done.wait();
  test::raw_client second(running->port());
  second.send(test::upgrade_request());
  std::string head;
  ASSERT_TRUE(read_until(second, [&] { return !(head = second.take_head()).empty(); }));
  EXPECT_EQ(head.substr(0, 12), "HTTP/1.1 503");
}

TEST_F(server_test, an_idle_shard_still_turns) {
  auto running = make(1);
  start(*running);
  const auto before = running->host(0).turns();
  const auto give_up = std::chrono::steady_clock::now() + 5s;
  while (running->host(0).turns() < before + 3 && std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
  EXPECT_GE(running->host(0).turns(), before + 3);
}

TEST_F(server_test, a_task_that_throws_does_not_end_the_shard) {
  auto running = make(1);
  start(*running);
  running->host(0).post([] { throw std::runtime_error("a bug"); });
  auto client = open(*running);
  EXPECT_NE(admin::prometheus_text({running->metrics()}).find("handler_failures_total{shard=\"0\"} 1\n"),
            std::string::npos);
}

TEST_F(server_test, raises_the_descriptor_limit_and_ignores_sigpipe) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto hard = limit.rlim_max;
  limit.rlim_cur = std::min<rlim_t>(256, hard);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  std::signal(SIGPIPE, SIG_DFL);
  make(1);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(limit.rlim_cur, hard);
  EXPECT_EQ(std::signal(SIGPIPE, SIG_IGN), SIG_IGN);
}

TEST_F(server_test, refuses_what_it_cannot_serve) {
  wanted.listen.address = "nonsense";
  EXPECT_THROW(make(1), std::runtime_error);
  wanted.listen.address = "127.0.0.1";
  wanted.listen.tls.certificate = "/nonexistent/cert.pem";
  EXPECT_THROW(make(1), std::runtime_error);
  wanted.listen.tls.certificate.clear();
  EXPECT_THROW(server(wanted, test::quiet_system(), 0), std::invalid_argument);
}

TEST_F(server_test, its_metrics_name_every_shard) {
  auto running = make(2);
  start(*running);
  auto client = open(*running);
  const auto text = admin::prometheus_text({running->metrics()});
  for (const auto* line : {"tickcast_connections 1\n", "tickcast_shard_load{shard=\"1\"}",
                           "tickcast_client_queue_bytes{shard=\"0\"} 0\n", "# TYPE tickcast_clients gauge\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line;
}

}  // namespace
}  // namespace tickcast::net
