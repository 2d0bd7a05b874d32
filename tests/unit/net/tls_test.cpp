#include <gtest/gtest.h>
#include <sys/socket.h>

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

#include "made_certificate.hpp"
#include "net/tls_transport.hpp"
#include "scratch_directory.hpp"

namespace tickcast::net {
namespace {

using status = transfer::status;

/// Keeps what it is told, and lets handshakes work as often as the test allows.
struct recording_watcher final : tls_watcher {
  bool may_work() override { return allowed-- > 0; }
  void worked(std::chrono::nanoseconds) override {}
  void shaken(bool resumed) override { (resumed ? resumptions : handshakes) += 1; }
  void failed(tls_failure why) override { failures.push_back(why); }
  int allowed = 1'000'000;
  int handshakes = 0;
  int resumptions = 0;
  std::vector<tls_failure> failures;
};

/// Both ends of a connection, moved by the test.
class tls_test : public testing::Test {
protected:
  void connect(const std::string& host = "127.0.0.1") {
    tcp_acceptor acceptor(context.get_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    tcp_socket near(context.get_executor());
    near.open(tcp::v4());
    near.set_option(asio::socket_base::receive_buffer_size(4096));
    near.connect(acceptor.local_endpoint());
    auto far = acceptor.accept();
    far.set_option(asio::socket_base::send_buffer_size(4096));
    near.native_non_blocking(true);
    far.native_non_blocking(true);
    server = make_tls_transport(std::move(far), served, &watcher);
    client = make_tls_client_transport(std::move(near), tls_context::client(files.certificate), host);
  }
  /// Lets both go on until `done`; false when it takes too long.
  static bool until(const std::function<bool()>& done) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!done())
      if (std::chrono::steady_clock::now() > give_up) return false;
    return true;
  }
  bool shake() {
    return until([&] {
      const auto near = client->shake_hands();
      return server->shake_hands() == status::moved && near == status::moved;
    });
  }
  static std::string read(transport& from) {
    std::string bytes(20'000, '\0');
    const iovec into{bytes.data(), bytes.size()};
    const auto got = from.try_read(&into, 1);
    return bytes.substr(0, got.what == status::moved ? got.bytes : 0);
  }
  static transfer write(transport& to, std::string_view bytes) {
    const iovec from{const_cast<char*>(bytes.data()), bytes.size()};
    return to.try_write(&from, 1);
  }

  test::scratch_directory directory;
  test::made_certificate files{directory.path()};
  tls_context_ptr served = tls_context::server(files.certificate, files.key, "listen.tls");
  recording_watcher watcher;
  asio::io_context context;
  std::unique_ptr<transport> server, client;
};

TEST_F(tls_test, gathers_small_frames_and_cuts_large_ones) {
  connect();
  ASSERT_TRUE(shake());
  EXPECT_EQ(watcher.handshakes, 1);
  const std::string small(10, 's'), large(40'000, 'l');
  const std::array<iovec, 3> parts{iovec{const_cast<char*>(small.data()), small.size()},
                                   {const_cast<char*>(large.data()), large.size()},
                                   {const_cast<char*>(small.data()), small.size()}};
  const auto whole = small + large + small;
  std::size_t sent = 0;
  std::string got;
  EXPECT_TRUE(until([&] {
    // What was taken is not offered again.
    if (sent == 0) {
      const auto moved = server->try_write(parts.data(), 3);
      if (moved.what == status::moved) sent += moved.bytes;
    } else if (sent < whole.size()) {
      const auto moved = write(*server, std::string_view(whole).substr(sent));
      if (moved.what == status::moved) sent += moved.bytes;
    } else {
      server->push_out();
    }
    got += read(*client);
    return got.size() >= whole.size();
  }));
  EXPECT_EQ(got, whole);
}

TEST_F(tls_test, what_it_has_taken_goes_out_although_other_bytes_come_first_now) {
  connect();
  ASSERT_TRUE(shake());
  const std::string first(16'000, '1');
  std::string expected;
  auto moved = write(*server, first);
  while (moved.what == status::moved) {
    expected += first.substr(0, moved.bytes);
    moved = write(*server, first);
  }
  EXPECT_EQ(moved.what, status::want_write);
  EXPECT_EQ(server->push_out(), status::want_write);
  // A ping is put before what was just refused.
  std::string got;
  std::size_t sent = 0;
  expected += "ping";
  EXPECT_TRUE(until([&] {
    if (sent == 0 && server->push_out() == status::moved) sent = write(*server, "ping").bytes;
    got += read(*client);
    return got.size() >= expected.size();
  }));
  EXPECT_EQ(got, expected);
}

TEST_F(tls_test, an_end_is_told_from_a_failure) {
  connect();
  ASSERT_TRUE(shake());
  client->finish();
  char byte;
  const iovec into{&byte, 1};
  EXPECT_TRUE(until([&] { return server->try_read(&into, 1).what == status::ended; }));
  EXPECT_EQ(write(*server, "still").what, status::moved) << "the other direction is open";
}

TEST_F(tls_test, a_handshake_waits_while_it_may_not_work) {
  connect();
  watcher.allowed = 0;
  client->shake_hands();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(server->shake_hands(), status::want_read);
  watcher.allowed = 1'000'000;
  EXPECT_TRUE(shake());
}

TEST_F(tls_test, a_client_takes_no_certificate_of_another_host) {
  connect("localhost");
  EXPECT_TRUE(until([&] {
    server->shake_hands();
    return client->shake_hands() == status::failed;
  }));
  EXPECT_NE(client->complaint().find("mismatch"), std::string::npos) << client->complaint();
  EXPECT_TRUE(until([&] { return server->shake_hands() == status::failed; }));
  EXPECT_EQ(watcher.failures, std::vector{tls_failure::refused});
}

TEST_F(tls_test, who_goes_in_the_middle_is_counted_once) {
  connect();
  client.reset();
  EXPECT_TRUE(until([&] { return server->shake_hands() == status::failed; }));
  server.reset();
  EXPECT_EQ(watcher.failures, std::vector{tls_failure::gone});
  connect();
  server.reset();
  EXPECT_EQ(watcher.failures.back(), tls_failure::unfinished);
}

TEST_F(tls_test, a_certificate_that_has_run_out_is_no_certificate) {
  const test::made_certificate old(directory.path(), -60);
  try {
    tls_context::server(old.certificate, old.key, "listen.tls");
    FAIL() << "it was taken";
  } catch (const std::runtime_error& why) {
    EXPECT_NE(std::string(why.what()).find("listen.tls.certificate"), std::string::npos);
    EXPECT_NE(std::string(why.what()).find("ran out on"), std::string::npos);
  }
}

}  // namespace
}  // namespace tickcast::net
