#include <zmq.h>

#include <atomic>
#include <iostream>
#include <msgpack.hpp>
#include <string>
#include <thread>

// The floor under every ingest: one thread that receives ZeroMQ messages and decodes each into nothing. A
// line on stdin is answered by the number of messages so far.

int main() {
  void* context = ::zmq_ctx_new();
  void* socket = ::zmq_socket(context, ZMQ_PULL);
  // As many as the engine's feeds keep (feed.hwm).
  const int high_water_mark = 100'000;
  ::zmq_setsockopt(socket, ZMQ_RCVHWM, &high_water_mark, sizeof high_water_mark);
  if (::zmq_bind(socket, "tcp://127.0.0.1:*") != 0) {
    std::cerr << "ingest_floor: " << ::zmq_strerror(::zmq_errno()) << '\n';
    return 1;
  }
  char endpoint[256];
  std::size_t size = sizeof endpoint;
  ::zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size);
  std::cout << R"({"event":"started","endpoint":")" << endpoint << "\"}" << std::endl;

  std::atomic<std::uint64_t> decoded{0};
  std::thread receiver{[socket, &decoded] {
    zmq_msg_t message;
    ::zmq_msg_init(&message);
    while (::zmq_msg_recv(&message, socket, 0) >= 0) {
      msgpack::null_visitor nothing;
      std::size_t offset = 0;
      if (msgpack::parse(static_cast<const char*>(::zmq_msg_data(&message)), ::zmq_msg_size(&message), offset,
                         nothing)) {
        decoded.fetch_add(1, std::memory_order_relaxed);
      }
    }
    ::zmq_msg_close(&message);
    ::zmq_close(socket);
  }};
  std::string line;
  while (std::getline(std::cin, line)) {
    std::cout << R"({"event":"count","messages":)" << decoded.load(std::memory_order_relaxed) << '}'
              << std::endl;
  }
  ::zmq_ctx_shutdown(context);
  receiver.join();
  ::zmq_ctx_term(context);
}
