#include "net/websocket_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <functional>
#include <future>
#include <thread>

#include "net/asio.hpp"

namespace tickcast::net {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using reason = client_error::reason;
using server_socket = websocket::stream<tcp::socket>;

// One connection of a server that does what the test says, on a thread of its own.
class one_time_server {
public:
  explicit one_time_server(std::function<void(tcp::socket)> serve)
      : acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        port_(acceptor_.local_endpoint().port()),
        thread_([this, serve = std::move(serve)] {
          boost::system::error_code failed;
          tcp::socket socket(context_);
          acceptor_.accept(socket, failed);
          if (!failed) serve(std::move(socket));
        }) {}
  ~one_time_server() {
    // A thread that nobody came to would wait for ever.
    boost::system::error_code ignored;
    asio::io_context context;
    tcp::socket(context).connect(tcp::endpoint(asio::ip::address_v4::loopback(), port_), ignored);
    thread_.join();
  }

  std::string url(std::string_view scheme) const {
    return std::string(scheme) + "://127.0.0.1:" + std::to_string(port_) + "/ws";
  }

private:
  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::thread thread_;
};

// Reads until the other side is gone.
void wait_for_end(tcp::socket& socket) {
  boost::system::error_code failed;
  char bytes[4096];
  while (!failed) socket.read_some(asio::buffer(bytes), failed);
}

void answer(tcp::socket socket, std::string_view text) {
  boost::system::error_code ignored;
  char bytes[4096];
  socket.read_some(asio::buffer(bytes), ignored);
  asio::write(socket, asio::buffer(text.data(), text.size()), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  wait_for_end(socket);
}

client_options quick(int stop_fd = -1) {
  client_options options;
  options.stop_fd = stop_fd;
  options.timeout = 300ms;
  return options;
}

class stop_descriptor {
public:
  stop_descriptor() : fd(eventfd(0, EFD_CLOEXEC)) {}
  ~stop_descriptor() { ::close(fd); }
  void stop() const {
    const std::uint64_t one = 1;
    (void)!::write(fd, &one, sizeof(one));
  }
  const int fd;
};

TEST(websocket_client, sends_and_receives_text) {
  one_time_server server([](tcp::socket socket) {
    server_socket stream(std::move(socket));
    boost::system::error_code failed;
    stream.accept(failed);
    beast::flat_buffer buffer;
    while (!failed) {
      stream.read(buffer, failed);
      if (!failed) stream.write(buffer.data(), failed);
      buffer.clear();
    }
    EXPECT_EQ(failed, websocket::error::closed);
  });
  auto client = websocket_client::connect(server.url("ws"), "", {});
  ASSERT_TRUE(client) << client.error().message;
  for (const std::string text : {"hello", "", "äöü"}) {
    ASSERT_TRUE(client->send(text));
    EXPECT_EQ(client->receive(5s).value(), text);
  }
  client->close();
}

TEST(websocket_client, asks_for_its_subprotocol_and_path) {
  std::promise<std::string> asked;
  one_time_server server([&](tcp::socket socket) {
    beast::flat_buffer buffer;
    http::request<http::empty_body> request;
    boost::system::error_code failed;
    http::read(socket, buffer, request, failed);
    asked.set_value(std::string(request.target()) + " " +
                    std::string(request[http::field::sec_websocket_protocol]));
  });
  (void)websocket_client::connect(server.url("ws"), "tickcast.v1.json", quick());
  EXPECT_EQ(asked.get_future().get(), "/ws tickcast.v1.json");
}

TEST(websocket_client, says_when_nobody_listens) {
  std::string url;
  {
    one_time_server gone([](tcp::socket) {});
    url = gone.url("ws");
  }
  const auto client = websocket_client::connect(url, "", {});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().why, reason::unreachable);
  EXPECT_THAT(client.error().message, HasSubstr("127.0.0.1:"));
}

TEST(websocket_client, tells_the_status_of_a_refusal) {
  one_time_server server([](tcp::socket socket) {
    answer(std::move(socket), "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  });
  const auto client = websocket_client::connect(server.url("ws"), "", quick());
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().why, reason::refused);
  EXPECT_THAT(client.error().message, HasSubstr("403 Forbidden"));
}

TEST(websocket_client, is_not_fooled_by_something_that_is_no_http) {
  one_time_server server([](tcp::socket socket) { answer(std::move(socket), "SSH-2.0-OpenSSH\r\n"); });
  EXPECT_FALSE(websocket_client::connect(server.url("ws"), "", quick()));
}

TEST(websocket_client, gives_up_on_a_server_that_does_not_answer) {
  one_time_server server([](tcp::socket socket) { wait_for_end(socket); });
  const auto client = websocket_client::connect(server.url("ws"), "", quick());
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().why, reason::timed_out);
}

TEST(websocket_client, is_not_patient_for_ever) {
  one_time_server server([](tcp::socket socket) {
    server_socket stream(std::move(socket));
    stream.accept();
    wait_for_end(stream.next_layer());
  });
  auto client = websocket_client::connect(server.url("ws"), "", {});
  ASSERT_TRUE(client);
  EXPECT_EQ(client->receive(50ms).error().why, reason::timed_out);
}

TEST(websocket_client, tells_code_and_reason_of_a_close) {
  one_time_server server([](tcp::socket socket) {
    server_socket stream(std::move(socket));
    stream.accept();
    boost::system::error_code ignored;
    stream.close({static_cast<websocket::close_code>(3001), "shutdown"}, ignored);
  });
  auto client = websocket_client::connect(server.url("ws"), "", {});
  ASSERT_TRUE(client);
  const auto message = client->receive(5s);
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().why, reason::closed);
  EXPECT_EQ(message.error().close_code, 3001);
  EXPECT_THAT(message.error().message, HasSubstr("3001 shutdown"));
}

TEST(websocket_client, notices_a_server_that_vanishes) {
  one_time_server server([](tcp::socket socket) {
    server_socket stream(std::move(socket));
    stream.accept();
  });
  auto client = websocket_client::connect(server.url("ws"), "", {});
  ASSERT_TRUE(client);
  const auto message = client->receive(5s);
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().why, reason::closed);
  EXPECT_EQ(message.error().close_code, 0);
}

TEST(websocket_client, takes_no_message_larger_than_allowed) {
  one_time_server server([](tcp::socket socket) {
    server_socket stream(std::move(socket));
    stream.accept();
    boost::system::error_code ignored;
    stream.write(asio::buffer(std::string(2000, 'x')), ignored);
    wait_for_end(stream.next_layer());
  });
  client_options options;
  options.largest_message = 1000;
  auto client = websocket_client::connect(server.url("ws"), "", options);
  ASSERT_TRUE(client);
  EXPECT_EQ(client->receive(5s).error().why, reason::too_large);
}

TEST(websocket_client, an_interrupt_ends_receiving_and_connecting) {
  const stop_descriptor stop;
  one_time_server server([&](tcp::socket socket) {
    server_socket stream(std::move(socket));
    stream.accept();
    beast::flat_buffer buffer;
    stream.read(buffer);
    stop.stop();
    wait_for_end(stream.next_layer());
  });
  auto client = websocket_client::connect(server.url("ws"), "", quick(stop.fd));
  ASSERT_TRUE(client);
  ASSERT_TRUE(client->send("stop me"));
  EXPECT_EQ(client->receive(1h).error().why, reason::interrupted);
  EXPECT_EQ(websocket_client::connect("ws://127.0.0.1:1/", "", quick(stop.fd)).error().why,
            reason::interrupted);
}

TEST(http_get, gives_status_type_and_body) {
  one_time_server server([](tcp::socket socket) {
    answer(std::move(socket),
           "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  });
  const auto reply = http_get(server.url("http"), quick());
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200U);
  EXPECT_EQ(reply->content_type, "application/json");
  EXPECT_EQ(reply->body, "{}");
}

TEST(http_get, an_answer_that_says_no_is_an_answer) {
  one_time_server server([](tcp::socket socket) {
    answer(std::move(socket), "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope");
  });
  const auto reply = http_get(server.url("http"), quick());
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 404U);
  EXPECT_EQ(reply->body, "nope");
}

TEST(http_post, sends_a_json_text_with_its_token) {
  std::promise<std::string> heard;
  one_time_server server([&](tcp::socket socket) {
    char bytes[4096];
    boost::system::error_code ignored;
    std::string request;
    while (!ignored && !request.ends_with("{\"seconds\":30}"))
      request.append(bytes, socket.read_some(asio::buffer(bytes), ignored));
    heard.set_value(request);
    asio::write(socket, asio::buffer(std::string("HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}")),
                ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    wait_for_end(socket);
  });
  auto options = quick();
  options.token = "secret";
  const auto reply = http_post(server.url("http"), R"({"seconds":30})", options);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 409U);
  EXPECT_EQ(reply->body, "{}");
  const auto request = heard.get_future().get();
  EXPECT_THAT(request, testing::StartsWith("POST /ws HTTP/1.1\r\n"));
  for (const auto* line : {"Authorization: Bearer secret\r\n", "Content-Type: application/json\r\n",
                           "Content-Length: 14\r\n", "Host: 127.0.0.1:"})
    EXPECT_THAT(request, HasSubstr(line));
}
TEST(http_get, a_body_cut_short_or_too_long_is_an_error) {
  one_time_server cut([](tcp::socket socket) {
    answer(std::move(socket), "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
  });
  EXPECT_EQ(http_get(cut.url("http"), quick()).error().why, reason::closed);
  one_time_server endless(
      [](tcp::socket socket) { answer(std::move(socket), "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"); });
  auto options = quick();
  options.largest_message = 10;
  EXPECT_EQ(http_get(endless.url("http"), options).error().why, reason::too_large);
}

TEST(http_get, gives_up_on_a_silent_server) {
  one_time_server server([](tcp::socket socket) { wait_for_end(socket); });
  EXPECT_EQ(http_get(server.url("http"), quick()).error().why, reason::timed_out);
}

}  // namespace
}  // namespace tickcast::net
